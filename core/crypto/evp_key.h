#pragma once

#include "core/base/secret.h"
#include "core/crypto/openssl.h"

#include <optional>

/// OpenSSL's keys from their parts. Its general decoders (d2i_PUBKEY, EVP_PKCS82PKEY) gather every decoder
/// that there is anew for each key, which takes longer than a signature; the forms that keys have here need
/// none.
namespace consortium::crypto {

/// The public key of an SPKI that model::spki_algorithm() takes; null if its point is not on the curve.
PkeyPtr public_key_of(base::BytesView spki);

/// The SPKI of a key; none for a key that is not of a form that model::spki_algorithm() takes.
std::optional<base::Bytes> spki_of(EVP_PKEY const* key);

/// The private key in a PKCS#8 structure; null for one that OpenSSL's decoders do not take either. Throws
/// Error(malformed) for one that is not DER inside.
PkeyPtr private_key_of(PKCS8_PRIV_KEY_INFO const* pkcs8);

/// The PKCS#8 structure of a private key as OpenSSL writes it, DER. `spki`: what spki_of() says of it.
base::Secret private_der(EVP_PKEY const* key, base::BytesView spki);

/// What a key of this algorithm hashes a message with before it signs; null for Ed25519, which does so
/// itself.
EVP_MD const* digest_for(std::string_view algorithm);

}  // namespace consortium::crypto
