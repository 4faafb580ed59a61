#pragma once

#include "core/policy/charter_lint.h"

namespace consortium::policy {

/// What `next` asks less of than `now`, for a member that must decide on it: clauses that nobody may change,
/// findings of lint() that are new, and by action what got easier (fewer members pass it, a lower bound, a
/// shorter vote or timelock, a veto, class or finding dropped), approvals and gates that ask for less,
/// certificates that may be more. The worst come first.
std::vector<Finding> weakened(model::Charter const& now, model::Charter const& next,
                              std::vector<Party> const& parties);

}  // namespace consortium::policy
