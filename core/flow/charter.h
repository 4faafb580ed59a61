#pragma once

#include "core/flow/services.h"
#include "core/model/outcome.h"
#include "core/model/plan.h"

namespace consortium::flow {

/// `charter check FILE [--members TIER=COUNT …]`: what the charter means for its members: those named, else
/// those of `epoch`, else only what holds for any. Refused where it cannot work. `epoch` may be null.
model::Outcome charter_check(model::Epoch const* epoch, model::Request const& request);

/// `charter show`: the charter in force, or of the genesis that waits for its founders.
model::Outcome charter_show(State const& state, model::Request const& request);

/// `charter diff FILE`: what differs from the charter in force, field by field.
model::Outcome charter_diff(State const& state, model::Request const& request);

/// `charter amend FILE [--title TEXT] [--closes INSTANT]`: proposes the charter. Refused where check refuses.
model::Plan plan_charter_amend(State const& state, model::Request const& request);

}  // namespace consortium::flow
