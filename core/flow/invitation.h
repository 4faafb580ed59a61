#pragma once

#include "core/flow/services.h"

namespace consortium::flow {

/// Open invitations that an epoch ends, final here at `now`: of whoever is a member in it, and those that
/// nobody answered for thirty days after they expired.
std::vector<model::Object> ended_invitations(port::Store const& store, model::Epoch const& epoch,
                                             base::Instant now);

}  // namespace consortium::flow
