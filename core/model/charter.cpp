#include "core/model/charter.h"

#include "core/base/error.h"
#include "core/base/text.h"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace consortium::model {

namespace {

using base::Json;

template <class Item>
Item const* find(std::vector<Item> const& items, std::string_view id) {
    auto const found =
        std::find_if(items.begin(), items.end(), [&](Item const& item) { return item.id == id; });
    return found == items.end() ? nullptr : &*found;
}

Json decision_json(Decision const& decision) {
    return {
        {"actions", decision.actions},
        {"electorate", decision.electorate},
        {"proposers", decision.proposers},
        {"weight", {{"base", decision.weight}, {"members", decision.weights}}},
        {"quorum",
         {{"of", decision.quorum_of}, {"counts", decision.quorum_counts}, {"min", decision.quorum.text()}}},
        {"pass", {{"of", decision.pass_of}, {"min", decision.pass.text()}}},
        {"time",
         {{"window", decision.window.text()},
          {"timelock", decision.timelock.text()},
          {"lapses", decision.lapses.text()}}},
        {"ballot", {{"change", decision.ballot_change}}}};
}

Json tiers_json(Charter const& charter) {
    Json out = Json::object();
    for (Tier const& tier : charter.tiers) out[tier.id] = {{"rights", tier.rights}, {"weight", tier.weight}};
    return out;
}

Json decisions_json(Charter const& charter) {
    Json out = Json::object();
    for (Decision const& decision : charter.decisions) out[decision.id] = decision_json(decision);
    return out;
}

Json approvals_json(Charter const& charter) {
    Json out = Json::object();
    for (ApprovalRule const& rule : charter.approvals) {
        out[rule.id] = {{"officers", rule.officers},
                        {"members", rule.members},
                        {"roles", rule.roles},
                        {"exclude_proposer", rule.exclude_proposer}};
    }
    return out;
}

Json gates_json(Charter const& charter) {
    Json out = Json::object();
    for (Gate const& gate : charter.gates) out[gate.id] = {{"items", gate.items}, {"roles", gate.roles}};
    return out;
}

Json pools_json(Charter const& charter) {
    Json out = Json::object();
    for (CostPool const& pool : charter.pools) {
        out[pool.id] = {{"method", pool.method},
                        {"driver", pool.driver},
                        {"weights", pool.weights},
                        {"fallback", pool.fallback}};
    }
    return out;
}

}  // namespace

std::span<std::string_view const> known_roles() {
    static constexpr std::array<std::string_view, 6> roles{"governance", "security", "legal",
                                                           "operator",   "auditor",  "automation"};
    return roles;
}

bool Bound::holds(base::Rational const& share) const {
    return strict ? share > value : share >= value;
}

std::string Bound::text() const {
    return (strict ? ">" : ">=") + value.text();
}

Bound Bound::from_text(std::string_view text) {
    Bound bound;
    std::string_view rest = text;
    if (!rest.starts_with('>')) {
        throw base::Error(base::Code::malformed,
                          fmt::format("'{}' is not a bound: write \">=2/3\" or \">1/2\"",
                                      base::printable(text.substr(0, 80))));
    }
    rest.remove_prefix(1);
    bound.strict = !rest.starts_with('=');
    if (!bound.strict) rest.remove_prefix(1);
    bound.value = base::Rational::from_text(base::trimmed(rest));
    return bound;
}

Tier const* Charter::tier(std::string_view id) const {
    return find(tiers, id);
}

Decision const* Charter::decision(std::string_view id) const {
    return find(decisions, id);
}

Decision const* Charter::decision_for(std::string_view action) const {
    auto const covers = [&](Decision const& decision) {
        return std::find(decision.actions.begin(), decision.actions.end(), action) != decision.actions.end();
    };
    auto const found = std::find_if(decisions.begin(), decisions.end(), covers);
    return found == decisions.end() ? nullptr : &*found;
}

ApprovalRule const* Charter::approval(std::string_view id) const {
    return find(approvals, id);
}

Json to_json(Charter const& charter) {
    return {{"name", charter.name},
            {"time_zone", charter.time_zone},
            {"currency", charter.currency},
            {"agreement",
             {{"grace", charter.grace.text()},
              {"settle", charter.settle.text()},
              {"attempt", charter.attempt.text()},
              {"away", charter.away.text()},
              {"raised_quorum", charter.raised_quorum},
              {"midvote", charter.midvote}}},
            {"tier", tiers_json(charter)},
            {"decision", decisions_json(charter)},
            {"approval", approvals_json(charter)},
            {"gate", gates_json(charter)},
            {"pool", pools_json(charter)},
            {"exit", {{"notice", charter.exit_notice.text()}}}};
}

base::Digest digest(Charter const& charter) {
    return base::digest_of(to_json(charter));
}

}  // namespace consortium::model
