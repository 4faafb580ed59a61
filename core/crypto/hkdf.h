#pragma once

#include "core/base/secret.h"

namespace consortium::crypto {

/// HKDF-SHA256 (RFC 5869): 32 bytes.
base::Secret hkdf(base::BytesView key, base::BytesView salt, std::string_view info);

}  // namespace consortium::crypto
