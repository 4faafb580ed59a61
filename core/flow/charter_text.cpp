#include "core/flow/charter_text.h"

#include "core/base/text.h"
#include "core/flow/certificate_profile.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace consortium::flow {

namespace {

using base::join;
using model::Charter;
using model::Table;

model::Fields head(model::Epoch const& epoch) {
    Charter const& charter = epoch.charter;
    return {{{"charter", charter.name},
             {"epoch", std::to_string(epoch.number)},
             {"digest", model::digest(charter).hex()},
             {"currency", charter.currency},
             {"time zone", charter.time_zone},
             {"exit notice", charter.exit_notice.text()}}};
}

Table tiers(Charter const& charter) {
    Table table{{"tier", "rights", "weight"}, {}, "no tiers"};
    for (model::Tier const& tier : charter.tiers) {
        table.rows.push_back({tier.id, join(tier.rights, ", "), std::to_string(tier.weight)});
    }
    return table;
}

/// What a decision asks beyond quorum and threshold.
std::string also(model::Decision const& decision) {
    std::vector<std::string> out;
    if (decision.weight_cap) out.push_back("nobody above " + decision.weight_cap->text());
    if (decision.veto)
        out.push_back(fmt::format("veto from {} of {}", decision.veto->min.text(), decision.veto->of));
    for (model::ClassMajority const& one : decision.classes)
        out.push_back(fmt::format("{} of {} {}", one.min.text(), one.of, one.tier));
    if (decision.optimistic)
        out.push_back(
            fmt::format("unless {} of {} object", decision.optimistic->min.text(), decision.optimistic->of));
    if (decision.expedited)
        out.push_back(
            fmt::format("in {} by {}", decision.expedited->window.text(), decision.expedited->pass.text()));
    if (decision.emergency)
        out.push_back(fmt::format("in an emergency by {} of all", decision.emergency->min.text()));
    if (!decision.recusal.empty()) out.push_back("recusal: " + join(decision.recusal, ", "));
    if (decision.delegation) out.emplace_back("delegation");
    if (!decision.casting.empty()) out.push_back("a tie is broken by " + decision.casting);
    if (decision.reasoned_no) out.emplace_back("a no needs a reason");
    if (!decision.proposer.deposit.empty()) out.push_back("deposit " + decision.proposer.deposit);
    if (decision.finding) out.emplace_back("after a finding of the panel");
    return out.empty() ? "-" : join(out, "; ");
}

Table decisions(Charter const& charter) {
    Table table{
        {"decision", "on", "by", "quorum", "passes", "window", "timelock", "also"}, {}, "no decisions"};
    for (model::Decision const& decision : charter.decisions) {
        table.rows.push_back({decision.id, join(decision.actions, ", "), join(decision.electorate, ", "),
                              decision.quorum.text(),
                              fmt::format("{} of {}", decision.pass.text(), decision.pass_of),
                              decision.window.text(), decision.timelock.text(), also(decision)});
    }
    return table;
}

Table approvals(Charter const& charter) {
    Table table{{"approval", "officers", "of members", "roles", "proposer"}, {}, "no approval rules"};
    for (model::ApprovalRule const& rule : charter.approvals) {
        table.rows.push_back({rule.id, std::to_string(rule.officers), std::to_string(rule.members),
                              join(rule.roles, ", "), rule.exclude_proposer ? "does not count" : "counts"});
    }
    return table;
}

Table gates(Charter const& charter) {
    Table table{{"gate", "evidence", "checked by"}, {}, "no gates"};
    for (model::Gate const& gate : charter.gates) {
        table.rows.push_back({gate.id, join(gate.items, ", "), join(gate.roles, ", ")});
    }
    return table;
}

Table pools(Charter const& charter) {
    Table table{{"pool", "shared by", "of"}, {}, "no cost pools"};
    for (model::CostPool const& pool : charter.pools) {
        std::string of = pool.driver;
        for (auto const& [member, weight] : pool.weights) {
            of += fmt::format("{}{} {}", of.empty() ? "" : ", ", member, weight);
        }
        table.rows.push_back({pool.id, pool.method, of});
    }
    return table;
}

/// Those of which the charter says something.
Table certificates(Charter const& charter) {
    std::vector<model::Profile> out;
    out.reserve(charter.certificates.size());
    for (model::ProfileRule const& rule : charter.certificates)
        out.push_back(model::profile_of(charter, rule.id));
    auto table = profile_table(out);
    table.when_empty = "certificate profiles as they are built in";
    return table;
}

}  // namespace

std::vector<model::Paragraph> charter_text(model::Epoch const& epoch) {
    Charter const& charter = epoch.charter;
    return {head(epoch),    tiers(charter), decisions(charter),   approvals(charter),
            gates(charter), pools(charter), certificates(charter)};
}

}  // namespace consortium::flow
