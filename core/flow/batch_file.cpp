#include "core/flow/batch_file.h"

#include "core/base/error.h"
#include "core/base/text.h"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace consortium::flow {

using base::Json;
using base::JsonValue;

namespace {

constexpr std::size_t max_text = 256u << 20;
constexpr std::size_t longest_stem = 200;
constexpr std::string_view byte_order_mark = "\xef\xbb\xbf";
constexpr char const* example = "name,also,csr";

std::vector<std::string> const known{"name",      "profile", "also", "unit", "member",
                                     "valid_for", "csr",     "type", "file"};

/// Columns that are arguments of `cert issue` as they stand.
constexpr std::array<std::pair<std::string_view, char const*>, 5> plain{{{"profile", "profile"},
                                                                         {"unit", "unit"},
                                                                         {"member", "member"},
                                                                         {"valid_for", "valid-for"},
                                                                         {"type", "type"}}};

bool is_plain(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '_' || c == '-';
}

bool is_stem(std::string_view text) {
    return !text.empty() && text.size() <= longest_stem && text.front() != '.' && text.front() != '-' &&
           std::ranges::all_of(text, is_plain);
}

/// "node1.acme.example" as it is, "fd00::1" as "fd00--1".
std::string stem_of(std::string_view name) {
    std::string out;
    for (char const c : name.substr(0, longest_stem)) out += is_plain(c) ? c : '-';
    auto const begin = out.find_first_not_of(".-");
    return begin == std::string::npos ? "certificate" : out.substr(begin);
}

/// ';' or a blank between names.
Json listed(std::string text) {
    std::ranges::replace(text, ';', ' ');
    Json out = Json::array();
    for (auto& name : base::split(text, ' ')) {
        if (!name.empty()) out.push_back(std::move(name));
    }
    return out;
}

void put(BatchRow& row, Json& arguments, std::string const& column, std::string const& value) {
    if (value.empty()) return;
    if (column == "name") arguments["operand"] = value;
    if (column == "also") arguments["also"] = listed(value);
    if (column == "csr") row.request = value;
    if (column == "file") row.stem = value;
    for (auto const& [name, key] : plain) {
        if (column == name) arguments[key] = value;
    }
}

void read_json(std::string_view line, BatchRow& row, Json& arguments) {
    auto const value = base::parse_json(line, {.bytes = base::max_csv_line, .depth = 2});
    if (!value.is_object()) throw base::Error(base::Code::malformed, "the line is no JSON object");
    base::JsonReader in(value);
    for (auto const& column : known) {
        if (column == "also" || !in.has(column)) continue;
        auto const most = column == "csr" ? base::max_csv_line : std::size_t{4096};
        put(row, arguments, column, in.optional_text(column, most).value_or(""));
    }
    if (in.has("also")) arguments["also"] = in.texts("also", base::max_csv_line);
    in.done();
}

}  // namespace

BatchFile::BatchFile(base::Path const& path) : m_path(std::filesystem::absolute(path).lexically_normal()) {
    if (path == "-") {
        throw base::Error(base::Code::usage, "a batch is read again to go on with it, and so not from '-'",
                          "write it to a file");
    }
    m_text = base::read_text(m_path, max_text);
    m_digest = base::sha256(m_text);
    read_lines();
}

base::TextPlace BatchFile::place(std::size_t row) const {
    return {m_path.filename().string(), "batches", row + (m_columns.empty() ? 1 : 2)};
}

void BatchFile::read_header(std::string_view line) {
    base::TextPlace const here{m_path.filename().string(), "batches", 1};
    m_header = base::csv_header(here, line);
    m_columns = base::csv_columns(here, m_header);
    for (auto const& column : m_columns) {
        if (std::ranges::find(known, column) != known.end()) continue;
        auto const near = base::nearest(column, known);
        here.fail(
            fmt::format("there is no column '{}' in batches", base::printable(column)), column,
            near.empty() ? "the columns are: " + base::join(known, ",") : fmt::format("is it '{}'?", near));
    }
    if (std::ranges::find(m_columns, "name") == m_columns.end())
        base::fail_missing_column(here, "name", m_columns, "", example);
}

void BatchFile::read_lines() {
    std::string_view rest = m_text;
    if (rest.starts_with(byte_order_mark)) rest.remove_prefix(byte_order_mark.size());
    bool const is_json = rest.starts_with('{');
    base::TextPlace here{m_path.filename().string(), "batches", 0};
    while (!rest.empty()) {
        ++here.line;
        auto const end = rest.find('\n');
        // A name that is cut off would still be a name; a JSON object would not.
        if (end == std::string_view::npos && !is_json)
            here.fail("the last line does not end: is the file cut off?", {},
                      "end it with a line feed if the file is whole");
        auto line = rest.substr(0, end);
        rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
        if (line.size() > base::max_csv_line) here.fail("the line is longer than 1 MiB");
        if (line.ends_with('\r')) line.remove_suffix(1);
        if (here.line == 1 && !is_json) {
            read_header(line);
            continue;
        }
        if (m_rows.size() == max_batch_rows)
            here.fail(fmt::format("a batch has at most {} rows", max_batch_rows), {}, "split the file");
        m_rows.push_back(line);
    }
    if (here.line == 0) ++here.line;
    if (m_rows.empty())
        here.fail("the file holds no rows", {}, std::string("a header is, for one: ") + example);
}

std::vector<std::pair<std::string, std::string>> BatchFile::csv_cells(std::size_t row) const {
    auto fields = base::csv_fields(place(row), m_rows[row], m_header, m_columns.size());
    std::vector<std::pair<std::string, std::string>> out;
    for (std::size_t i = 0; i < fields.size(); ++i)
        out.emplace_back(m_columns[i], std::string(base::trimmed(fields[i])));
    return out;
}

BatchRow BatchFile::row(std::size_t index, Json const& defaults) const {
    auto const here = place(index);
    BatchRow out;
    Json arguments = defaults;
    if (m_columns.empty()) {
        try {
            read_json(m_rows[index], out, arguments);
        } catch (base::Error const& error) {
            here.fail(error.message(), {}, error.hint());
        }
    } else {
        for (auto const& [column, value] : csv_cells(index)) put(out, arguments, column, value);
    }
    if (!arguments.contains("operand")) here.fail("the row has no name", "name");
    if (!out.stem.empty() && !is_stem(out.stem))
        here.fail(fmt::format("'{}' cannot be the name of a file here", base::printable(out.stem)), "file",
                  "use letters, digits, '.', '_' and '-', and begin with a letter or digit");
    if (out.stem.empty()) out.stem = stem_of(arguments.at("operand").get<std::string>());
    bool const is_path = !out.request.empty() && !out.request.starts_with("-----BEGIN");
    if (is_path) out.request = (m_path.parent_path() / out.request).lexically_normal().string();
    out.arguments = JsonValue(std::move(arguments));
    return out;
}

}  // namespace consortium::flow
