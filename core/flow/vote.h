#pragma once

#include "core/flow/apply.h"
#include "core/flow/proposal.h"

namespace consortium::flow {

/// `vote cast PROPOSAL --choice yes|no|abstain [--reason TEXT]`: a ballot of one's own member; a later one is
/// the next revision and refers to all its predecessors that are known here. Refused after the close, and
/// where the charter allows no change.
model::Plan plan_vote_cast(State const& state, model::Request const& request);

/// The draft of that ballot, for signing elsewhere too.
model::Draft ballot_draft(State const& state, agreement::OpenProposal const& proposal,
                          std::string const& choice, std::string const& reason);

}  // namespace consortium::flow
