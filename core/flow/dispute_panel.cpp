// What settles a dispute: the panel is stated, it rules, the dispute is closed. What a party lets pass is
// said for it by others.

#include "core/base/error.h"
#include "core/base/text.h"
#include "core/flow/dispute_act.h"
#include "core/flow/dispute_step.h"

#include <algorithm>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace consortium::flow {

namespace {

using agreement::DisputeView;
using agreement::Phase;
using agreement::StageView;
using base::Code;
using base::Digest;
using base::Error;
using Ruling = model::Verdict::Ruling;

std::string operand(model::Request const& request) {
    return request.arguments->at("operand").get<std::string>();
}

bool is_given(model::Request const& request, char const* key) {
    return request.arguments->contains(key);
}

std::string show_hint(StageView const& part) {
    return "run 'consortium dispute show " + dispute_name(part.stage.dispute) + "'";
}

void refuse_closed(DisputeView const& view) {
    if (view.close)
        throw Error(Code::conflict, dispute_name(view.first.stage.id) + " is " + view.status(),
                    show_hint(view.first));
}

std::string group_of(State const& state, StageView const& part) {
    auto const* member = part.stage.base->member(state.self.member);
    if (member == nullptr) return {};
    return member->control_group.empty() ? member->id : member->control_group;
}

/// Whether this workspace's member may say that a time has passed, and has not said it.
bool can_witness(State const& state, StageView const& part, std::string const& step,
                 std::string const& party) {
    auto const group = group_of(state, part);
    auto const& able = part.stage.bystanders;
    if (part.stage.party(state.self.member) >= 0 || std::find(able.begin(), able.end(), group) == able.end())
        return false;
    if (party.empty()) {
        auto const said = part.pins.late.find({step, part.outcome()});
        return said == part.pins.late.end() || !said->second.contains(group);
    }
    auto const said = part.pins.overdue.find({step, party});
    return said == part.pins.overdue.end() || !said->second.contains(group);
}

DisputeAct overdue_act(StageView const& part, std::string const& step, std::string const& party) {
    auto const refs = after(part.stage, party.empty() ? ruled(part) : std::vector<Digest>{});
    return {dispute_draft("overdue", refs, model::Overdue{step, party})};
}

/// What stands for an act of this workspace that is not signed yet.
void pretend(State const& state, StageView& part, std::string const& step, std::string const& party) {
    auto& said = party.empty() ? part.pins.late[{step, part.outcome()}] : part.pins.overdue[{step, party}];
    said[group_of(state, part)] = Digest{};
}

/// What is held already; what is signed in the same step follows by itself.
std::vector<Digest> held(std::vector<Digest> refs) {
    std::erase(refs, Digest{});
    return refs;
}

/// A plan without steps that says who is waited for.
model::Plan waits(State const& state, model::Request const& request, StageView const& part,
                  std::string const& words) {
    model::Plan plan;
    plan.request = request;
    plan.epoch = model::reference(state.joined());
    plan.verdict.require("dispute", false, words, Ruling::pending);
    plan.verdict.state = words;
    plan.verdict.missing = part.missing;
    plan.verdict.deadline = part.deadline;
    plan.verdict.next = "consortium dispute show " + dispute_name(part.stage.dispute);
    return plan;
}

std::string others_words(StageView const& part) {
    return fmt::format("the time has passed; {} of {} must say so", part.stage.witnesses,
                       base::join(part.stage.bystanders, ", "));
}

/// The panel, as far as it follows when this workspace has said what `part` pretends.
std::optional<DisputeAct> assignment(State const& state, StageView const& part) {
    model::Assign body;
    if (!agreement::seat_from(state.store, part.stage, part.pins, body).empty()) return std::nullopt;
    return DisputeAct{dispute_draft("assign", after(part.stage, held(part.seating())), body)};
}

model::Plan say_overdue(State const& state, model::Request const& request, StageView part) {
    auto const step = waits_for(part);
    std::vector<DisputeAct> acts;
    for (auto const& party : part.missing) {
        if (!can_witness(state, part, step, party)) continue;
        acts.push_back(overdue_act(part, step, party));
        pretend(state, part, step, party);
    }
    if (acts.empty()) return waits(state, request, part, others_words(part));
    auto const name = dispute_name(part.stage.dispute);
    auto summary = fmt::format("say that {} let the time for the {} in {} pass",
                               base::join(part.missing, " and "), step, name);
    if (step == "strike") {
        if (auto panel = assignment(state, part)) {
            panel->follows = true;
            acts.push_back(*std::move(panel));
            summary += ", and state the panel";
        }
    }
    return dispute_plan(state, request, acts, name, summary);
}

bool is_late(State const& state, StageView const& part) {
    return part.deadline && *part.deadline <= state.now;
}

/// The acts by which both parties, or enough others, say that no appeal comes.
std::vector<Digest> no_appeal(StageView const& part) {
    std::vector<Digest> out;
    auto const outcome = part.outcome();
    if (part.pins.passed(part.stage, "appeal", outcome)) {
        for (auto const& [group, id] : part.pins.late.at({"appeal", outcome})) out.push_back(id);
        return out;
    }
    for (auto const& by_outcome : part.pins.waived)
        if (by_outcome.contains(outcome)) out.push_back(by_outcome.at(outcome));
    return out;
}

bool may_be_appealed(StageView const& part) {
    return !part.stage.is_appeal() && part.stage.rule.appeal != base::Duration{} &&
           !part.pins.unappealed(part.stage, part.outcome());
}

DisputeAct closing(StageView const& part) {
    auto refs = in_force_by(part);
    for (auto const& id : no_appeal(part)) refs.push_back(id);
    model::Close const body{policy::finding_of(part.sum.level), policy::sanction_of(part.sum.level)};
    return {dispute_draft("close", after(part.stage, held(refs)), body)};
}

std::string outcome_words(StageView const& part) {
    auto const sanction = policy::sanction_of(part.sum.level);
    return policy::finding_of(part.sum.level) + (sanction.empty() ? "" : ", sanction " + sanction);
}

model::Plan close_ruled(State const& state, model::Request const& request, StageView const& part,
                        std::vector<DisputeAct> before) {
    auto const name = dispute_name(part.stage.dispute);
    auto act = closing(part);
    act.follows = !before.empty();
    before.push_back(std::move(act));
    return dispute_plan(state, request, before, name, "close " + name + ": " + outcome_words(part));
}

/// A party makes no appeal.
model::Plan waive(State const& state, model::Request const& request, StageView part) {
    int const party = part.stage.party(state.self.member);
    if (party < 0)
        throw Error(Code::not_authorized, "'" + state.self.member + "' is no party, and has no appeal",
                    show_hint(part));
    if (part.phase != Phase::ruled)
        return waits(state, request, part, "there is no ruling to appeal from yet");
    auto act = overdue_act(part, "appeal", "");
    part.pins.waived.at(static_cast<std::size_t>(party))[part.outcome()] = Digest{};
    if (!may_be_appealed(part)) return close_ruled(state, request, part, {act});
    auto const name = dispute_name(part.stage.dispute);
    return dispute_plan(state, request, {act}, name, "make no appeal in " + name);
}

model::Plan withdraw(State const& state, model::Request const& request, DisputeView const& view) {
    auto const& first = view.first;
    auto const name = dispute_name(first.stage.id);
    auto plan = dispute_plan(state, request,
                             {{dispute_draft("close", {first.stage.id}, model::Close{"withdrawn", ""})}},
                             name, "withdraw " + name);
    plan.verdict.require("in time", first.phase != Phase::ruled,
                         "it was ruled on: it cannot be withdrawn any more");
    return plan;
}

/// The ruling stands: it is closed, or others say first that nobody appealed in time.
model::Plan close_first(State const& state, model::Request const& request, DisputeView const& view) {
    auto part = view.first;
    if (!may_be_appealed(part)) return close_ruled(state, request, part, {});
    auto const until = view.appealable;
    part.deadline = until;
    part.missing = {part.stage.parties[0], part.stage.parties[1]};
    if (until && state.now < *until) return waits(state, request, part, "either party may still appeal");
    part.missing = part.stage.bystanders;
    if (!can_witness(state, part, "appeal", "")) return waits(state, request, part, others_words(part));
    auto act = overdue_act(part, "appeal", "");
    pretend(state, part, "appeal", "");
    if (!may_be_appealed(part)) return close_ruled(state, request, part, {act});
    auto const name = dispute_name(part.stage.dispute);
    return dispute_plan(state, request, {act}, name, "say that nobody appealed in time in " + name);
}

/// The panel has not ruled, and its time has passed: what it ruled so far is counted once others say so.
model::Plan close_late(State const& state, model::Request const& request, StageView const& part) {
    if (part.pins.passed(part.stage, "ruling", part.outcome()))
        throw Error(Code::refused, "the panel did not rule in time, and no majority of it agrees",
                    "run 'consortium dispute open " + part.stage.complaint.respondent + "'");
    if (!is_late(state, part) || part.phase != Phase::rule)
        return waits(state, request, part, "there is no ruling in force yet");
    if (!can_witness(state, part, "ruling", "")) return waits(state, request, part, others_words(part));
    auto const name = dispute_name(part.stage.dispute);
    return dispute_plan(state, request, {overdue_act(part, "ruling", "")}, name,
                        "say that the panel let its time in " + name + " pass");
}

}  // namespace

