#pragma once

#include "core/port/certifier.h"
#include "core/port/entropy.h"

#include <memory>

namespace consortium::crypto {

/// X.509 by OpenSSL. Serials come from `entropy`, which must outlive it.
std::unique_ptr<port::Certifier> make_certifier(port::Entropy& entropy);

}  // namespace consortium::crypto
