#pragma once

#include "core/flow/services.h"
#include "core/model/own_change.h"
#include "core/model/plan.h"

namespace consortium::flow {

/// A member's own change as an act that follows the last one in the member's chain that is held here (of two
/// that end it, the one that arrived first).
model::Draft own_change_draft(State const& state, model::OwnChange const& change);

/// `key replace`: another seat key for this member (operand "seat"), the public key of which is in the file
/// `with`; `cause` "compromise" if the old one must not be relied on.
model::Plan plan_key_replace(State const& state, model::Request const& request);

}  // namespace consortium::flow