model::Plan plan_dispute_assign(State const& state, model::Request const& request) {
    auto const view = find_dispute(state, operand(request));
    refuse_closed(view);
    auto const& part = view.last();
    auto const name = dispute_name(part.stage.dispute);
    if (part.phase == Phase::rule || part.phase == Phase::ruled)
        throw Error(Code::conflict, "the panel of " + name + " sits already", show_hint(part));
    if (auto panel = assignment(state, part); panel && part.phase == Phase::assign)
        return dispute_plan(state, request, {*panel}, name,
                            "state the panel of " + name + ": " + base::join(part.follows->panel, ", "));
    if (is_late(state, part)) return say_overdue(state, request, part);
    return waits(state, request, part,
                 "waits for the " + waits_for(part) + " of " + base::join(part.missing, ", "));
}

model::Plan plan_dispute_rule(State const& state, model::Request const& request) {
    auto const view = find_dispute(state, operand(request));
    refuse_closed(view);
    auto const& part = view.last();
    if (!part.pins.assign) return waits(state, request, part, "there is no panel yet");
    auto said = read_said(request, "reasons");
    model::Ruling body;
    body.finding = request.arguments->at("finding").get<std::string>();
    body.sanction = request.arguments->value("sanction", std::string());
    body.recuse = request.arguments->value("recuse", std::vector<std::string>{});
    std::sort(body.recuse.begin(), body.recuse.end());
    body.reasons = said.claim;
    auto const name = dispute_name(part.stage.dispute);
    auto plan = dispute_plan(state, request,
                             {{dispute_draft("ruling", {part.stage.id, part.pins.assign->id}, body)}}, name,
                             "rule on " + name + ": " + body.finding +
                                 (body.sanction.empty() ? "" : ", sanction " + body.sanction),
                             said.files);
    plan.verdict.require("once", !part.pins.rulings.contains(state.self.officer),
                         "'" + state.self.officer + "' has ruled already; a ruling is not changed");
    return plan;
}

model::Plan plan_dispute_close(State const& state, model::Request const& request) {
    auto const view = find_dispute(state, operand(request));
    refuse_closed(view);
    if (is_given(request, "withdraw")) return withdraw(state, request, view);
    if (is_given(request, "no-appeal")) return waive(state, request, view.first);
    auto const& part = view.last();
    if (part.phase == Phase::ruled)
        return view.appeal ? close_ruled(state, request, part, {}) : close_first(state, request, view);
    // An appeal that is not ruled on leaves the first ruling as it is.
    if (view.appeal && part.pins.passed(part.stage, "ruling", part.outcome()))
        return close_first(state, request, view);
    return close_late(state, request, part);
}

}  // namespace consortium::flow
