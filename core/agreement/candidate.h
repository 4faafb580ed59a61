#pragma once

#include "core/agreement/finality.h"

namespace consortium::agreement {

/// Everything that is due for the next epoch here and now: proposals that have their statements and whose
/// closes + grace has passed, with all own changes that wait; or own changes alone once `settle` has passed.
Ingredients due(port::Evidence const& evidence, model::Epoch const& current, Seat const& seat,
                base::Instant now);

/// The hard checks of PROTOCOL P6: why no honest seat may prepare this candidate; empty: it may.
std::string hard_check(port::Evidence const& evidence, model::Epoch const& current,
                       model::StoredAct const& candidate);

/// The soft checks: why this seat does not prepare it yet. Not asked of a carried document.
std::string soft_check(port::Evidence const& evidence, model::Epoch const& current,
                       model::StoredAct const& candidate, Seat const& seat, base::Instant now);

/// The document that the candidate's skips oblige it to repeat; none if they carry nothing.
std::optional<model::Choice> carried(port::Evidence const& evidence, model::Candidate const& candidate);

}  // namespace consortium::agreement
