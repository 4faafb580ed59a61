#pragma once

#include <string>
#include <string_view>

namespace consortium::cli {

/// Writes a manual page in mdoc(7), so that mandoc -Tlint has nothing to say: escaped text, one sentence a
/// line, no line longer than 80 characters.
class Mdoc {
public:
    Mdoc(std::string_view title, int section);

    /// A request line: "." and these words, verbatim.
    Mdoc& request(std::string_view line);
    Mdoc& section(std::string_view title);
    /// Running text; blank lines separate paragraphs.
    Mdoc& text(std::string_view words);
    /// A literal block, indented.
    Mdoc& display(std::string_view lines);
    Mdoc& paragraph() { return request("Pp"); }

    std::string const& page() const { return m_page; }

    /// For arguments of requests: characters with a meaning are escaped.
    static std::string escaped(std::string_view text);
    /// One argument of a request: escaped, quoted where it has blanks.
    static std::string argument(std::string_view text);

private:
    void sentence(std::string_view words);
    std::string m_page;
};

}  // namespace consortium::cli
