// The rules of what people sign to decide: proposals, ballots, suspensions, own changes, handovers.

#include "core/agreement/dispute.h"
#include "core/agreement/follow_up.h"
#include "core/agreement/rule.h"
#include "core/agreement/statement.h"
#include "core/base/text.h"
#include "core/model/ballot.h"
#include "core/model/own_change.h"
#include "core/policy/duties.h"
#include "core/policy/opening.h"

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

/// What the charter asks of proposals when they are opened; how many are open is asked at intake.
std::string check_opening(RuleInput const& in, model::Proposal const& body, model::Decision const& decision) {
    auto const opening = opening_of(in.epoch, in.act.member, body, in.act.time);
    auto const verdict = policy::may_open(decision, opening);
    for (auto const& rule : verdict.rules)
        if (!rule.holds) return rule.name + ": " + rule.words;
    auto const timelock = policy::shortest_timelock(decision, opening.track);
    return body.timelock < timelock ? "its timelock is shorter than " + timelock.text() : "";
}

/// Where the members decide on lost keys, it is for the officer's fellows to ask, as long as there are any.
std::string check_asker(RuleInput const& in, model::Action const& action) {
    if (action.kind != "officer.recover" || in.epoch.charter.rekey != "decision") return {};
    auto const* officer = in.epoch.officer(action.detail->at("officer").get<std::string>());
    if (officer == nullptr) return {};
    auto const fellows = policy::fellows_of(in.epoch, *officer, in.act.time);
    if (fellows.empty() || std::find(fellows.begin(), fellows.end(), in.act.officer) != fellows.end())
        return {};
    return "it is for " + base::join(fellows, " or ") + " of '" + officer->member +
           "' to ask for a new key of '" + officer->id + "'";
}

std::string check_ratified(RuleInput const& in, model::Proposal const& body) {
    if (!body.ratifies) return {};
    for (auto const& measure : in.epoch.measures)
        if (measure.proposal == *body.ratifies && measure.digest == model::digest(body.action)) return {};
    return "it ratifies no measure that is in force, or proposes something else than was done";
}

// A file that nobody can read must not win a vote: it is refused before it can be opened.
std::string check_files(RuleInput const& in, model::Action const& action) {
    base::JsonLimits limits;
    limits.bytes = 16u << 20;
    for (auto const& id : model::named_files(action)) {
        auto const value = base::parse_canonical(*in.evidence.file(id), limits);
        if (action.kind == "charter.amend") {
            auto const broken = policy::broken_clauses(in.epoch.charter, model::charter_from_json(value));
            if (!broken.empty()) return "the charter says that " + broken.front() + " is never amended";
        }
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

std::string noun_of(std::string_view kind) {
    return (kind == "ballot" ? "ballot" : "delegation");
}

/// A first revision refers to its proposal only, a later one to those of the member before it.
std::string check_predecessors(RuleInput const& in, std::int64_t revision) {
    auto const& refs = in.act.refs;
    auto const what = noun_of(in.act.kind);
    if (revision == 0) return refs.size() == 1 ? "" : "a first " + what + " refers to its proposal only";
    if (refs.size() < 2) return "a changed " + what + " refers to its predecessor";
    for (std::size_t i = 1; i < refs.size(); ++i) {
        auto const before = in.evidence.act(refs[i]);
        if (before->act.kind != in.act.kind || before->act.member != in.act.member ||
            before->act.refs.front() != refs.front())
            return "its predecessor is no " + what + " of '" + in.act.member + "' on this proposal";
        if (before->act.body->at("revision") != revision - 1)
            return "its predecessor is not of the revision before";
    }
    return {};
}

bool is_elector(OpenProposal const& proposal, std::string_view member) {
    auto const electors = policy::electorate(*proposal.base, *proposal.decision);
    return std::any_of(electors.begin(), electors.end(),
                       [&](policy::Elector const& elector) { return elector.member == member; });
}

bool has(std::vector<std::string> const& list, std::string_view item) {
    return std::find(list.begin(), list.end(), item) != list.end();
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
    if (auto reason = check_opening(in, body, *decision); !reason.empty()) return reason;
    if (auto reason = check_asker(in, body.action); !reason.empty()) return reason;
    if (auto reason = check_ratified(in, body); !reason.empty()) return reason;
    if (body.action.kind == "network.add")
        if (auto reason = check_network_kind(in, body.action.detail->at("kind")); !reason.empty())
            return reason;
    if (auto reason = check_finding(in.evidence, in.epoch, body, *decision); !reason.empty()) return reason;
    for (auto const& [step, member] : body.executor)
        if (in.epoch.member(member) == nullptr) return "its executor '" + member + "' is not a member";
    return check_files(in, body.action);
}

std::string ballot_rule(RuleInput const& in) {
    if (auto reason = expect_proposal(in); !reason.empty()) return reason;
    auto const proposal = load_proposal(in.evidence, in.act.refs.front());
    if (!is_elector(proposal, in.act.member)) return "'" + in.act.member + "' has no vote on it";
    auto const body = model::ballot_from_json(*in.act.body);
    if (!has(model::choices(*proposal.decision), body.choice))
        return "a '" + proposal.decision->id + "' has no choice '" + body.choice + "'";
    if (body.revision > 0 && !proposal.decision->ballot_change)
        return "the charter does not let ballots on a '" + proposal.decision->id + "' be changed";
    return check_predecessors(in, body.revision);
}

std::string delegation_rule(RuleInput const& in) {
    if (auto reason = expect_proposal(in); !reason.empty()) return reason;
    auto const proposal = load_proposal(in.evidence, in.act.refs.front());
    auto const body = model::delegation_from_json(*in.act.body);
    if (!proposal.decision->delegation)
        return "the charter does not let votes on a '" + proposal.decision->id + "' be delegated";
    if (!is_elector(proposal, in.act.member)) return "'" + in.act.member + "' has no vote on it";
    if (body.to == in.act.member) return "it delegates to its own member";
    if (!body.to.empty() && !is_elector(proposal, body.to)) return "'" + body.to + "' has no vote on it";
    return check_predecessors(in, body.revision);
}

std::string recusal_rule(RuleInput const& in) {
    if (auto reason = expect_proposal(in); !reason.empty()) return reason;
    auto const proposal = load_proposal(in.evidence, in.act.refs.front());
    if (!has(proposal.decision->recusal, "declared"))
        return "the charter lets nobody recuse itself from a '" + proposal.decision->id + "'";
    if (!is_elector(proposal, in.act.member)) return "'" + in.act.member + "' has no vote on it";
    return in.act.refs.size() == 1 ? "" : "a recusal refers to its proposal only";
}

std::string withdrawal_rule(RuleInput const& in) {
    if (auto reason = expect_proposal(in); !reason.empty()) return reason;
    auto const proposal = load_proposal(in.evidence, in.act.refs.front());
    if (proposal.act.member != in.act.member)
        return "'" + proposal.act.member + "' proposed it, not '" + in.act.member + "'";
    if (auto reason = check_proposer(in, *proposal.decision); !reason.empty()) return reason;
    return in.act.refs.size() == 1 ? "" : "a withdrawal refers to its proposal only";
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
