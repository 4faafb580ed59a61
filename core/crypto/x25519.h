#pragma once

#include "core/base/secret.h"
#include "core/crypto/openssl.h"

#include <optional>

/// X25519 keys from their 32 bytes, and what two keys share.
namespace consortium::crypto {

inline constexpr std::size_t x25519_bytes = 32;

PkeyPtr x25519_private(base::Secret const& key);
/// Null for what is no point.
PkeyPtr x25519_public(base::BytesView point);
base::Bytes x25519_point(EVP_PKEY const* key);

/// RFC 8410.
base::Secret x25519_to_pkcs8(base::Secret const& key);
/// Throws Error(malformed); `name` names the key in messages.
base::Secret x25519_from_pkcs8(base::Secret const& pkcs8, std::string const& name);

/// What a private key and another's public key share, on X25519 or a P curve. None for a point of small
/// order, whose secret everybody knows.
std::optional<base::Secret> shared_secret(EVP_PKEY* own, EVP_PKEY* other);

}  // namespace consortium::crypto
