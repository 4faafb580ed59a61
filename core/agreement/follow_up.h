#pragma once

#include "core/agreement/result.h"

namespace consortium::agreement {

/// What an evaluated result, its effect tried, leaves in the epoch besides that effect: a vote that goes on,
/// a measure of an emergency, the time before the same may be proposed again.
/// `releases` are those of the epoch that was being made before the effect was tried.
void follow_up(model::Epoch& next, base::JsonValue const& releases, OpenProposal const& proposal,
               Evaluation const& evaluation);

/// Measures that end by this instant, sorted.
std::vector<base::Digest> ended_measures(model::Epoch const& current, base::Instant now);

/// Ends a measure: what it did is undone, as far as nothing has replaced it since. Throws Error(refused) if
/// it is none of `next`, or lasts.
model::Result lapse(model::Epoch& next, base::Digest const& measure);

/// Forgets what votes that end later than all of this epoch's, the last of which ended then, cannot depend
/// on.
void prune(model::Epoch& next, base::Instant last_end);

/// The measure because of which nothing may be changed on a network; null: there is none.
model::Measure const* pause_of(model::Epoch const& epoch, std::string_view network);

/// "changes to network 'payments' are paused by p-3fa9c1 until …".
std::string in_words(model::Measure const& measure);

/// A proposal as the charter's rules on opening look at it, in an epoch; without how many others are open.
policy::Opening opening_of(model::Epoch const& epoch, std::string const& member, model::Proposal const& body,
                           base::Instant opened);

}  // namespace consortium::agreement
