#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

/// CSV as people hand it in, the same for every command that takes some: UTF-8 without quoting, a header that
/// names the columns, one row a line. And cells as we write them (RFC 4180).
namespace consortium::base {

inline constexpr std::size_t max_csv_line = 1u << 20;

/// The place in a text file at which something is wrong.
struct TextPlace {
    std::string source;      // the file's name, for messages
    std::string what;        // what such files are called: "usage files"
    std::uint64_t line = 0;  // of the line looked at, from 1; 0: none yet

    /// Throws Error(malformed) "source:line: words" with the details file, line and, where there is one,
    /// column.
    [[noreturn]] void fail(std::string const& words, std::string const& column = {},
                           std::string const& hint = {}) const;
};

/// Refuses a line that is too long, not UTF-8, quoted, or holds control characters.
void check_csv_line(TextPlace const& place, std::string_view line);
/// The header without the byte order mark that may stand before it, checked.
std::string_view csv_header(TextPlace const& place, std::string_view line);
/// Its columns, each named once.
std::vector<std::string> csv_columns(TextPlace const& place, std::string_view header);
/// The fields of a row, as many as there are columns. Refuses an empty line, and the header come again.
std::vector<std::string> csv_fields(TextPlace const& place, std::string_view line, std::string_view header,
                                    std::size_t columns);

/// Throws Error(malformed): `name` is not among `names`, and which of them may be meant by it.
[[noreturn]] void fail_missing_column(TextPlace const& place, std::string const& name,
                                      std::span<std::string const> names, std::string const& why,
                                      std::string const& header);

/// A cell that any reader takes for this text: quoted where it must be.
std::string csv_cell(std::string_view text);

}  // namespace consortium::base
