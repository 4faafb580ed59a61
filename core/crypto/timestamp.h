#pragma once

#include "core/port/timestamps.h"

namespace consortium::crypto {

/// By OpenSSL's time-stamping functions.
port::Timestamps const& timestamps();

}  // namespace consortium::crypto
