#include "core/flow/tier.h"

#include "core/agreement/effect.h"
#include "core/base/error.h"
#include "core/base/file.h"
#include "core/base/text.h"
#include "core/flow/officer.h"
#include "core/flow/officer_recovery.h"
#include "core/flow/own_change.h"
#include "core/flow/proposal.h"
#include "core/policy/tally.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace consortium::flow {

namespace {

using base::Code;
using base::Error;
using base::Json;
using base::JsonValue;

constexpr std::size_t max_evidence_file = 16u << 20;  // as any file that an act names (PROTOCOL P3)

std::string text_of(model::Request const& request, char const* name) {
    return request.arguments->at(name).get<std::string>();
}

model::Member const& find_member(model::Epoch const& epoch, std::string const& id) {
    if (auto const* member = epoch.member(id)) return *member;
    std::vector<std::string> ids;
    ids.reserve(epoch.members.size());
    for (auto const& member : epoch.members) ids.push_back(member.id);
    auto const near = base::nearest(id, ids);
    throw Error(Code::not_found, "no member '" + base::printable(id) + "'",
                near.empty() ? "run 'consortium member list'" : "did you mean '" + near + "'?");
}

/// A charter that was written before an action existed says how to decide it once it is amended.
void need_decision(model::Charter const& charter, std::string const& action) {
    if (charter.decision_for(action) != nullptr) return;
    throw Error(Code::refused, "no decision of the charter covers '" + action + "'",
                "add it to the actions of one with 'consortium charter amend'", {{"action", action}});
}

/// The latest epoch as it would be if this passed. The reason, if it could not be made true, goes into the
/// verdict.
model::Epoch trial(State const& state, model::Action const& action, base::Instant closes,
                   model::Verdict& verdict) {
    auto next = state.joined();
    ++next.number;
    model::Proposal proposal;
    proposal.action = action;
    proposal.closes = closes;
    auto const reason = agreement::enact(state.store, next, proposal);
    verdict.require("enactable", reason.empty(), reason.empty() ? "it can be made true" : reason);
    return next;
}

void warn_of_sizes(model::Epoch const& now, model::Epoch const& next, model::Plan& plan) {
    auto const before = model::sizes(now), after = model::sizes(next);
    if (before.n == after.n) return;
    plan.warnings.push_back(
        fmt::format("{} voting members become {}; quorum {} becomes {}, {} may fail instead of {}", before.n,
                    after.n, before.q, after.q, after.f, before.f));
    if (before.f > 0 && after.f == 0)
        plan.warnings.emplace_back("with fewer than four voting members one cheat can fork the consortium");
    for (auto const& decision : next.charter.decisions)
        if (policy::electorate(next, decision).empty() && !policy::electorate(now, decision).empty())
            plan.warnings.push_back("nobody would be left to vote on '" + decision.id + "'");
}

model::Plan plan_of_action(State const& state, model::Request const& request, model::Action const& action,
                           std::string const& title) {
    auto const& epoch = state.joined();
    model::Plan plan;
    plan.request = request;
    plan.epoch = model::reference(epoch);
    need_decision(epoch.charter, action.kind);
    ProposalOptions options;
    options.title = request.arguments->value("title", title);
    if (request.arguments->contains("closes"))
        options.closes = base::Instant::from_text(text_of(request, "closes"));
    auto const step = propose(state, action, options);
    auto const closes = options.closes.value_or(state.now + epoch.charter.decision_for(action.kind)->window);
    auto const next = trial(state, action, closes, plan.verdict);
    if (!plan.verdict.allowed()) return plan;
    warn_of_sizes(epoch, next, plan);
    plan.steps.push_back(step);
    plan.verdict.next = "consortium exchange sync";
    return plan;
}

}  // namespace

model::Outcome tier_list(State const& state, model::Request const&) {
    auto const& epoch = state.joined();
    model::Outcome outcome;
    outcome.schema = "consortium.tier.list/1";
    Json items = Json::array();
    model::Table table{{"tier", "rights", "weight", "members"}, {}, "the charter has no tiers"};
    for (auto const& tier : epoch.charter.tiers) {
        std::vector<std::string> members;
        for (auto const& member : epoch.members)
            if (member.tier == tier.id && (member.status == "active" || member.status == "suspended"))
                members.push_back(member.id);
        items.push_back(
            {{"id", tier.id}, {"rights", tier.rights}, {"weight", tier.weight}, {"members", members}});
        table.rows.push_back(
            {tier.id, base::join(tier.rights, ", "), std::to_string(tier.weight), base::join(members, ", ")});
    }
    outcome.data = JsonValue(Json{{"items", std::move(items)}});
    outcome.text = {table};
    return outcome;
}

model::Plan plan_tier_set(State const& state, model::Request const& request) {
    auto const& member = find_member(state.joined(), text_of(request, "operand"));
    auto const tier = text_of(request, "tier");
    if (state.joined().charter.tier(tier) == nullptr)
        throw Error(Code::not_found, "the charter has no tier '" + base::printable(tier) + "'",
                    "run 'consortium tier list'");
    if (member.tier == tier)
        throw Error(Code::conflict, "'" + member.id + "' is in the tier '" + tier + "' already", "");
    return plan_of_action(state, request,
                          {"member.tier", JsonValue(Json{{"member", member.id}, {"tier", tier}})},
                          "move " + member.id + " from tier " + member.tier + " to " + tier);
}

model::Plan plan_member_suspend(State const& state, model::Request const& request) {
    auto const& member = find_member(state.joined(), text_of(request, "operand"));
    Json detail{{"member", member.id}, {"reason", text_of(request, "reason")}};
    std::string until;
    if (request.arguments->contains("until")) {
        detail["until"] = base::Instant::from_typed(text_of(request, "until")).text();
        until = " until " + detail["until"].get<std::string>();
    }
    return plan_of_action(state, request, {"member.suspend", JsonValue(std::move(detail))},
                          "suspend " + member.id + until);
}

model::Plan plan_member_reinstate(State const& state, model::Request const& request) {
    auto const& member = find_member(state.joined(), text_of(request, "operand"));
    return plan_of_action(state, request, {"member.reinstate", JsonValue(Json{{"member", member.id}})},
                          "reinstate " + member.id);
}

model::Plan plan_officer_recover(State const& state, model::Request const& request) {
    auto const& officer = find_officer(state.joined(), text_of(request, "operand"));
    auto const key = read_new_key(text_of(request, "key"));
    auto const evidence = base::sha256(base::read_file(text_of(request, "evidence"), max_evidence_file));
    auto plan = plan_of_action(
        state, request,
        {"officer.recover", JsonValue(Json{{"member", officer.member},
                                           {"officer", officer.id},
                                           {"algorithm", key.algorithm},
                                           {"spki", base::to_base64(key.spki)},
                                           {"evidence", evidence.hex()}})},
        "new key " + key.id().hex().substr(0, 12) + " for " + officer.id + " of " + officer.member);
    if (!plan.verdict.allowed()) {
        auto const steps = key_recovery(state, officer).steps;
        if (!steps.empty()) plan.verdict.next = steps.front();
        return plan;
    }
    plan.warnings.push_back("hand the evidence to every member privately: they compare its SHA-256 with " +
                            evidence.hex());
    plan.warnings.push_back("compare the new key with '" + officer.id +
                            "', aloud: " + base::spoken(key.id()));
    plan.warnings.push_back(
        "once it is final, what the lost key signed and no epoch has enacted does not "
        "count any more; '" +
        officer.id + "' signs with the new key from then on, where 'consortium key list' shows it");
    return plan;
}

}  // namespace consortium::flow
