#pragma once

#include "core/base/bytes.h"

#include <optional>
#include <string>

namespace consortium::model {

/// A public key as acts and epochs hold it: "ed25519", "p256", "p384" with its SPKI DER, or "ssh" with the
/// SSH public-key blob.
struct PublicKey {
    std::string algorithm;
    base::Bytes bytes;
};

/// The algorithm of an SPKI in the one usual DER form (named curve, uncompressed point), so that a key has
/// one id; none for any other, for an Ed25519 point of small order and for one that is not in canonical form.
/// Whether a point of a P curve lies on it is for whoever verifies with it.
std::optional<std::string> spki_algorithm(base::BytesView spki);

/// The SPKI of a point: of an Ed25519 key, or uncompressed (04 …) on a P curve. None for any other, and where
/// spki_algorithm() would not take the result.
std::optional<base::Bytes> spki_of(std::string_view algorithm, base::BytesView point);

/// Whether the bytes are a sound key of the algorithm that is named: what every registration of a key asks.
bool is_public_key(std::string_view algorithm, base::BytesView bytes);

/// SPKI DER in "-----BEGIN PUBLIC KEY-----".
std::string public_pem(base::BytesView spki);

/// The other way, whatever kind of key it is. Throws Error(malformed) for what is not PEM.
base::Bytes public_from_pem(std::string_view text);

/// A public key as people hand it over: PEM as above, or one line "ssh-ed25519 AAAA… comment". Throws
/// Error(malformed) for other text, other algorithms, and keys that spki_algorithm() does not take.
PublicKey read_public_key(std::string_view text);

}  // namespace consortium::model
