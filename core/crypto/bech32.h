#pragma once

#include "core/base/bytes.h"

#include <optional>

namespace consortium::crypto {

/// Bech32 (BIP 173) of whole bytes, without its bound of 90 characters, in lower case: "age1…".
std::string bech32(std::string_view prefix, base::BytesView bytes);
/// The bytes; none for another prefix, a wrong checksum, mixed case or bits that are left over.
std::optional<base::Bytes> from_bech32(std::string_view prefix, std::string_view text);

}  // namespace consortium::crypto
