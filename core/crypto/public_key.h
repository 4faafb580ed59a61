#pragma once

#include "core/base/bytes.h"

#include <optional>
#include <string>

namespace consortium::crypto {

/// The algorithm of a key that may sign acts: "ed25519", "p256", "p384"; none for any other SPKI. Only the
/// one usual DER form is taken (uncompressed points, named curves), so that a key has one id; an Ed25519
/// point of small order or not in canonical form, or a point off its curve, is none.
std::optional<std::string> algorithm_of(base::BytesView spki);

/// SPKI DER -> "-----BEGIN PUBLIC KEY-----" and back. The second throws Error(malformed), also for a key that
/// algorithm_of() does not take.
std::string public_pem(base::BytesView spki);
base::Bytes public_from_pem(std::string_view pem);

}  // namespace consortium::crypto
