#pragma once

#include "core/agreement/statement.h"
#include "core/policy/tally.h"

namespace consortium::agreement {

/// What becomes of a proposal under pinned statements, seen from the epoch in which it is decided:
/// exclusions, tally, outcome (PROTOCOL P5, P6 hard checks, P8). The effect on the epoch is not tried yet.
model::Result evaluate(port::Evidence const& evidence, model::Epoch const& current,
                       OpenProposal const& proposal, std::vector<base::Digest> const& statements);

/// What the ballots held here would add up to if they were all timely: for `proposal tally` before the close.
struct Standing {
    policy::Tally tally;
    std::vector<policy::Vote> votes;
    std::vector<std::pair<base::Digest, std::string>> excluded;
};
Standing standing(port::Evidence const& evidence, model::Epoch const& current, OpenProposal const& proposal);

/// Why the proposal is void whatever the ballots say: too few of its voters left, restarted, or its
/// proposer's key removed for cause; empty: it is not.
std::string void_reason(port::Evidence const& evidence, model::Epoch const& current,
                        OpenProposal const& proposal);

}  // namespace consortium::agreement
