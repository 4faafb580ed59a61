#include "core/flow/change_record.h"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

using namespace consortium;
using base::Json;

namespace {

Json record(std::string const& title) {
    return {{"name", "p-3fa9c1"},
            {"consortium", "payments"},
            {"rehearsal", true},
            {"member", "acme"},
            {"what",
             {{"title", title},
              {"action", "release.upgrade"},
              {"detail", Json::array({{{"key", "release"}, {"value", "r-2"}}})},
              {"digest", std::string(64, 'a')}}},
            {"why",
             {{"proposal", std::string(64, 'b')},
              {"name", "p-3fa9c1"},
              {"member", "acme"},
              {"officer", "ada"},
              {"proposed", "2026-10-01T09:00:00Z"},
              {"closed", "2026-10-02T09:00:00Z"},
              {"rule", "operate"},
              {"base", 1}}},
            {"decision",
             {{"outcome", "passed"},
              {"reason", ""},
              {"words", "passes"},
              {"votes", Json::array({{{"member", "acme"},
                                      {"vote", "yes"},
                                      {"officer", nullptr},
                                      {"time", nullptr},
                                      {"reason", title}}})},
              {"epoch", 2},
              {"hash", std::string(64, 'c')},
              {"committed", {"acme", "globex"}},
              {"received", "2026-10-02T10:00:00Z"},
              {"earliest", "2026-10-03T10:00:00Z"},
              {"lapses", "2026-11-01T10:00:00Z"}}},
            {"executions", Json::array()},
            {"outcome", "not carried out"},
            {"rollback", {{"release", "r-1"}, {"digest", std::string(64, 'd')}}}};
}

}  // namespace

TEST_CASE("a change record as Markdown: what, why, who, the way back") {
    auto const text = flow::change_markdown(record("upgrade"));
    CHECK(text.starts_with("# Change p\\-3fa9c1: upgrade\n\n> Rehearsal"));
    CHECK(text.find("- **Action:** release\\.upgrade\n") != std::string::npos);
    CHECK(text.find("- **Way back:** r\\-1, SHA\\-256 ddd") != std::string::npos);
    CHECK(text.find("- **Committed by:** acme, globex\n") != std::string::npos);
    CHECK(text.find("Nothing was done on nodes of this workspace.") != std::string::npos);
}

TEST_CASE("nothing that others wrote is markup, or leaves its line or cell") {
    auto const text = flow::change_markdown(record("a|b\n# c <script> [x](y) `z` **d** \x1b[2J"));
    CHECK(text.find("\n# c") == std::string::npos);
    CHECK(text.find("<script>") == std::string::npos);
    CHECK(text.find("\\<script\\>") != std::string::npos);
    CHECK(text.find("[x](") == std::string::npos);
    CHECK(text.find('\x1b') == std::string::npos);
    // The row of the vote still has five cells.
    auto const row = text.substr(text.find("| acme |"));
    auto const line = row.substr(0, row.find('\n'));
    std::size_t bars = 0;
    for (std::size_t i = 0; i < line.size(); ++i)
        if (line[i] == '|' && (i == 0 || line[i - 1] != '\\')) ++bars;
    CHECK(bars == 6);
}
