#pragma once

#include "core/flow/agreement.h"
#include "core/flow/apply.h"

namespace consortium::flow {

/// `vote prepare PROPOSAL --choice C --for OFFICER --to FILE`: writes the bytes that an officer without a
/// workspace signs with `ssh-keygen -Y sign -n consortium -f KEY FILE`, a summary in FILE.txt and, where a
/// reason is given, FILE.private: what FILE commits to, its SHA-256 being the act's `private`. FILE comes
/// last, and an earlier FILE.private goes where it commits to nothing. Throws
/// Error(not_found) for an unknown officer, Error(unsupported) for one whose key is no SSH key,
/// Error(refused) where a vote could not be cast.
model::Outcome vote_prepare(Services& services, State const& state, model::Request const& request);

/// The envelope of prepared bytes and the signature that was made over them (decoded from its armour). Throws
/// Error(malformed) if they are no act in DSSE's pre-authentication encoding.
std::string signed_elsewhere(std::string_view prepared, base::Bytes signature);

}  // namespace consortium::flow
