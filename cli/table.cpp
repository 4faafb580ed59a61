#include "cli/table.h"

#include "core/base/text.h"

#include <algorithm>

namespace consortium::cli {

namespace {

constexpr std::string_view gap = "  ";

void trim_end(std::string& line) {
    line.erase(line.find_last_not_of(' ') + 1);
}

std::string row_text(std::vector<std::string> const& cells, std::vector<std::size_t> const& widths) {
    std::string line;
    for (std::size_t i = 0; i < cells.size(); ++i) {
        if (i > 0) line += gap;
        line += padded(base::printable(cells[i]), i < widths.size() ? widths[i] : 0);
    }
    trim_end(line);
    return line + '\n';
}

void widen(std::vector<std::size_t>& widths, std::vector<std::string> const& cells) {
    if (cells.size() > widths.size()) widths.resize(cells.size());
    for (std::size_t i = 0; i < cells.size(); ++i) {
        widths[i] = std::max(widths[i], base::columns(base::printable(cells[i])));
    }
}

}  // namespace

std::string padded(std::string text, std::size_t width) {
    auto const used = base::columns(text);
    if (used < width) text.append(width - used, ' ');
    return text;
}

std::string render(model::Table const& table) {
    if (table.rows.empty()) return table.when_empty.empty() ? std::string{} : render(table.when_empty);
    std::vector<std::size_t> widths;
    widen(widths, table.columns);
    for (auto const& row : table.rows) widen(widths, row);
    std::string text = table.columns.empty() ? std::string{} : row_text(table.columns, widths);
    for (auto const& row : table.rows) text += row_text(row, widths);
    return text;
}

std::string render(model::Fields const& fields) {
    std::size_t width = 0;
    for (auto const& [name, value] : fields.rows)
        width = std::max(width, base::columns(base::printable(name)));
    std::string text;
    for (auto const& [name, value] : fields.rows) {
        std::string label = base::printable(name);
        for (auto const& part : base::split(value, '\n')) {
            std::string line = padded(std::exchange(label, {}), width);
            line.append(gap).append(base::printable(part));
            trim_end(line);
            text += line + '\n';
        }
    }
    return text;
}

std::string render(std::string const& paragraph) {
    std::string text;
    std::string_view rest = paragraph;
    while (rest.ends_with('\n')) rest.remove_suffix(1);
    for (auto const& line : base::split(rest, '\n')) text += base::printable(line) + '\n';
    return text;
}

}  // namespace consortium::cli
