#pragma once

#include "core/port/evidence.h"
#include "core/port/signer.h"

namespace consortium::agreement {

/// The key that an act must be signed with, and how: "raw" or "sshsig".
struct Credential {
    base::Bytes key;
    std::string scheme = "raw";
};

/// How a key of this algorithm signs: "sshsig" for "ssh", else "raw".
std::string scheme_of(std::string_view algorithm);

/// PROTOCOL P2 (5): "key belongs to officer, member and role in that epoch (an applicant: only the key that
/// the invitation names, only submit)". `epoch` is the one that the act names; the invitation that an
/// applicant answers is looked for in `held`. Empty, and `out` is set; else why nobody may sign this act so.
std::string find_credential(port::Evidence const& held, model::Epoch const& epoch, model::Act const& act,
                            Credential& out);

/// PROTOCOL P2 (6): "the signature, the key looked up, never taken from DSSE's keyid".
bool is_signed(model::Envelope const& envelope, Credential const& credential, port::Verifier const& verifier);

/// Both, for an act whose epoch is known, however it came here. Throws Error(verification_failed) saying
/// what does not hold.
void verify_author(port::Evidence const& held, model::Epoch const& epoch, model::Envelope const& envelope,
                   model::Act const& act, port::Verifier const& verifier);

}  // namespace consortium::agreement
