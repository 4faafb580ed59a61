#pragma once

#include "core/port/jose.h"

namespace consortium::crypto {

/// Ed25519, P-256, P-384, and RSA of 2048 to 4096 bits with the exponent 65537.
port::Jose const& jose();

}  // namespace consortium::crypto
