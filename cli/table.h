#pragma once

#include "core/model/outcome.h"

#include <string>

namespace consortium::cli {

/// Columns aligned by what a terminal shows, two blanks between them; the sentence `when_empty` for no rows.
/// Hostile control characters are replaced. Ends with a line feed.
std::string render(model::Table const& table);
/// "name   value", values aligned; a value of several lines continues under its first.
std::string render(model::Fields const& fields);
/// Each line made printable.
std::string render(std::string const& paragraph);

/// Pads with blanks to `width` columns.
std::string padded(std::string text, std::size_t width);

}  // namespace consortium::cli
