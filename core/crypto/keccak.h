#pragma once

#include "core/base/digest.h"

namespace consortium::crypto {

/// Keccak-256 with the original padding, as Ethereum uses it; not SHA3-256.
base::Digest keccak256(base::BytesView bytes);

}  // namespace consortium::crypto
