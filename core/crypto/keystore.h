#pragma once

#include "core/base/file.h"
#include "core/port/keyring.h"

namespace consortium::crypto {

/// The keys of a folder: <name>.pem (PKCS#8, scrypt, mode 0600) with <name>.pub.pem beside it. Opened signers
/// are kept for the life of the keyring, so that a passphrase is asked for once a key; decrypted key material
/// is wiped.
std::unique_ptr<port::Keyring> open_keyring(base::Path folder, port::Keyring::Passphrase passphrase);

/// Adds a private key from elsewhere (PKCS#8 DER) to a folder, as create() does with a new one.
port::KeyInfo import_key(base::Path const& folder, std::string_view name, base::Secret const& pkcs8,
                         base::Secret const& passphrase);

}  // namespace consortium::crypto
