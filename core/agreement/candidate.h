#pragma once

#include "core/agreement/finality.h"

namespace consortium::agreement {

/// What is due for the next epoch here and now, and since when.
struct Due {
    Ingredients parts;
    base::Instant since;  // by this workspace's clock; only if something is due
};

/// Proposals that have their statements and whose closes + grace has passed, with all own changes that wait;
/// or own changes alone once `settle` has passed. `open` is open_proposals().
Due due(port::Evidence const& evidence, model::Epoch const& current, std::vector<OpenProposal> const& open,
        Seat const& seat, base::Instant now);

/// The hard checks of PROTOCOL P6: why no honest seat may prepare this candidate; empty: it may. All that the
/// candidate names must be held; the answer is then the same everywhere, and the last few are remembered.
std::string hard_check(port::Evidence const& evidence, std::shared_ptr<model::Epoch const> const& current,
                       model::StoredAct const& candidate);

/// The soft checks: why this seat does not prepare it yet. Not asked of a carried document.
std::string soft_check(port::Evidence const& evidence, model::Epoch const& current,
                       model::StoredAct const& candidate, Seat const& seat, base::Instant now);

/// What the candidate's skips oblige it to repeat.
struct Obligation {
    std::optional<model::Choice> choice;  // none: they carry nothing
    bool contradictory = false;           // two documents at the highest attempt: more than f members lie
};
Obligation carried(port::Evidence const& evidence, model::Candidate const& candidate);

}  // namespace consortium::agreement
