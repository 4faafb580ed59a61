#include "core/flow/vote.h"

#include "core/base/error.h"
#include "core/base/text.h"
#include "core/flow/steps.h"
#include "core/model/ballot.h"
#include "core/policy/permission.h"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace consortium::flow {

using base::JsonValue;

namespace {

/// The member's ballots of the highest revision that is held.
std::vector<model::StoredAct> latest_ballots(State const& state, base::Digest const& proposal) {
    std::vector<model::StoredAct> latest;
    std::int64_t highest = -1;
    for (auto const& held : state.store.acts(
             {.kind = "ballot", .subject = proposal, .epoch = {}, .member = state.self.member})) {
        auto const revision = model::ballot_from_json(*held.act.body).revision;
        if (revision < highest) continue;
        if (revision > highest) latest.clear();
        highest = revision;
        latest.push_back(held);
    }
    return latest;
}

model::Verdict may_cast(State const& state, agreement::OpenProposal const& proposal,
                        std::vector<model::StoredAct> const& before) {
    auto verdict = policy::may_vote(*proposal.base, state.self.officer, proposal.body.action.kind);
    verdict.require("open", state.now < proposal.body.closes, "it closed " + proposal.body.closes.text());
    verdict.require("change", before.empty() || proposal.decision->ballot_change,
                    "the charter does not let a '" + proposal.decision->id + "' vote be changed");
    verdict.deadline = proposal.body.closes;
    return verdict;
}

}  // namespace

model::Draft ballot_draft(State const& state, agreement::OpenProposal const& proposal,
                          std::string const& choice, std::string const& reason) {
    model::Ballot ballot;
    ballot.choice = choice;
    ballot.reason = reason;
    model::Draft draft;
    draft.kind = "ballot";
    draft.refs = {proposal.id};
    for (auto const& held : latest_ballots(state, proposal.id)) {
        ballot.revision = model::ballot_from_json(*held.act.body).revision + 1;
        draft.refs.push_back(held.id);
    }
    std::sort(draft.refs.begin() + 1, draft.refs.end());
    draft.body = JsonValue(model::to_json(ballot));
    return draft;
}

model::Plan plan_vote_cast(State const& state, model::Request const& request) {
    auto const& arguments = *request.arguments;
    model::Plan plan;
    plan.request = request;
    plan.epoch = model::reference(state.joined());
    auto const proposal = find_proposal(state, arguments.at("operand").get<std::string>());
    auto const choice = arguments.at("choice").get<std::string>();
    auto const before = latest_ballots(state, proposal.id);
    plan.verdict = may_cast(state, proposal, before);
    auto const draft = ballot_draft(state, proposal, choice, arguments.value("reason", std::string()));
    auto const name = model::short_name(proposal.id);
    plan.steps.push_back(act_step(draft, name,
                                  (before.empty() ? "vote '" : "change the vote to '") + choice + "' on " +
                                      name + ", " + base::printable(proposal.body.title)));
    plan.verdict.next = "consortium exchange sync";
    return plan;
}

}  // namespace consortium::flow
