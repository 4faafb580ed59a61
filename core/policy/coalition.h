#pragma once

#include "core/policy/tally.h"

namespace consortium::policy {

/// The fewest members, the heaviest first, that can do something to an ordinary vote; nothing where no set of
/// them can. Members of equal weight (and class) can replace each other.
struct Coalitions {
    using Members = std::optional<std::vector<std::string>>;
    Members deciding;  // pass it by saying yes, against the noes of all others; empty: passes without a yes
    Members blocking;  // stop it by saying no (or veto, where that says more), all others saying yes
    Members absent;    // stop it by not voting, all others saying yes
};

/// Exact: a vote depends on weights in all and within each class only, and classes do not overlap, so the
/// heaviest of each are the best choice. n log n in the number of electors.
Coalitions smallest_coalitions(model::Decision const& decision, std::vector<Elector> const& electors);

}  // namespace consortium::policy
