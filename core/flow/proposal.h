#pragma once

#include "core/agreement/result.h"
#include "core/flow/apply.h"
#include "core/model/proposal.h"
#include "core/policy/opening.h"

namespace consortium::flow {

/// What a proposal says beside its action; what is empty follows from the charter's decision.
struct ProposalOptions {
    std::string title;                    // default: the action in words
    std::optional<base::Instant> closes;  // default: when it is signed, plus the decision's window
    std::optional<base::Duration> timelock;
    std::optional<base::Duration> lapses;  // after the close
    std::vector<model::Precondition> preconditions;
    std::map<std::int64_t, std::string> executor;
    std::optional<model::Rollback> rollback;
    policy::Track track = policy::Track::ordinary;
    std::optional<base::Digest> ratifies;  // an emergency's proposal
    std::optional<base::Digest> finding;   // of a closed dispute, that it rests on
    std::vector<std::string> files;        // contents of the files that the action names by digest
};

/// The step (action "propose") that opens a proposal, for every planner whose verb needs consent. Throws
/// Error(refused) if the charter has no decision for the action or this officer may not propose it, naming
/// the rule. The closing instant is fixed when the step is applied, so that a saved plan stays the same. The
/// step's result is {"id","kind","name","closes"}; `name` is "p-…".
model::Step propose(State const& state, model::Action const& action, ProposalOptions const& options = {});

/// Signs the proposal that a step describes, and appends it with its files.
extern Applier const propose_applier;

/// A proposal as it stands now, or stood when it was decided. Throws Error(not_found).
agreement::OpenProposal load_proposal(State const& state, base::Digest const& id);

/// Finds a proposal by "p-" and the first digits of its id (or the digits alone, or all 64). Throws
/// Error(not_found), or Error(conflict) naming the ones that fit.
agreement::OpenProposal find_proposal(State const& state, std::string_view name);
/// The same for any act.
base::Digest find_act(State const& state, std::string_view name);

/// The result of a proposal in the epochs that are final here; none while it is undecided.
struct Decided {
    model::Result result;
    std::uint64_t epoch = 0;
    base::Instant received;  // when that epoch became final here
    base::Instant earliest;  // not to be executed before: the timelock after the later of `received` and the
                             // median time of the commits (PROTOCOL P7)
    base::Instant lapses;    // not to be executed after
};
std::optional<Decided> decided(State const& state, agreement::OpenProposal const& proposal);

/// `proposal withdraw PROPOSAL [--reason TEXT]`: its own member takes it back before it closes.
model::Plan plan_proposal_withdraw(State const& state, model::Request const& request);
model::Plan plan_proposal_open(State const& state, model::Request const& request);
/// `proposal ratify PROPOSAL`: the ordinary vote on what an emergency did, so that it lasts.
model::Plan plan_proposal_ratify(State const& state, model::Request const& request);
model::Outcome proposal_list(State const& state, model::Request const& request);
/// One proposal, with what its action would change (see proposal_change.h).
model::Outcome proposal_show(State const& state, port::Certifier const& certifier,
                             model::Request const& request);
model::Outcome proposal_tally(State const& state, model::Request const& request);
model::Outcome proposal_execute(State const& state, model::Request const& request);

}  // namespace consortium::flow
