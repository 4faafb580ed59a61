#pragma once

#include "core/model/public_key.h"

#include <array>

namespace consortium::crypto {

/// The algorithm of a key that may sign acts: model::spki_algorithm(), and the point lies on its curve.
std::optional<std::string> algorithm_of(base::BytesView spki);
/// The algorithm of a key that a keyring may hold: one of those; or "rsa3072", "rsa4096" with the exponent
/// 65537, which sign certificates, revocation lists and tokens only.
std::optional<std::string> keyring_algorithm_of(base::BytesView spki);
/// The same. Throws Error(malformed) for a key that it does not take.
std::string sound_algorithm_of(base::BytesView spki);

/// The SPKI of an RSA key, from unsigned big-endian numbers. Whether it is a sound key, it does not ask.
base::Bytes rsa_spki(base::BytesView modulus, base::BytesView exponent);
/// The exponent that RSA keys have.
inline constexpr std::array<std::uint8_t, 3> rsa_exponent{1, 0, 1};
/// Whether an unsigned big-endian number has the form of a modulus of 2048 to 4096 bits.
bool is_rsa_modulus(base::BytesView number);
/// The modulus of such a key in the one form that rsa_spki() writes; none for anything else.
std::optional<base::Bytes> rsa_modulus_of(base::BytesView spki);

/// PEM -> SPKI DER. Throws Error(malformed), also for a key that keyring_algorithm_of() does not take.
base::Bytes public_from_pem(std::string_view pem);

}  // namespace consortium::crypto
