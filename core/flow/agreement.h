#pragma once

#include "core/agreement/validation.h"
#include "core/flow/services.h"

namespace consortium::flow {

/// What the seat's loop did in this workspace.
struct SeatReport {
    std::vector<std::string> signatures;  // in words: "states 4 ballots on p-3fa9c1", in order
    std::vector<std::uint64_t> finals;    // epochs that became final here now
    std::string waits;                    // why it stopped, in words
    std::vector<std::string> missing;     // members that are waited for
    std::optional<base::Instant> until;   // when there may be more to do without anything arriving
};

/// Makes epoch 0 final when it can be; then repeats {advance, state, lead, prepare, commit} of PROTOCOL P6
/// until nothing changes. Each signature is journaled before anybody can see it; each epoch that becomes
/// final is journaled as the event "epoch.final". In a workspace without the seat's key it only advances.
/// Journals evidence of contradictory acts (object kind "contradiction"), freezing nothing.
SeatReport seat_step(Services& services, Identity const& self);

/// What acts are judged by here: call agreement::validate with it, again for each batch. Throws
/// Error(refused) in a workspace that has accepted no genesis.
agreement::Ground ground(Services const& services);

}  // namespace consortium::flow
