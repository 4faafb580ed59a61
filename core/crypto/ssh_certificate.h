#pragma once

#include "core/port/ssh.h"

namespace consortium::crypto {

/// Authorities have Ed25519, P-256, P-384 or RSA (3072, 4096) keys; subjects also P-521 and others of RSA.
port::Ssh const& ssh();

}  // namespace consortium::crypto
