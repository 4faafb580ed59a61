#include "cli/mdoc.h"

#include "core/base/text.h"

#include <fmt/format.h>

namespace consortium::cli {

namespace {

constexpr std::size_t longest_line = 78;
constexpr std::string_view date = "November 21, 2026";  // of the last change that readers should notice

bool ends_sentence(std::string_view word) {
    return word.ends_with('.') || word.ends_with('?') || word.ends_with('!') || word.ends_with(':');
}

/// Characters beyond ASCII as mandoc writes them itself, so that lines are as long as it will find them. The
/// text is UTF-8 from the tables of commands.
std::string named_character(std::string_view text, std::size_t& at) {
    auto const lead = static_cast<unsigned char>(text[at]);
    int const more = lead >= 0xf0 ? 3 : lead >= 0xe0 ? 2 : 1;
    unsigned point = lead & (0x3fU >> more);
    for (int i = 0; i < more && at + 1 < text.size(); ++i) {
        point = (point << 6U) | (static_cast<unsigned char>(text[++at]) & 0x3fU);
    }
    return fmt::format("\\[u{:04X}]", point);
}

}  // namespace

Mdoc::Mdoc(std::string_view title, int section) {
    request("Dd " + std::string(date));
    request("Dt " + std::string(title) + " " + std::to_string(section));
    request("Os");
}

Mdoc& Mdoc::request(std::string_view line) {
    m_page.append(".").append(line).append("\n");
    return *this;
}

Mdoc& Mdoc::section(std::string_view title) {
    return request("Sh " + std::string(title));
}

void Mdoc::sentence(std::string_view words) {
    std::string line;
    auto const flush = [&] {
        if (line.starts_with('.') || line.starts_with('\'')) line.insert(0, "\\&");
        if (!line.empty()) m_page += line + '\n';
        line.clear();
    };
    for (auto const& word : base::split(words, ' ')) {
        if (word.empty()) continue;
        auto const safe = escaped(word);
        if (!line.empty() && line.size() + 1 + safe.size() > longest_line) flush();
        line += (line.empty() ? "" : " ") + safe;
        if (ends_sentence(word)) flush();
    }
    flush();
}

Mdoc& Mdoc::text(std::string_view words) {
    while (!words.empty()) {
        auto const end = words.find("\n\n");
        sentence(words.substr(0, end));
        if (end == std::string_view::npos) break;
        words.remove_prefix(end + 2);
        paragraph();
    }
    return *this;
}

Mdoc& Mdoc::display(std::string_view lines) {
    request("Bd -literal -offset indent");
    for (auto const& line : base::split(lines, '\n')) {
        auto safe = escaped(line);
        if (safe.starts_with('.') || safe.starts_with('\'')) safe.insert(0, "\\&");
        m_page += safe + '\n';
    }
    return request("Ed");
}

std::string Mdoc::escaped(std::string_view text) {
    std::string safe;
    for (std::size_t i = 0; i < text.size(); ++i) {
        char const c = text[i];
        if (static_cast<unsigned char>(c) >= 0x80) {
            safe += named_character(text, i);
            continue;
        }
        switch (c) {
            case '\\':
                safe += "\\e";
                break;
            case '-':
                safe += "\\-";
                break;
            case '~':
                safe += "\\(ti";
                break;
            case '^':
                safe += "\\(ha";
                break;
            case '`':
                safe += "\\(ga";
                break;
            default:
                safe += c;
        }
    }
    return safe;
}

std::string Mdoc::argument(std::string_view text) {
    std::string quoted;
    for (char const c : escaped(text)) quoted.append(c == '"' ? "\\(dq" : std::string(1, c));
    bool const plain = quoted.find(' ') == std::string::npos && !quoted.empty();
    return plain ? (quoted.size() < 3 ? "\\&" + quoted : quoted) : "\"" + quoted + "\"";
}

}  // namespace consortium::cli
