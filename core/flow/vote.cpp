#include "core/flow/vote.h"

#include "core/base/error.h"
#include "core/base/text.h"
#include "core/flow/steps.h"
#include "core/model/ballot.h"
#include "core/policy/permission.h"
#include "core/policy/tally.h"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace consortium::flow {

using base::JsonValue;

namespace {

/// The member's acts of a kind on the proposal, of the highest revision that is held.
std::vector<model::StoredAct> latest_of(State const& state, std::string const& kind,
                                        base::Digest const& proposal) {
    std::vector<model::StoredAct> latest;
    std::int64_t highest = -1;
    for (auto const& held :
         state.store.acts({.kind = kind, .subject = proposal, .epoch = {}, .member = state.self.member})) {
        auto const revision = held.act.body->at("revision").get<std::int64_t>();
        if (revision < highest) continue;
        if (revision > highest) latest.clear();
        highest = revision;
        latest.push_back(held);
    }
    return latest;
}

/// The next revision of what the member has said so far, which it names.
model::Draft next_revision(std::string kind, base::Digest const& proposal, base::Json body,
                           std::vector<model::StoredAct> const& before) {
    model::Draft draft;
    draft.kind = std::move(kind);
    draft.refs = {proposal};
    std::int64_t revision = 0;
    for (auto const& held : before) {
        revision = held.act.body->at("revision").get<std::int64_t>() + 1;
        draft.refs.push_back(held.id);
    }
    std::sort(draft.refs.begin() + 1, draft.refs.end());
    body["revision"] = revision;
    draft.body = JsonValue(std::move(body));
    return draft;
}

/// Whoever votes, or lets others vote: an elector, before the close.
model::Verdict may_take_part(State const& state, agreement::OpenProposal const& proposal) {
    auto verdict = policy::may_vote(state.joined(), *proposal.base, state.self.officer,
                                    proposal.body.action.kind, state.now);
    verdict.require("open", state.now < proposal.body.closes, "it closed " + proposal.body.closes.text());
    verdict.deadline = proposal.body.closes;
    verdict.next = "consortium exchange sync";
    return verdict;
}

struct Choosing {
    model::Plan plan;
    agreement::OpenProposal proposal;
    std::string name;
};

Choosing begin(State const& state, model::Request const& request) {
    Choosing out;
    out.proposal = find_proposal(state, request.arguments->at("operand").get<std::string>());
    out.plan.request = request;
    out.plan.epoch = model::reference(state.joined());
    out.plan.verdict = may_take_part(state, out.proposal);
    out.name = model::short_name(out.proposal.id);
    return out;
}

bool contains(std::vector<std::string> const& list, std::string_view item) {
    return std::find(list.begin(), list.end(), item) != list.end();
}

std::string new_delegate(State const& state, Choosing& choosing, base::Json const& arguments) {
    bool const back = arguments.value("back", false);
    if (back == arguments.contains("to"))
        throw base::Error(base::Code::usage, "one of --to MEMBER and --back is needed",
                          "run 'consortium vote delegate --help'");
    if (back) return {};
    auto to = arguments.at("to").get<std::string>();
    auto const electors = policy::electorate(*choosing.proposal.base, *choosing.proposal.decision);
    bool const elector = std::any_of(electors.begin(), electors.end(),
                                     [&](policy::Elector const& one) { return one.member == to; });
    auto& verdict = choosing.plan.verdict;
    verdict.require("delegate", elector && to != state.self.member,
                    "'" + base::printable(to) + "' has a vote of its own on it");
    return to;
}

}  // namespace

model::Draft ballot_draft(State const& state, agreement::OpenProposal const& proposal,
                          std::string const& choice) {
    return next_revision("ballot", proposal.id, {{"choice", choice}},
                         latest_of(state, "ballot", proposal.id));
}

model::Plan plan_vote_cast(State const& state, model::Request const& request) {
    auto const& arguments = *request.arguments;
    auto [plan, proposal, name] = begin(state, request);
    auto const choice = arguments.at("choice").get<std::string>();
    PrivateDraft words;
    words.words = private_words(request);
    bool const first = latest_of(state, "ballot", proposal.id).empty();
    auto const& decision = *proposal.decision;
    plan.verdict.require("change", first || decision.ballot_change,
                         "the charter does not let a '" + decision.id + "' vote be changed");
    plan.verdict.require(
        "choice", contains(model::choices(decision), choice),
        "a '" + decision.id + "' can be answered by " + base::join(model::choices(decision), ", "));
    bool const against = choice == "no" || choice == "veto";
    plan.verdict.require("reason", !against || !decision.reasoned_no || !words.words.empty(),
                         "a no without --reason would count as an abstention here");
    plan.steps.push_back(act_step(ballot_draft(state, proposal, choice), words, name,
                                  (first ? "vote '" : "change the vote to '") + choice + "' on " + name +
                                      ", " + base::printable(proposal.body.title)));
    return std::move(plan);
}

model::Plan plan_vote_delegate(State const& state, model::Request const& request) {
    auto choosing = begin(state, request);
    auto const to = new_delegate(state, choosing, *request.arguments);
    auto& [plan, proposal, name] = choosing;
    plan.verdict.require("delegation", proposal.decision->delegation,
                         "the charter lets votes on a '" + proposal.decision->id + "' be delegated");
    auto const before = latest_of(state, "delegate", proposal.id);
    plan.steps.push_back(act_step(next_revision("delegate", proposal.id, {{"to", to}}, before), name,
                                  to.empty() ? "let nobody vote for '" + state.self.member + "' on " + name
                                             : "let '" + base::printable(to) + "' vote for '" +
                                                   state.self.member + "' on " + name + ", unless '" +
                                                   state.self.member + "' votes itself"));
    return std::move(plan);
}

model::Plan plan_vote_recuse(State const& state, model::Request const& request) {
    auto [plan, proposal, name] = begin(state, request);
    plan.verdict.require("recusal", contains(proposal.decision->recusal, "declared"),
                         "the charter lets members recuse themselves from a '" + proposal.decision->id + "'");
    model::Draft draft;
    draft.kind = "recuse";
    draft.refs = {proposal.id};
    draft.body = JsonValue(base::Json::object());
    PrivateDraft words;
    words.words = private_words(request);
    plan.steps.push_back(act_step(draft, words, name,
                                  "take no part in the vote on " + name + ", " +
                                      base::printable(proposal.body.title) + "; this cannot be taken back"));
    return std::move(plan);
}

}  // namespace consortium::flow
