#pragma once

#include "core/base/secret.h"
#include "core/model/share.h"
#include "core/port/entropy.h"

#include <optional>
#include <vector>

/// Secret sharing and Argon2id, which OpenSSL 3.0 lacks: Botan's.
namespace consortium::crypto {

/// RTSS of draft-mcgrew-tss-03 in its binary form: identifier (16 bytes), hash, threshold, length, index,
/// and the share of the secret and its hash. `hash`: "SHA-256", "SHA-1" or "None".
std::vector<base::Secret> rtss_split(base::Secret const& secret, base::BytesView identifier, int threshold,
                                     int count, std::string const& hash, port::Entropy& entropy);
/// None where the shares do not belong together, or fewer than the threshold are given.
std::optional<base::Secret> rtss_join(std::vector<base::BytesView> const& shares);

/// 32 bytes of a passphrase (RFC 9106).
base::Secret argon2id(base::Secret const& word, base::BytesView salt, model::Argon2Cost const& cost);

}  // namespace consortium::crypto
