#pragma once

#include "core/base/digest.h"

#include <optional>

namespace consortium::driver::evm {

/// The public key (x ‖ y, 64 bytes) whose secp256k1 signature over `digest` this is: `signature` is r ‖ s ‖ v
/// with v 0 or 1 (27 or 28 in older software). SEC 1, section 4.1.6. None for one that no key can have made.
std::optional<base::Bytes> recover_key(base::Digest const& digest, base::BytesView signature);

/// Whether these 64 bytes (x ‖ y) are a point of secp256k1, as every public key is.
bool is_public_key(base::BytesView key);

}  // namespace consortium::driver::evm
