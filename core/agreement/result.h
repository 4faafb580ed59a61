#pragma once

#include "core/agreement/ballots.h"

namespace consortium::agreement {

/// What becomes of a proposal under pinned statements, seen from the epoch in which it is decided:
/// exclusions, tally, outcome (PROTOCOL P5, P6 hard checks, P8). The effect on the epoch is not tried yet.
model::Result evaluate(port::Evidence const& evidence, model::Epoch const& current,
                       OpenProposal const& proposal, std::vector<base::Digest> const& statements);

/// What a result does besides its action's effect on the epoch.
struct Evaluation {
    model::Result result;
    std::optional<base::Instant> closes;  // of outcome "continues": when the vote ends now
    base::Instant ended;  // its close; where it ended before, when the last that counts was received
};
Evaluation evaluation(port::Evidence const& evidence, model::Epoch const& current,
                      OpenProposal const& proposal, std::vector<base::Digest> const& statements);

/// Whether nothing that can still be said changes the outcome, under these statements: it is withdrawn, or no
/// ballot can turn it and the decision lets it close early.
bool is_settled_by(port::Evidence const& evidence, model::Epoch const& current, OpenProposal const& proposal,
                   std::vector<base::Digest> const& statements);
/// The same under what is held here.
bool is_settled_here(port::Evidence const& evidence, model::Epoch const& current,
                     OpenProposal const& proposal);

/// What the ballots held here would add up to if they were all timely: for `proposal tally` before the close.
struct Standing {
    policy::Tally tally;
    Ballots ballots;
};
Standing standing(port::Evidence const& evidence, model::Epoch const& current, OpenProposal const& proposal);

/// Why the proposal is void whatever the ballots say: too few of its voters left, restarted, or its
/// proposer's key removed for cause; empty: it is not.
std::string void_reason(port::Evidence const& evidence, model::Epoch const& current,
                        OpenProposal const& proposal);

}  // namespace consortium::agreement
