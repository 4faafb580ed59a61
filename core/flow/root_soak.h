#pragma once

#include "core/flow/services.h"
#include "core/model/outcome.h"

namespace consortium::flow {

/// `root soak`: what still depends on the old root alone: nodes that have not followed, intermediates without
/// a certificate under the new root, and certificates in force below them. Status verification_failed while
/// there is any.
model::Outcome root_soak(State const& state);

}  // namespace consortium::flow
