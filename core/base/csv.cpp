#include "core/base/csv.h"

#include "core/base/error.h"
#include "core/base/text.h"

#include <algorithm>
#include <fmt/format.h>

namespace consortium::base {

namespace {

constexpr std::size_t longest_column = 63;

}  // namespace

void TextPlace::fail(std::string const& words, std::string const& column, std::string const& hint) const {
    Error::Details details{{"file", source}, {"line", std::to_string(line)}};
    if (!column.empty()) details.emplace_back("column", column);
    throw Error(Code::malformed, fmt::format("{}:{}: {}", printable(source), line, words), hint,
                std::move(details));
}

void check_csv_line(TextPlace const& place, std::string_view line) {
    if (!is_utf8(line)) place.fail("the line is not UTF-8", {}, "save the file as UTF-8");
    if (line.find('"') != std::string_view::npos)
        place.fail("fields are not quoted in " + place.what, {},
                   "write the names bare, without commas in them");
    for (char const byte : line)
        if (static_cast<unsigned char>(byte) < 0x20 || byte == 0x7f)
            place.fail(
                fmt::format("the line holds the control character 0x{:02x}", static_cast<unsigned>(byte)));
}

std::string_view csv_header(TextPlace const& place, std::string_view line) {
    if (line.starts_with("\xef\xbb\xbf")) line.remove_prefix(3);
    check_csv_line(place, line);
    return line;
}

std::vector<std::string> csv_columns(TextPlace const& place, std::string_view header) {
    auto names = split(header, ',');
    for (auto name = names.begin(); name != names.end(); ++name) {
        if (name->empty() || name->size() > longest_column)
            place.fail(fmt::format("column {} of the header has no usable name", name - names.begin() + 1));
        if (std::find(names.begin(), name, *name) != name)
            place.fail(fmt::format("the header names the column '{}' twice", *name), *name);
    }
    return names;
}

std::vector<std::string> csv_fields(TextPlace const& place, std::string_view line, std::string_view header,
                                    std::size_t columns) {
    check_csv_line(place, line);
    if (line.empty()) place.fail("the line is empty");
    if (line == header) place.fail("the header comes again: were two files joined?");
    auto fields = split(line, ',');
    if (fields.size() != columns)
        place.fail(fmt::format("the line has {} fields, the header {}", fields.size(), columns));
    return fields;
}

void fail_missing_column(TextPlace const& place, std::string const& name, std::span<std::string const> names,
                         std::string const& why, std::string const& header) {
    auto const near = nearest(name, names);
    place.fail(fmt::format("the column '{}' is missing{}", name, why), name,
               near.empty() ? "the header is: " + header : fmt::format("is it '{}'?", printable(near)));
}

std::string csv_cell(std::string_view text) {
    if (text.find_first_of(",\"\n\r") == std::string_view::npos) return std::string(text);
    std::string quoted = "\"";
    for (char const c : text) quoted.append(c == '"' ? 2 : 1, c);
    return quoted + '"';
}

}  // namespace consortium::base
