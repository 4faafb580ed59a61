#pragma once

#include "core/agreement/finality.h"
#include "core/flow/intake.h"
#include "core/model/plan.h"

namespace consortium::flow {

/// Whether this workspace holds the key that is the member's seat in the epoch.
bool holds_seat(Services const& services, model::Epoch const& epoch, Identity const& self);

/// Who acts for the member in the epoch, and what its journal says of its seat: since when the epoch is final
/// here, and whether the seat must stay silent.
agreement::Seat seat_of(port::Store const& store, model::Epoch const& epoch, std::string const& member);

/// PROTOCOL P10: acts of this workspace's own seat that arrive from elsewhere were signed by it after the
/// state that this journal is in: it was restored from a backup. Journals it once a key (object "seat", named
/// by the key, state "silent"): next_action signs nothing with that key any more. True if it did.
bool note_restored(Services& services, Intake const& intake);

/// The same said by a person: the seat key of the latest epoch signs nothing from the step on. None where
/// this workspace does not hold the seat, or it is silent already.
std::optional<model::Step> silence_step(State const& state);

/// Leaves the attempt that the seats are in before its timer ends.
model::Plan plan_epoch_skip(State const& state, model::Request const& request);
/// Lets a restored seat sign again with its old key. Only where every voting member is needed for a quorum
/// (q = n): there nobody else can have agreed on anything without it, nor enact a new key for it.
model::Plan plan_epoch_resume(State const& state, model::Request const& request);

/// "epoch.skip": signs a skip before the lock is taken, appends it only if it is still what the seat would
/// sign. Detail {body, refs}.
struct Applier;
extern Applier const epoch_skip_applier;

}  // namespace consortium::flow
