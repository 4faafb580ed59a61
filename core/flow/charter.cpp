#include "core/flow/charter.h"

#include "core/base/error.h"
#include "core/base/text.h"
#include "core/flow/charter_diff.h"
#include "core/flow/charter_file.h"
#include "core/flow/charter_text.h"
#include "core/flow/genesis.h"
#include "core/flow/node.h"

#include <algorithm>
#include <fmt/format.h>
#include <map>
#include <nlohmann/json.hpp>

namespace consortium::flow {

namespace {

using base::Code;
using base::Error;
using base::Json;
using base::JsonValue;
using policy::Finding;
using policy::Party;
using policy::Severity;

std::shared_ptr<model::Epoch const> epoch_of(State const& state) {
    auto epoch = known_epoch(state.store);
    if (!epoch) static_cast<void>(state.joined());  // throws, and says how to join
    return epoch;
}

std::string_view word_of(Severity severity) {
    switch (severity) {
        case Severity::refused:
            return "refused";
        case Severity::warning:
            return "warning";
        default:
            return "note";
    }
}

Json findings_json(std::vector<Finding> const& findings, base::Toml const& toml) {
    Json out = Json::array();
    for (Finding const& finding : findings) {
        base::Position const at = toml.place(finding.pointer);
        out.push_back({{"severity", word_of(finding.severity)},
                       {"rule", finding.rule},
                       {"pointer", finding.pointer},
                       {"line", at.line},
                       {"column", at.column},
                       {"words", finding.words}});
    }
    return out;
}

model::Table findings_table(Json const& findings) {
    model::Table table{{"", "line", "what it means"}, {}, "nothing to remark"};
    for (Json const& finding : findings) {
        table.rows.push_back({finding["severity"].get<std::string>(),
                              std::to_string(finding["line"].get<int>()),
                              finding["words"].get<std::string>()});
    }
    return table;
}

bool any_refused(std::vector<Finding> const& findings) {
    return !findings.empty() && findings.front().severity == Severity::refused;  // the worst come first
}

/// What is checked, and for whom.
struct Checked {
    CharterFile file;
    std::vector<Party> parties;
    std::vector<Finding> findings;
};

Checked checked(model::Epoch const* epoch, model::Request const& request) {
    Checked out{read_charter_file(request.arguments->at("operand").get<std::string>()), {}, {}};
    out.parties = parties_for(request, out.file.charter, epoch);
    out.findings = policy::lint(out.file.charter, out.parties);
    return out;
}

model::Outcome said(Checked const& checked) {
    auto const& [file, parties, findings] = checked;
    Json items = findings_json(findings, file.toml);
    model::Outcome outcome;
    outcome.schema = "consortium.charter-check/1";
    outcome.text.emplace_back(
        fmt::format("charter '{}' for {}", file.charter.name,
                    parties.empty() ? "any members" : fmt::format("{} members", parties.size())));
    outcome.text.emplace_back(findings_table(items));
    outcome.data = JsonValue(Json{{"name", file.charter.name},
                                  {"digest", model::digest(file.charter).hex()},
                                  {"members", parties.size()},
                                  {"ok", !any_refused(findings)},
                                  {"items", std::move(items)}});
    if (parties.empty()) {
        outcome.next.push_back(fmt::format("consortium charter check {} --members {}=4", file.toml.source,
                                           file.charter.tiers.back().id));
    }
    if (any_refused(findings)) outcome.status = Code::refused;
    return outcome;
}

/// Who owns each seated validator, as the workspace knows its nodes; "" for one that it does not know.
policy::LedgerRule ledger_rule(State const& state, Services& services, std::string const& network) {
    auto const nodes = known_nodes(state.store, network);
    if (nodes.empty())
        throw Error(Code::not_found,
                    "no node of the network '" + base::printable(network) + "' is known here",
                    "run 'consortium node add'");
    std::map<std::string, std::string> owners;  // by address
    for (KnownNode const& known : nodes) owners[known.node.address] = known.node.member;
    auto const own = std::find_if(nodes.begin(), nodes.end(), [&](KnownNode const& known) {
        return known.node.member == state.self.member;
    });
    model::Node const& asked = own == nodes.end() ? nodes.front().node : own->node;
    policy::LedgerRule out{network, {}};
    for (model::Validator const& one : services.driver(asked.kind).validators(asked)) {
        auto const owner = owners.find(one.address);
        if (one.seated) out.owners.push_back(owner == owners.end() ? std::string() : owner->second);
    }
    return out;
}

}  // namespace

model::Outcome charter_check(model::Epoch const* epoch, model::Request const& request) {
    return said(checked(epoch, request));
}

model::Outcome charter_check_network(State const& state, Services& services, model::Request const& request) {
    auto const epoch = epoch_of(state);
    Checked all = checked(epoch.get(), request);
    auto const rule = ledger_rule(state, services, request.arguments->at("network").get<std::string>());
    for (Finding& one : policy::lint_ledger(all.file.charter, all.parties, rule))
        all.findings.push_back(std::move(one));
    std::stable_sort(all.findings.begin(), all.findings.end(), [](Finding const& left, Finding const& right) {
        return left.severity < right.severity;
    });
    return said(all);
}

model::Outcome charter_show(State const& state, model::Request const& /*request*/) {
    auto const epoch = epoch_of(state);
    model::Outcome outcome;
    outcome.schema = "consortium.charter/1";
    outcome.data = JsonValue(Json{{"epoch", epoch->number},
                                  {"digest", model::digest(epoch->charter).hex()},
                                  {"charter", model::to_json(epoch->charter)}});
    outcome.text = charter_text(*epoch);
    return outcome;
}

model::Outcome charter_diff(State const& state, model::Request const& request) {
    auto const epoch = epoch_of(state);
    CharterFile const file = read_charter_file(request.arguments->at("operand").get<std::string>());
    auto const differences = charter_differences(epoch->charter, file.charter);
    model::Outcome outcome;
    outcome.schema = "consortium.charter-diff/1";
    model::Table table{{"place", "in force", "in the file"}, {}, "the file says what is in force"};
    Json items = Json::array();
    for (CharterDifference const& one : differences) {
        items.push_back({{"pointer", one.pointer}, {"now", *one.before}, {"file", *one.after}});
        table.rows.push_back({one.pointer, charter_value(*one.before), charter_value(*one.after)});
    }
    outcome.text.emplace_back(std::move(table));
    if (!items.empty()) outcome.next.push_back("consortium charter amend " + file.toml.source);
    outcome.data = JsonValue(Json{{"epoch", epoch->number},
                                  {"now", model::digest(epoch->charter).hex()},
                                  {"file", model::digest(file.charter).hex()},
                                  {"items", std::move(items)}});
    return outcome;
}

}  // namespace consortium::flow
