#pragma once

#include "core/flow/apply.h"

namespace consortium::flow {

/// Operations that are open; with "all" every one of this workspace.
model::Outcome operation_list(State const& state, model::Request const& request);
/// One operation with its steps and, for node steps, the intents with what was seen.
model::Outcome operation_show(State const& state, model::Request const& request);
/// Goes on with the named operation, or with every open one. What still waits is told in `missing` and gives
/// the status pending; an operation that fails does not keep the others from going on.
model::Outcome operation_resume(Services& services, Identity const& self, model::Request const& request);
/// The plan to go on with what the very same request has begun and a crash has left open; none: nothing. For
/// verbs that must not be begun twice by typing them again.
std::optional<model::Plan> begun_before(State const& state, model::Request const& request);
/// Gives an open operation up: nodes take back what they still hold of it. Danger: its name is typed.
model::Plan plan_operation_abandon(State const& state, model::Request const& request);

/// "operation.abandon". Detail {operation}; result {operation, intents:[…]}.
extern Applier const abandon_applier;

}  // namespace consortium::flow
