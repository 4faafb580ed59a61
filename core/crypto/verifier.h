#pragma once

#include "core/port/signer.h"

namespace consortium::crypto {

/// Ed25519 (RFC 8032, pure), ECDSA P-256 with SHA-256, P-384 with SHA-384 (DER), and SSH signatures. Keys
/// that algorithm_of() does not take never verify.
port::Verifier const& verifier();

/// One "raw" signature; what verifier() does for that scheme.
bool verify_raw(base::BytesView spki, base::BytesView message, base::BytesView signature);

/// RSA PKCS#1 v1.5 with SHA-256, as port::Signer makes it; never for acts. Which keys are strong enough, the
/// caller knows.
bool verify_rsa(base::BytesView spki, base::BytesView message, base::BytesView signature);

}  // namespace consortium::crypto
