#pragma once

#include "core/port/custody.h"
#include "core/port/entropy.h"

#include <memory>

namespace consortium::crypto {

/// Opens with the identities (<name>.age.pem) and P-256 keys of the folder `keys`; keys of sessions are in
/// the folder `sessions` (0700), <first digits of the point's SHA-256>.pem.
std::unique_ptr<port::Custody> make_custody(base::Path keys, base::Path sessions,
                                            port::Keyring::Passphrase passphrase, port::Entropy& entropy);

}  // namespace consortium::crypto
