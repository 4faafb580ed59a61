#pragma once

#include "core/base/secret.h"

#include <optional>

/// AES-256-GCM with a nonce of 12 bytes and a tag of 16, which follows the ciphertext.
namespace consortium::crypto {

inline constexpr std::size_t gcm_nonce_bytes = 12, gcm_tag_bytes = 16;

/// `context` is authenticated with it and is not secret.
base::Bytes gcm_seal(base::Secret const& key, base::BytesView nonce, std::string_view context,
                     base::BytesView plain);
/// None for what was not sealed so, with this key.
std::optional<base::Secret> gcm_open(base::Secret const& key, base::BytesView nonce, std::string_view context,
                                     base::BytesView sealed);

}  // namespace consortium::crypto
