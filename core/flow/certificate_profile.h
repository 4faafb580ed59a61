#pragma once

#include "core/flow/services.h"
#include "core/model/outcome.h"
#include "core/model/plan.h"

namespace consortium::flow {

/// Certificate profiles as people read them, one a row.
model::Table profile_table(std::vector<model::Profile> const& profiles);

/// `cert profiles [PROFILE]`: what certificates may be by the charter of `epoch`; without one, which may be
/// null, by what this program has built in.
model::Outcome certificate_profiles(model::Epoch const* epoch, model::Request const& request);

}  // namespace consortium::flow
