#pragma once

#include "core/model/epoch.h"
#include "core/model/outcome.h"

namespace consortium::flow {

/// A charter as people read it: who votes on what, by which majority, how long; approvals, gates, costs.
std::vector<model::Paragraph> charter_text(model::Epoch const& epoch);

}  // namespace consortium::flow
