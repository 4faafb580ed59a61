#include "core/model/charter.h"

#include "core/model/charter_read.h"

#include <algorithm>
#include <array>
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

Json tiers_json(Charter const& charter) {
    Json out = Json::object();
    for (Tier const& tier : charter.tiers) {
        out[tier.id] = {{"rights", tier.rights}, {"weight", reading::weight_json(tier.weight)}};
    }
    return out;
}

Json decisions_json(Charter const& charter) {
    Json out = Json::object();
    for (Decision const& decision : charter.decisions) out[decision.id] = to_json(decision);
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
                        {"weights", reading::weights_json(pool.weights)},
                        {"fallback", pool.fallback}};
    }
    return out;
}

Json roles_json(Charter const& charter) {
    Json out = Json::object();
    for (RoleRule const& rule : charter.roles) {
        Json one = Json::object();
        if (!rule.apart.empty()) one["apart"] = rule.apart;
        if (rule.term != base::Duration{}) one["term"] = rule.term.text();
        if (rule.least != 0) one["least"] = rule.least;
        if (rule.most != 0) one["most"] = rule.most;
        out[rule.id] = std::move(one);
    }
    return out;
}

Json certificates_json(Charter const& charter) {
    Json out = Json::object();
    for (ProfileRule const& rule : charter.certificates) out[rule.id] = to_json(rule);
    return out;
}

Json arbitration_json(Arbitration const& rule) {
    Json out{{"panel", rule.panel},     {"tiers", rule.tiers},          {"roles", rule.roles},
             {"strikes", rule.strikes}, {"answer", rule.answer.text()}, {"ruling", rule.ruling.text()}};
    if (rule.appeal != base::Duration{}) out["appeal"] = rule.appeal.text();
    if (rule.appealed) out["appealed"] = *rule.appealed;
    return out;
}

Json sanctions_json(Charter const& charter) {
    Json out = Json::array();
    for (Sanction const& rung : charter.sanctions) {
        Json one{{"step", rung.step}};
        if (rung.lasts != base::Duration{}) one["lasts"] = rung.lasts.text();
        out.push_back(std::move(one));
    }
    return out;
}

}  // namespace

std::span<std::string_view const> known_roles() {
    static constexpr std::array<std::string_view, 6> roles{"governance", "security", "legal",
                                                           "operator",   "auditor",  "automation"};
    return roles;
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

RoleRule const* Charter::role(std::string_view id) const {
    return find(roles, id);
}

std::string const& Charter::midvote_of(Decision const& decision) const {
    return decision.midvote_amend.empty() ? midvote : decision.midvote_amend;
}

Json to_json(Charter const& charter) {
    Json out{{"name", charter.name},
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
    if (charter.rekey != "fellow") out["agreement"]["rekey"] = charter.rekey;
    if (!charter.roles.empty()) out["role"] = roles_json(charter);
    if (charter.arbitration) out["arbitration"] = arbitration_json(*charter.arbitration);
    if (!charter.sanctions.empty()) out["sanctions"] = sanctions_json(charter);
    if (!charter.certificates.empty()) out["certificate"] = certificates_json(charter);
    if (!charter.unamendable.empty()) out["unamendable"] = charter.unamendable;
    return out;
}

base::Digest digest(Charter const& charter) {
    return base::digest_of(to_json(charter));
}

}  // namespace consortium::model
