#pragma once

#include "core/agreement/statement.h"
#include "core/policy/opening.h"

namespace consortium::agreement {

/// Why acts on a proposal do not count: id, reason in one or two words; sorted by id.
using Exclusions = std::vector<std::pair<base::Digest, std::string>>;

/// When each timely act was in time (PROTOCOL P5).
using Times = std::map<base::Digest, base::Instant>;

/// What the timely acts on a proposal amount to before anything is added up.
struct Ballots {
    std::vector<policy::Vote> votes;           // the last revision of each member's
    std::vector<policy::TimedVote> revisions;  // all of those members
    policy::Context context;                   // recusals and delegations
    std::vector<base::Digest> counted;         // sorted
    Exclusions excluded;
    std::optional<base::Digest> withdrawal;  // by which the proposal's member took it back
};

/// Whether acts that this key signed count no more: it was compromised, or its member expelled.
bool removed_for_cause(model::Epoch const& current, base::Digest const& key);

/// Sorts out ballots, delegations, recusals, suspensions and withdrawals, seen from the epoch in which the
/// proposal is decided (PROTOCOL P5, P8, P10): the order of the acts does not matter.
Ballots sort_out(port::Evidence const& evidence, model::Epoch const& current, OpenProposal const& proposal,
                 Times const& timely);

}  // namespace consortium::agreement
