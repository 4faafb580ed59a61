#pragma once

#include "core/base/file.h"
#include "core/base/toml.h"
#include "core/model/epoch.h"
#include "core/model/plan.h"
#include "core/policy/charter_lint.h"

namespace consortium::flow {

/// A charter as it was written, and what it says.
struct CharterFile {
    base::Toml toml;
    model::Charter charter;
};

/// Throws Error(configuration) with file, line and column.
CharterFile read_charter_file(base::Path const& path);

/// The active members of an epoch, as a charter looks at them.
std::vector<policy::Party> parties_of(model::Epoch const& epoch);

/// The members that --members TIER=COUNT supposes, else those of the epoch, if there is one.
std::vector<policy::Party> parties_for(model::Request const& request, model::Charter const& charter,
                                       model::Epoch const* epoch);

}  // namespace consortium::flow
