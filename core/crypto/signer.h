#pragma once

#include "core/base/secret.h"
#include "core/port/signer.h"

namespace consortium::crypto {

/// A new key by OpenSSL's generator: "ed25519", "p256", "p384", "rsa3072" or "rsa4096". Throws
/// Error(unsupported) for others.
/// The result is PKCS#8 DER, unencrypted.
base::Secret generate_key(std::string_view algorithm);

/// The same with its public half, SPKI DER.
struct NewKey {
    base::Secret pkcs8;
    base::Bytes public_key;
};
NewKey generate_pair(std::string_view algorithm);

/// A signer over a PKCS#8 private key, DER. Throws Error(malformed) unless keyring_algorithm_of() takes it.
std::shared_ptr<port::Signer> make_signer(base::Secret const& pkcs8);

/// PKCS#8 DER -> PEM: scrypt (N=2^14, r=8, p=1, the strongest that stock `openssl pkey` reads) and
/// AES-256-CBC; not encrypted for an empty passphrase.
base::Secret private_pem(base::Secret const& pkcs8, base::Secret const& passphrase);
/// The other way, for PKCS#8 PEM of any scheme that OpenSSL reads. Throws Error(malformed), or
/// Error(not_authorized) for a wrong passphrase; `what` names the key in messages.
base::Secret private_from_pem(base::BytesView pem, base::Secret const& passphrase, std::string_view what);
/// Whether a PEM text holds an encrypted PKCS#8 key. Throws Error(malformed) if it holds no PKCS#8 key at
/// all.
bool is_encrypted(base::BytesView pem, std::string_view what);

}  // namespace consortium::crypto
