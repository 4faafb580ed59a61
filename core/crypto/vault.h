#pragma once

#include "core/base/file.h"
#include "core/port/entropy.h"
#include "core/port/vault.h"

#include <memory>

namespace consortium::crypto {

/// Keys of 32 bytes in files <subject>.key (mode 0600) of a folder (0700), which is made when it is needed.
/// Sealed bytes: version 1, the first 8 bytes of the key's SHA-256, a random nonce of 12, AES-256-GCM's
/// ciphertext and its tag of 16.
std::unique_ptr<port::Vault> open_vault(base::Path folder, port::Entropy& entropy);

}  // namespace consortium::crypto
