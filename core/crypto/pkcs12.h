#pragma once

#include "core/base/secret.h"

#include <string>
#include <vector>

namespace consortium::crypto {

/// A keystore (RFC 7292) with one entry: the private key (PKCS#8 DER), its certificate and those above it,
/// `chain` in that order. Encrypted and authenticated with the password as Java and OpenSSL do today:
/// AES-256-CBC, PBKDF2 and a MAC of SHA-256. `alias` names the entry. Throws Error(refused) for a password
/// that not every reader takes alike, Error(verification_failed) if the key is not that of the certificate.
base::Bytes keystore(base::Secret const& pkcs8, std::vector<base::Bytes> const& chain,
                     std::string const& alias, base::Secret const& password);

/// A keystore of certificates alone, each under a name of its own, that is to say what is trusted: Java takes
/// an entry for trusted only if it says so. Encrypted and authenticated like the one above. Throws
/// Error(refused) for such a password, Error(malformed) for what is no certificate.
base::Bytes truststore(std::vector<std::pair<std::string, base::Bytes>> const& trusted,
                       base::Secret const& password);

}  // namespace consortium::crypto
