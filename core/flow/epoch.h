#pragma once

#include "core/flow/services.h"
#include "core/model/outcome.h"
#include "core/model/plan.h"

namespace consortium::flow {

/// Every final epoch with what it decided, in plain words.
model::Outcome epoch_list(State const& state, model::Request const& request);
/// One epoch (operand: its number; default the latest): hash in digits and as words, members, sizes,
/// decisions.
model::Outcome epoch_show(State const& state, model::Request const& request);

/// Verifies the chain from the genesis on: every founder's signature, then for each epoch its link to the one
/// before, the commits of a quorum of that one's seats, and that its document follows from the acts that it
/// names. With the argument `genesis`, that the first document has this hash. An epoch that does not hold is
/// named; status verification_failed.
model::Outcome epoch_verify(State const& state, model::Request const& request,
                            port::Verifier const& verifier);

/// What one result did, in a sentence.
std::string in_words(model::Result const& result);

}  // namespace consortium::flow
