#pragma once

#include "core/flow/services.h"
#include "core/model/outcome.h"
#include "core/model/plan.h"
#include "core/policy/charter_lint.h"

namespace consortium::flow {

/// `charter check FILE [--members TIER=COUNT …]`: what the charter means for its members: those named, else
/// those of `epoch`, else only what holds for any. Refused where it cannot work. `epoch` may be null.
model::Outcome charter_check(model::Epoch const* epoch, model::Request const& request);

/// `charter check FILE --network NAME`: also the charter against the rule by which that ledger changes its
/// own validators, who they are being asked of one of its nodes.
model::Outcome charter_check_network(State const& state, Services& services, model::Request const& request);

/// `charter simulate [FILE] [--decision ID] [--members TIER=COUNT …] [--turnout SHARE …] …`: how often votes
/// by chance pass, and what it takes. The charter in force where no file is named. `epoch` may be null.
model::Outcome charter_simulate(model::Epoch const* epoch, model::Request const& request);

/// The record of that, by the same flags; one decision has `patterns` (null where there are too many kinds of
/// members) and `sweep`.
base::Json simulation(model::Charter const& charter, std::vector<policy::Party> const& parties,
                      base::Json const& arguments);

/// `charter show`: the charter in force, or of the genesis that waits for its founders.
model::Outcome charter_show(State const& state, model::Request const& request);

/// `charter diff FILE`: what differs from the charter in force, field by field.
model::Outcome charter_diff(State const& state, model::Request const& request);

/// `charter amend FILE [--title TEXT] [--closes INSTANT]`: proposes the charter. Refused where check refuses.
model::Plan plan_charter_amend(State const& state, model::Request const& request);

}  // namespace consortium::flow
