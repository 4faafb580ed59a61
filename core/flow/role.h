#pragma once

#include "core/flow/services.h"
#include "core/model/outcome.h"
#include "core/model/plan.h"

namespace consortium::flow {

/// `role grant OFFICER --role ROLE --until|--for`: an own change `officer.roles`. A role that the officer has
/// is granted anew, with another end.
model::Plan plan_role_grant(State const& state, model::Request const& request);
/// `role revoke OFFICER --role ROLE`: likewise. An officer keeps at least one role.
model::Plan plan_role_revoke(State const& state, model::Request const& request);
/// Who has which role and until when, what the charter asks of each role, and what does not fit it.
model::Outcome role_list(State const& state, model::Request const& request);

}  // namespace consortium::flow
