#pragma once

#include "core/flow/services.h"
#include "core/model/entry.h"

#include <functional>

namespace consortium::flow {

/// What an officer of this member orders about a person, signed, as the journal keeps it: a DSSE envelope
/// whose payload is `said` {"member","officer","subject",…} with "genesis", "epoch" {"number","hash"} and
/// "time", and whose payload type follows from the kind of the event that is to carry it. Throws
/// Error(not_authorized) where the officer's key is not in this workspace.
base::Json sign_order(base::Json said, std::string_view kind, Services& services, Identity const& self);

/// Those who answer for what is known about persons, in law or for the member: an active officer of this
/// member with role legal or governance.
bool may_order(model::Officer const& officer, std::string const& member, base::Instant when);

/// Whether events of this kind carry such an order, as the field "order" of their body.
bool carries_order(std::string_view kind);

using EpochFinder = std::function<model::Epoch const&(model::EpochReference const&)>;
/// That an officer who may, the one whom the event names, ordered what it says: with the key that the epoch
/// named has for this officer, in this consortium. Throws Error(malformed) or Error(verification_failed).
void check_order(model::Event const& event, base::Digest const& genesis, EpochFinder const& epoch_of,
                 port::Verifier const& verifier);

}  // namespace consortium::flow
