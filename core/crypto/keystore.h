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

/// Whether the folder holds a key of that name, of either sort.
bool has_key(base::Path const& folder, std::string_view name);

/// Public keys of officers who sign with ssh-keygen: <name>.ssh.pub, one line. The private key is elsewhere
/// (agent, FIDO token). `algorithm` is "ssh"; `public_key` the blob. add_ssh_key throws Error(malformed) for
/// a type that cannot sign acts, Error(conflict) for a name in use.
port::KeyInfo add_ssh_key(base::Path const& folder, std::string_view name, std::string_view line);
std::vector<port::KeyInfo> ssh_keys(base::Path const& folder);

}  // namespace consortium::crypto
