// The rules of what people sign to decide: proposals, ballots, suspensions, own changes, handovers.

#include "core/agreement/dispute.h"
#include "core/agreement/rule.h"
#include "core/agreement/statement.h"
#include "core/model/ballot.h"
#include "core/model/own_change.h"
#include "core/policy/tally.h"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace consortium::agreement {

namespace {

std::string check_proposer(RuleInput const& in, model::Decision const& decision) {
    auto const* officer = in.epoch.officer(in.act.officer);
    auto const roles = officer == nullptr ? std::vector<std::string>{} : officer->roles_at(in.act.time);
    bool const may = std::any_of(roles.begin(), roles.end(), [&](std::string const& role) {
        return std::find(decision.proposers.begin(), decision.proposers.end(), role) !=
               decision.proposers.end();
    });
    return may ? "" : "officer '" + in.act.officer + "' may not propose a '" + decision.id + "'";
}

std::string check_times(RuleInput const& in, model::Proposal const& body, model::Decision const& decision) {
    if (body.closes < in.act.time + decision.window)
        return "it closes before the window of " + decision.window.text() + " has passed";
    if (body.timelock < decision.timelock) return "its timelock is shorter than " + decision.timelock.text();
    return {};
}

// A file that nobody can read must not win a vote: it is refused before it can be opened.
std::string check_files(RuleInput const& in, model::Action const& action) {
    base::JsonLimits limits;
    limits.bytes = 16u << 20;
    for (auto const& id : model::named_files(action)) {
        auto const value = base::parse_canonical(*in.evidence.file(id), limits);
        if (action.kind == "charter.amend") static_cast<void>(model::charter_from_json(value));
        if (!value.is_object()) return "its file is not a record";
    }
    return {};
}

// Nothing that was learnt on a rehearsal network may count elsewhere (G32).
std::string check_network_kind(RuleInput const& in, std::string const& kind) {
    if (kind == "rehearsal" && !in.epoch.rehearsal)
        return "rehearsal networks belong to rehearsal consortia only";
    return {};
}

std::string check_predecessors(RuleInput const& in, model::Ballot const& body) {
    auto const& refs = in.act.refs;
    if (body.revision == 0) return refs.size() == 1 ? "" : "a first ballot refers to its proposal only";
    if (refs.size() < 2) return "a changed ballot refers to its predecessor";
    for (std::size_t i = 1; i < refs.size(); ++i) {
        auto const before = in.evidence.act(refs[i]);
        if (before->act.kind != "ballot" || before->act.member != in.act.member ||
            before->act.refs.front() != refs.front())
            return "its predecessor is no ballot of '" + in.act.member + "' on this proposal";
        if (model::ballot_from_json(*before->act.body).revision != body.revision - 1)
            return "its predecessor is not of the revision before";
    }
    return {};
}

std::string expect_proposal(RuleInput const& in) {
    if (in.act.refs.empty()) return "it refers to no proposal";
    auto const held = in.evidence.act(in.act.refs.front());
    if (held->act.kind != "proposal") return "its first reference is no proposal";
    if (in.act.epoch.number < held->act.epoch.number) return "it names an epoch before its proposal's base";
    return {};
}

}  // namespace

std::string proposal_rule(RuleInput const& in) {
    auto const body = model::proposal_from_json(*in.act.body);
    auto const* decision = in.epoch.charter.decision_for(body.action.kind);
    if (decision == nullptr) return "no decision of the charter covers the action '" + body.action.kind + "'";
    if (auto reason = check_proposer(in, *decision); !reason.empty()) return reason;
    if (auto reason = check_times(in, body, *decision); !reason.empty()) return reason;
    if (body.action.kind == "network.add")
        if (auto reason = check_network_kind(in, body.action.detail->at("kind")); !reason.empty())
            return reason;
    if (auto reason = check_finding(in.evidence, body, *decision); !reason.empty()) return reason;
    for (auto const& [step, member] : body.executor)
        if (in.epoch.member(member) == nullptr) return "its executor '" + member + "' is not a member";
    return check_files(in, body.action);
}

std::string ballot_rule(RuleInput const& in) {
    if (auto reason = expect_proposal(in); !reason.empty()) return reason;
    auto const proposal = load_proposal(in.evidence, in.act.refs.front());
    auto const electors = policy::electorate(*proposal.base, *proposal.decision);
    bool const may = std::any_of(electors.begin(), electors.end(), [&](policy::Elector const& elector) {
        return elector.member == in.act.member;
    });
    if (!may) return "'" + in.act.member + "' has no vote on it";
    auto const body = model::ballot_from_json(*in.act.body);
    if (body.revision > 0 && !proposal.decision->ballot_change)
        return "the charter does not let ballots on a '" + proposal.decision->id + "' be changed";
    return check_predecessors(in, body);
}

std::string suspension_rule(RuleInput const& in) {
    auto const body = model::suspension_from_json(*in.act.body);
    auto const* officer = in.epoch.officer(body.officer);
    if (officer == nullptr || officer->member != in.act.member || officer->key != body.key)
        return "'" + in.act.member + "' has no officer '" + body.officer + "' with that key";
    if (body.officer == in.act.officer) return "a fellow officer suspends a key, not its owner";
    return {};
}

std::string own_rule(RuleInput const& in) {
    if (in.act.refs.size() > 1) return "an own change refers to the member's last one only";
    for (auto const& id : in.act.refs) {
        auto const before = in.evidence.act(id);
        if (before->act.kind != "own" || before->act.member != in.act.member)
            return "it refers to something that is no own change of '" + in.act.member + "'";
    }
    return {};
}

std::string handover_rule(RuleInput const& in) {
    if (auto reason = expect_proposal(in); !reason.empty()) return reason;
    auto const proposal = load_proposal(in.evidence, in.act.refs.front());
    auto const step = (*in.act.body)["step"].get<std::int64_t>();
    auto const named = proposal.body.executor.find(step);
    if (named == proposal.body.executor.end() || named->second != in.act.member)
        return "'" + in.act.member + "' is not the executor of step " + std::to_string(step);
    return {};
}

}  // namespace consortium::agreement
