#include "core/flow/ca_page.h"

#include <algorithm>
#include <fmt/format.h>

namespace consortium::flow {

namespace {

struct Heading {
    PageSection section;
    char const* title;
    char const* words;
};

constexpr Heading headings[] = {
    {PageSection::roots, "Roots",
     "Compare a root&rsquo;s SHA-256 with one that you were told by somebody else before you trust it."},
    {PageSection::intermediates, "Intermediates",
     "Each certifies only what is said here. The names that bind it stand in its certificate, too."},
    {PageSection::links, "Links between roots",
     "They lead from one root to the other while both are in use."},
    {PageSection::bundle, "Bundles", "The same certificates in one file."},
    {PageSection::lists, "Revocation lists", "What was certified and holds no more."},
    {PageSection::ssh, "SSH", "Nothing signs these files: fetch them over HTTPS from a host that you trust."},
};

constexpr char const* style =
    "body{font:16px/1.5 sans-serif;color:#1d2530;max-width:72rem;margin:2rem auto;padding:0 1rem}"
    "h2{font-size:1.15rem;margin:2rem 0 0}p{margin:.25rem 0 .5rem;color:#4a5563}"
    "table{border-collapse:collapse;width:100%;table-layout:fixed}th{text-align:left;font-weight:600;font-"
    "size:.85rem}"
    "td,th{padding:.5rem 1rem .5rem 0;border-top:1px solid #d5dbe3;vertical-align:top}"
    "td:first-child,td:last-child{white-space:nowrap}td:first-child,th:first-child{width:14rem}"
    "td:last-child,th:last-child{width:13rem}"
    "code{font-size:.82rem;color:#5b6675;overflow-wrap:anywhere}"
    "@media(max-width:46rem){td,th{display:block;border:0;padding:.1rem 0}tr{border-top:1px solid "
    "#d5dbe3;display:block;padding:.5rem "
    "0}tr:first-child{display:none}td:first-child,td:last-child{width:auto}"
    "td:last-child:not(:empty)::before{content:'until '}}";

std::string escaped(std::string_view text) {
    std::string out;
    for (char const c : text) {
        switch (c) {
            case '<':
                out += "&lt;";
                break;
            case '>':
                out += "&gt;";
                break;
            case '&':
                out += "&amp;";
                break;
            case '"':
                out += "&quot;";
                break;
            default:
                out += c;
        }
    }
    return out;
}

std::string row_text(PageRow const& row) {
    auto what = escaped(row.words);
    if (!row.more.empty()) what += "<br>" + escaped(row.more);
    if (!row.digest.empty()) what += "<br><code>SHA-256 " + escaped(row.digest) + "</code>";
    return fmt::format("<tr><td><a href=\"{0}\">{0}</a></td><td>{1}</td><td>{2}</td></tr>\n",
                       escaped(row.path), what, row.until ? row.until->text() : "");
}

std::string section_text(Heading const& heading, std::vector<PageRow> const& rows) {
    std::string lines;
    for (auto const& row : rows)
        if (row.section == heading.section) lines += row_text(row);
    if (lines.empty()) return {};
    return fmt::format(
        "<h2>{}</h2>\n<p>{}</p>\n<table>\n<tr><th>File</th><th>What it is</th><th>Until</th></tr>\n{}"
        "</table>\n",
        heading.title, heading.words, lines);
}

}  // namespace

std::string certificates_page(std::string const& title, std::vector<PageRow> const& rows,
                              std::size_t answers) {
    std::string sections;
    for (auto const& heading : headings) sections += section_text(heading, rows);
    if (answers > 0) {
        sections += fmt::format(
            "<p>The folder <code>ocsp</code> answers for {} certificates (OCSP by GET).</p>\n", answers);
    }
    return fmt::format(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n"
        "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>{0}</title>\n"
        "<style>{1}</style>\n<h1>{0}</h1>\n{2}</html>\n",
        escaped(title), style, sections);
}

}  // namespace consortium::flow
