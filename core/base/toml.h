#pragma once

#include "core/base/json.h"

#include <map>

namespace consortium::base {

struct Position {
    int line = 0, column = 0;
};

/// A TOML text as JSON, with the place of every value. Dates become RFC 3339 text, fractions are refused
/// (write "1/3"). Throws Error(configuration) with details file, line, column.
struct Toml {
    JsonValue value;
    std::string source;                         // file name, for messages
    std::map<std::string, Position> positions;  // by JSON pointer: of a key, else of a list item

    static Toml parse(std::string_view text, std::string source);
    /// Where a pointer's value stands; for what is missing, the nearest table around it.
    Position place(std::string pointer) const;
    /// Runs `read`; an Error with a detail "pointer" gains file, line and column (of the nearest table around
    /// what is missing) and becomes Error(configuration).
    void locate(std::function<void()> const& read) const;
};

}  // namespace consortium::base
