#pragma once

#include "core/flow/services.h"
#include "core/model/outcome.h"
#include "core/port/node_guide.h"

namespace consortium::flow {

/// `root soak`: what still depends on the old root alone: nodes that have not followed, intermediates without
/// a certificate under the new root, and certificates in force below them; and what endpoints show from
/// outside that should not be any more. Status verification_failed while there is any. An endpoint of which
/// nothing is seen is a warning.
/// After an emergency also how the nodes that have not followed are kept out until they have.
model::Outcome root_soak(State const& state, Services const& services, port::NodeGuide const& guide,
                         model::Request const& request);

}  // namespace consortium::flow
