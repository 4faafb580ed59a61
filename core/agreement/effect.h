#pragma once

#include "core/model/own_change.h"
#include "core/model/proposal.h"
#include "core/port/evidence.h"

namespace consortium::agreement {

/// Makes a passed action true in an epoch that is being made (its number is set already). Empty: done; else
/// why it cannot be (the outcome is void), and the epoch is unchanged.
std::string enact(port::Evidence const& evidence, model::Epoch& epoch, model::Proposal const& proposal);

/// Why a precondition does not hold; empty: all hold.
std::string failed_precondition(model::Epoch const& epoch, model::Proposal const& proposal);

/// Makes an own change, `ready` or suspension true in the epoch after `current`. Empty: done; else why not,
/// and the epoch is unchanged. Whatever epoch the act names, its author must be able to sign it in `current`:
/// an officer who has gone, whose key is another by now, who was suspended or lost the role, changes nothing
/// (PROTOCOL P10).
std::string enact_own(model::Epoch& next, model::Epoch const& current, model::Act const& act);

}  // namespace consortium::agreement
