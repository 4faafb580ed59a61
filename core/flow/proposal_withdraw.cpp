#include "core/base/text.h"
#include "core/flow/proposal.h"
#include "core/flow/steps.h"
#include "core/policy/permission.h"

#include <nlohmann/json.hpp>

namespace consortium::flow {

model::Plan plan_proposal_withdraw(State const& state, model::Request const& request) {
    auto const proposal = find_proposal(state, request.arguments->at("operand").get<std::string>());
    auto const name = model::short_name(proposal.id);
    model::Plan plan;
    plan.request = request;
    plan.epoch = model::reference(state.joined());
    plan.verdict = policy::may_propose(state.joined(), state.self.officer, proposal.body.action.kind);
    plan.verdict.require("own", proposal.act.member == state.self.member,
                         "'" + proposal.act.member + "' proposed it: only this member can withdraw it");
    plan.verdict.require("open", state.now < proposal.body.closes,
                         "it closed " + proposal.body.closes.text());
    plan.verdict.deadline = proposal.body.closes;
    plan.verdict.next = "consortium exchange sync";
    model::Draft draft;
    draft.kind = "withdraw";
    draft.refs = {proposal.id};
    draft.body = base::JsonValue(base::Json::object());
    PrivateDraft words;
    words.words = private_words(request);
    plan.steps.push_back(act_step(draft, words, name,
                                  "withdraw " + name + ", " + base::printable(proposal.body.title) +
                                      "; it cannot pass any more, whatever the ballots say"));
    return plan;
}

}  // namespace consortium::flow
