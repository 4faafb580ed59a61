#pragma once

#include "core/policy/tally.h"

namespace consortium::policy {

/// What those who have not voted can still do to a vote.
struct Prospect {
    using Members = std::optional<std::vector<std::string>>;
    bool settled = false;  // policy::settled
    bool passes = false;   // if it closed now
    /// Members whose yes would make it pass if nobody else said anything more, none of whom could be left
    /// out; empty: it passes without them; nothing: no yes of theirs is enough.
    Members passing;
    /// Members whose no (or veto, where that says more) would stop it though all others who have not voted
    /// said yes; empty: it fails even then; nothing: they cannot stop it.
    Members blocking;
};

/// Every set that is named was tallied. The heaviest members are looked at first; n log n tallies for n
/// members.
Prospect prospect(model::Decision const& decision, std::vector<Elector> const& electors,
                  std::vector<Vote> const& votes, Context const& context = {});

}  // namespace consortium::policy
