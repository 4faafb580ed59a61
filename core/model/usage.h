#pragma once

#include "core/base/json.h"

#include <map>

namespace consortium::model {

/// What one member used in one month: the sum of each quantity column of a usage file over its rows.
struct MemberUsage {
    std::string member;
    std::uint64_t rows = 0;
    base::Day first, last;                           // of its rows
    std::map<std::string, std::int64_t> quantities;  // by column: "transactions", "bytes", "gas"

    bool operator==(MemberUsage const&) const = default;
};

/// A usage file, read once: what allocations are computed from. Members sorted by id.
struct Usage {
    std::string month;   // "2026-10"
    base::Digest file;   // SHA-256 of its bytes
    std::string source;  // its name, without folders
    std::uint64_t rows = 0;
    std::vector<std::string> columns;  // the quantity columns, in the order of the file
    std::vector<MemberUsage> members;

    MemberUsage const* member(std::string_view id) const;
    bool operator==(Usage const&) const = default;
};

/// Quantities are written as decimal text: sums can exceed 2^53.
base::Json to_json(Usage const& usage);
Usage usage_from_json(base::Json const& value);

/// Quantities as JSON: {"bytes":"123"}; whole numbers in 64 bits. Throws Error(malformed).
base::Json quantities_to_json(std::map<std::string, std::int64_t> const& quantities);
std::map<std::string, std::int64_t> quantities_from_json(base::Json const& value, std::string const& pointer);
/// A whole number in decimal text, '-' allowed. Throws Error(malformed) naming `what`.
std::int64_t whole_number(std::string_view text, std::string_view what);

}  // namespace consortium::model
