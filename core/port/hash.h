#pragma once

#include "core/base/digest.h"

namespace consortium::port {

/// A hash function of 32 bytes that the base does not have, e.g. Keccak-256 as Ethereum uses it.
using Hash = base::Digest (*)(base::BytesView);

}  // namespace consortium::port
