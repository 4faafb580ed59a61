#pragma once

#include "core/base/instant.h"
#include "core/model/verdict.h"

#include <span>

namespace consortium::policy {

/// When a final decision may be carried out (PROTOCOL P7).
struct Enacted {
    base::Instant received;                // when this workspace saw the epoch to be final
    std::vector<base::Instant> committed;  // `time` of the commits
    base::Duration timelock;
    base::Instant lapses;
};

/// The timelock after the later of one's own receipt and the median of the commits' times (of an even number
/// the later of the middle two).
base::Instant executable_from(Enacted const& enacted);

/// pending until then (deadline: when), refused from `lapses` on.
model::Verdict executable(Enacted const& enacted, base::Instant now);

}  // namespace consortium::policy
