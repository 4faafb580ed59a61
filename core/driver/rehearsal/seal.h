#pragma once

#include "core/base/secret.h"

namespace consortium::driver::rehearsal {

/// Ed25519 by raw keys of 32 bytes: how simulated validators seal blocks.
base::Bytes public_key(base::Secret const& seed);
base::Bytes sign(base::Secret const& seed, base::BytesView message);
/// False for anything that does not hold, malformed input included.
bool verify(base::BytesView key, base::BytesView message, base::BytesView signature);

}  // namespace consortium::driver::rehearsal
