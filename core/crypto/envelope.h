#pragma once

#include "core/model/act.h"
#include "core/port/signer.h"

namespace consortium::crypto {

/// The act in its envelope, signed with the key's own algorithm over DSSE's PAE; payload canonical. Throws
/// Error(malformed) if the act names another key than the signer's or is larger than an act may be.
model::Envelope seal(model::Act const& act, port::Signer& signer);

/// Whether the envelope's one signature is by `key` (SPKI DER, or an SSH public-key blob for "sshsig").
bool holds(model::Envelope const& envelope, base::BytesView key, port::Verifier const& verifier);

}  // namespace consortium::crypto
