// The rules of what is signed around joining and about networks: submissions, checks, readiness,
// attestations.

#include "core/agreement/rule.h"
#include "core/model/approval.h"
#include "core/model/ceremony.h"
#include "core/model/member.h"
#include "core/model/proposal.h"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace consortium::agreement {

std::string submission_rule(RuleInput const& in) {
    auto const body = model::submission_from_json(*in.act.body);
    if (body.invitation != in.act.refs.front()) return "it names another invitation than it refers to";
    if (body.applicant.member.id != in.act.member) return "it is about another member than its author";
    return {};
}

std::string check_rule(RuleInput const& in) {
    auto const body = model::check_from_json(*in.act.body);
    if (in.act.refs.empty() || in.act.refs.front() != body.submission)
        return "it names another submission than it refers to";
    auto const submission = in.evidence.act(body.submission);
    if (submission->act.kind != "submit") return "its first reference is no submission";
    if (submission->act.member == in.act.member) return "an applicant does not check itself";
    auto const& gates = in.epoch.charter.gates;
    auto const gate =
        std::find_if(gates.begin(), gates.end(), [&](model::Gate const& one) { return one.id == body.gate; });
    if (gate == gates.end()) return "the charter has no gate '" + body.gate + "'";
    auto const roles = in.epoch.officer(in.act.officer)->roles_at(in.act.time);
    bool const may = std::any_of(roles.begin(), roles.end(), [&](std::string const& role) {
        return std::find(gate->roles.begin(), gate->roles.end(), role) != gate->roles.end();
    });
    return may ? "" : "officer '" + in.act.officer + "' has no role that checks the gate '" + body.gate + "'";
}

std::string ready_rule(RuleInput const& in) {
    auto const* member = in.epoch.member(in.act.member);
    if (member->votes) return "the seat of '" + in.act.member + "' is ready already";
    return {};
}

std::string attestation_rule(RuleInput const& in) {
    auto const body = model::attestation_from_json(*in.act.body);
    for (auto const& network : in.epoch.networks) {
        if (network.id != body.network.id) continue;
        if (network.kind == body.network.kind && network.identity == body.network.identity) return {};
        return "it is about another network than the one that is called '" + body.network.id + "' here";
    }
    return "there is no network '" + body.network.id + "' in epoch " + std::to_string(in.epoch.number);
}

std::string ceremony_rule(RuleInput const& in) {
    auto const notice = model::ceremony_notice_from_json(*in.act.body);
    auto const opening = in.act.refs.size() == 1 ? in.evidence.act(in.act.refs.front()) : std::nullopt;
    if (!opening || opening->act.kind != "proposal")
        return "it refers to the proposal of its rotation and to no more";
    auto const action = model::proposal_from_json(*opening->act.body).action;
    bool const same = action.kind == "root.rotate" && action.detail->at("plan") == notice.plan.hex();
    return same ? "" : "it is about another rotation than the one that its proposal is for";
}

}  // namespace consortium::agreement
