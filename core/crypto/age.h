#pragma once

#include "core/base/secret.h"
#include "core/port/entropy.h"

#include <optional>
#include <vector>

/// Files of the format age v1 (https://age-encryption.org/v1) for recipients of type X25519, with contents of
/// one chunk.
namespace consortium::crypto {

inline constexpr std::size_t max_age_content = 65'536;
inline constexpr std::size_t max_age_recipients = 200;

/// "age1…", from an identity's 32 bytes.
std::string age_recipient(base::Secret const& identity);
/// Whether the text names a recipient.
bool is_age_recipient(std::string_view text);

/// Throws Error(malformed) for a text that is no recipient, none at all, too many, or a content that is too
/// long.
base::Bytes age_encrypt(std::vector<std::string> const& recipients, base::BytesView content,
                        port::Entropy& entropy);
/// The content; none where it is not for this identity. Throws Error(malformed) for what is no such file, and
/// Error(verification_failed) for one that was changed.
std::optional<base::Secret> age_decrypt(base::Secret const& identity, base::BytesView file);

}  // namespace consortium::crypto
