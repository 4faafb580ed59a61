#include "core/base/text.h"
#include "core/flow/change_record.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace consortium::flow {

namespace {

using base::Json;

/// One line of plain text: nothing in it is markup, or ends a cell of a table.
std::string plain(std::string_view text) {
    std::string out;
    for (char const c : base::printable(text)) {
        if (std::string_view("\\`*_{}[]<>()#+-.!|~&").find(c) != std::string_view::npos) out += '\\';
        out += c == '\n' || c == '\r' ? ' ' : c;
    }
    return out;
}

std::string cell(Json const& value) {
    if (value.is_null()) return "";
    return plain(value.is_string() ? value.get<std::string>() : value.dump());
}

void add_fact(std::string& out, std::string_view name, Json const& value) {
    auto const words = cell(value);
    if (!words.empty()) out += fmt::format("- **{}:** {}\n", name, words);
}

void add_row(std::string& out, std::vector<std::string> const& cells) {
    out += "| " + base::join(cells, " | ") + " |\n";
}

void add_head(std::string& out, std::vector<std::string> const& names) {
    add_row(out, names);
    add_row(out, std::vector<std::string>(names.size(), "---"));
}

void add_what(Json const& record, std::string& out) {
    auto const& what = record["what"];
    out += "\n## What\n\n";
    add_fact(out, "Action", what["action"]);
    for (auto const& one : what["detail"]) add_fact(out, plain(one["key"].get<std::string>()), one["value"]);
    add_fact(out, "SHA-256 of the action", what["digest"]);
    auto const& back = record["rollback"];
    if (back.is_null()) {
        out += "- **Way back:** none was decided\n";
    } else {
        add_fact(out, "Way back",
                 back["release"].get<std::string>() + ", SHA-256 " + back["digest"].get<std::string>());
    }
}

void add_why(Json const& record, std::string& out) {
    auto const& why = record["why"];
    auto const& decision = record["decision"];
    out += "\n## Why, and who decided\n\n";
    add_fact(out, "Proposal", why["proposal"]);
    add_fact(out, "Proposed by",
             why["officer"].get<std::string>() + " of " + why["member"].get<std::string>() + ", " +
                 why["proposed"].get<std::string>());
    add_fact(out, "Voting ended", why["closed"]);
    add_fact(out, "Rule of the charter", why["rule"]);
    add_fact(out, "Outcome", decision["outcome"]);
    add_fact(out, "Tally", decision["words"]);
    add_fact(out, "Epoch", decision["epoch"]);
    add_fact(out, "Hash of the epoch", decision["hash"]);
    add_fact(out, "Committed by", base::join(decision["committed"].get<std::vector<std::string>>(), ", "));
    add_fact(out, "Final here", decision["received"]);
    add_fact(out, "Not before", decision["earliest"]);
    add_fact(out, "Lapses", decision["lapses"]);
    out += '\n';
    add_head(out, {"Member", "Vote", "Signed by", "Time", "Reason"});
    for (auto const& one : decision["votes"])
        add_row(out, {cell(one["member"]), cell(one["vote"]), cell(one["officer"]), cell(one["time"]),
                      cell(one["reason"])});
}

void add_execution(Json const& one, std::string& out) {
    out += fmt::format("\n### {} on {}\n\n", cell(one["what"]), cell(one["node"]));
    add_fact(out, "State", one["state"]);
    add_fact(out, "Release", one["release"]);
    add_fact(out, "Version", one["version"]);
    add_fact(out, "Carried out by",
             one["officer"].get<std::string>() + " of " + one["member"].get<std::string>());
    add_fact(out, "Begun", one["begun"]);
    add_fact(out, "Submitted", one["submitted"]);
    add_fact(out, "Finished", one["finished"]);
    add_fact(out, "Sealed", one["sealed"]);
    for (auto const& witness : one["witnesses"])
        add_fact(out, "Seen by " + plain(witness["node"].get<std::string>()), witness["words"]);
    add_fact(out, "Intent", one["intent"]);
}

}  // namespace

std::string change_markdown(base::Json const& record) {
    auto out = fmt::format("# Change {}: {}\n\n", cell(record["name"]), cell(record["what"]["title"]));
    if (record["rehearsal"] == true)
        out += "> Rehearsal: this consortium is simulated. Nothing here is evidence outside it.\n\n";
    add_fact(out, "Consortium", record["consortium"]);
    add_fact(out, "Outcome", record["outcome"]);
    add_what(record, out);
    add_why(record, out);
    out += fmt::format("\n## Execution on the nodes of {}\n", cell(record["member"]));
    if (record["executions"].empty()) out += "\nNothing was done on nodes of this workspace.\n";
    for (auto const& one : record["executions"]) add_execution(one, out);
    return out;
}

}  // namespace consortium::flow
