#pragma once

#include "core/model/certificate.h"

namespace consortium::crypto {

/// Builds and verifies a path with OpenSSL: time, revocation of every certificate on it, RFC 5280 strictly.
model::ChainAnswer verify_chain(model::ChainQuestion const& question);

}  // namespace consortium::crypto
