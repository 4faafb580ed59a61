#pragma once

#include "core/port/entropy.h"

namespace consortium::crypto {

/// The operating system's random generator (getrandom(2)); blocks until it is seeded.
port::Entropy& system_entropy();

}  // namespace consortium::crypto
