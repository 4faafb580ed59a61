#pragma once

#include "core/base/file.h"
#include "core/crypto/key_means.h"
#include "core/port/keyring.h"

namespace consortium::crypto {

/// The keys of a folder: <name>.pem (PKCS#8, scrypt, mode 0600), or what says where else the key is,
/// <name>.pkcs11 (a token) or <name>.command (a program), with <name>.pub.pem beside it. Those places are
/// used only if they are trusted, else opening throws Error(refused). A key of which <name>.ssh.pub is there
/// can be opened by its id, and signs acts with the ssh-agent; it is in no list. Opened signers are kept for
/// the life of the keyring, so that a passphrase is asked for once a key, and a PIN once a token; decrypted
/// key material is wiped.
std::unique_ptr<port::Keyring> open_keyring(base::Path folder, port::Keyring::Passphrase passphrase,
                                            KeyMeans means = {});

/// Adds a private key from elsewhere (PKCS#8 DER) to a folder, as create() does with a new one.
port::KeyInfo import_key(base::Path const& folder, std::string_view name, base::Secret const& pkcs8,
                         base::Secret const& passphrase);

/// The private key itself, PKCS#8 DER, for what takes it elsewhere. Asks for its passphrase if it has one.
/// Throws Error(not_found), or Error(unsupported) for a key that is not in the folder.
base::Secret private_key(base::Path const& folder, std::string_view name,
                         port::Keyring::Passphrase const& passphrase);

/// Whether the folder holds a key of that name, of any sort.
bool has_key(base::Path const& folder, std::string_view name);

/// Where the private key of this name is, if not in the folder: the pkcs11: URI of its token, or the command
/// line of a program; else empty.
std::string elsewhere(base::Path const& folder, std::string_view name);

/// From now on this user trusts that place, which is returned. Throws Error(not_found) for a key that is not
/// elsewhere.
std::string trust_place(base::Path const& folder, std::string_view name, TrustedPlaces const& trusted);
/// The names of keys whose places this user does not trust yet.
std::vector<std::string> untrusted_places(base::Path const& folder, TrustedPlaces const& trusted);

/// The file with a private key, or with what says where it is; empty if there is none.
base::Path private_file(base::Path const& folder, std::string_view name);

/// Public keys of officers who sign with ssh-keygen: <name>.ssh.pub, one line. The private key is elsewhere
/// (agent, FIDO token). `algorithm` is "ssh"; `public_key` the blob. add_ssh_key throws Error(malformed) for
/// a type that cannot sign acts, Error(conflict) for a name in use.
port::KeyInfo add_ssh_key(base::Path const& folder, std::string_view name, std::string_view line);
std::vector<port::KeyInfo> ssh_keys(base::Path const& folder);

}  // namespace consortium::crypto
