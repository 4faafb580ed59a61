#pragma once

#include "core/crypto/openssl.h"
#include "core/port/signer.h"

/// Signatures over hashes that were made piece by piece.
namespace consortium::crypto {

base::Bytes hash_of(port::Pieces const& message, EVP_MD const* kind);

/// Whether a signature over this hash holds: ECDSA, or RSA PKCS#1 v1.5.
bool verify_hash(base::BytesView hash, EVP_MD const* kind, base::BytesView signature, EVP_PKEY* key);
/// With a key that hashes by itself: Ed25519.
bool verify_whole(base::BytesView message, base::BytesView signature, EVP_PKEY* key);

}  // namespace consortium::crypto
