#pragma once

#include "core/flow/services.h"
#include "core/model/outcome.h"
#include "core/model/plan.h"

namespace consortium::flow {

/// What applying one step left behind, merged into the operation's record: ids, serials, paths.
using StepResult = base::JsonValue;

/// Appliers that only write to the store run together in one transaction; the others run alone, after it.
struct Applier {
    StepResult (*local)(model::Step const&, Services&, Identity const&, port::Transaction&) = nullptr;
    StepResult (*remote)(model::Step const&, Services&, Identity const&) = nullptr;
};

/// Appliers by Step::action. Each noun's file offers its own; apply.cpp lists them.
Applier const& applier(std::string_view action);

/// Draws the plan's operation id where it has none; runs its steps; journals the operation and its result in
/// the same transaction as the local steps. The same operation id with the same request returns the earlier
/// result; with another request Error(conflict). A pin that no longer holds is Error(conflict).
base::JsonValue apply(model::Plan const& plan, Services& services, Identity const& self);

/// Signs a draft as the officer (or the seat) in the latest epoch and appends it. Returns its id.
base::Digest sign_act(model::Draft const& draft, Services& services, Identity const& self,
                      port::Transaction& transaction);

}  // namespace consortium::flow
