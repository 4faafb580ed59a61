#pragma once

#include "core/flow/services.h"

namespace consortium::flow {

/// What this workspace's authorities and its rotation come to be with an epoch that is about to be final, if
/// that puts a trust bundle in force: intermediates show the certificate under the root that the bundle
/// presents, and the rotation's stage is agreed on.
std::vector<model::Object> followed_trust(port::Store const& store, model::Epoch const& epoch);

}  // namespace consortium::flow
