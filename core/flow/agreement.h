#pragma once

#include "core/agreement/finality.h"
#include "core/agreement/validation.h"
#include "core/flow/services.h"

namespace consortium::flow {

/// What the seat's loop did in this workspace.
struct SeatReport {
    std::vector<std::string> signatures;  // in words: "state 4 ballots on p-3fa9c1", in order
    std::vector<std::uint64_t> finals;    // epochs that became final here now
    std::string waits;                    // why it stopped, in words
    std::vector<std::string> missing;     // members that are waited for
    std::optional<base::Instant> until;   // when there may be more to do without anything arriving
    std::string then;                     // what this seat does at `until`
    bool needs_person = false;            // nothing goes on here by itself
};

/// Makes epoch 0 final when it can be; then repeats {advance, state, lead, prepare, commit, skip} of PROTOCOL
/// P6 until nothing changes. Each signature is journaled before anybody can see it; each epoch that becomes
/// final is journaled as the event "epoch.final". In a workspace without the seat's key it only advances.
SeatReport seat_step(Services& services, Identity const& self);

/// The hash of the genesis that this workspace stands on. Throws Error(refused) where it knows none.
base::Digest genesis_of(port::Store const& store);

/// What acts are judged by here: call agreement::validate with it, again for each batch. Throws
/// Error(refused) in a workspace that has accepted no genesis.
agreement::Ground ground(Services const& services);

/// Journals evidence where an act that was just stored contradicts an earlier one, once a slot (object
/// "equivocation", named by the SHA-256 of the slot's text; its file is put too). Freezes nothing. True if it
/// did.
bool note_contradiction(Services& services, base::Digest const& id);

/// Answers a newcomer's nonce with one `welcome` of this seat, in the latest epoch (PROTOCOL P9). None if
/// this workspace is no seat, or has answered this nonce in this epoch.
std::optional<base::Digest> welcome(Services& services, Identity const& self, std::string const& nonce);

}  // namespace consortium::flow
