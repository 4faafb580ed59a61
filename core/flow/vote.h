#pragma once

#include "core/flow/apply.h"
#include "core/flow/proposal.h"

namespace consortium::flow {

/// `vote cast PROPOSAL --choice yes|no|abstain|veto [--reason TEXT]`: a ballot of one's own member; a later
/// one is the next revision and refers to all its predecessors that are known here. Refused after the close,
/// and where the charter allows no change.
model::Plan plan_vote_cast(State const& state, model::Request const& request);

/// `vote delegate PROPOSAL (--to MEMBER | --back)`: that member's ballot counts for one's own, as long as one
/// casts none; --back takes it back. Where the decision allows it, before the close.
model::Plan plan_vote_delegate(State const& state, model::Request const& request);

/// `vote recuse PROPOSAL [--reason TEXT]`: one's own member takes no part in this vote, for good.
model::Plan plan_vote_recuse(State const& state, model::Request const& request);

/// The draft of the ballot that `vote cast` signs, for signing elsewhere too.
model::Draft ballot_draft(State const& state, agreement::OpenProposal const& proposal,
                          std::string const& choice);

}  // namespace consortium::flow
