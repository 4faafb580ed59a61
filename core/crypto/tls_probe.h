#pragma once

#include "core/port/tls_probe.h"

#include <memory>

namespace consortium::crypto {

/// By OpenSSL, over sockets of its own.
std::unique_ptr<port::TlsProbe> make_tls_probe();

}  // namespace consortium::crypto
