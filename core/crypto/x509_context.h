#pragma once

#include <openssl/types.h>

namespace consortium::crypto {

/// A library context for reading certificates by the thousand. It has the algorithms of the default provider,
/// but of keys and their decoders only those that are certified (EC, Ed25519, RSA): to read a certificate
/// OpenSSL 3.0 looks each time through all that there are, which takes longer than the rest. A key of
/// another kind is not decoded there: X509_get0_pubkey() is null. Made once, for all threads; null where the
/// default provider is not to be had.
OSSL_LIB_CTX* certificate_context();

}  // namespace consortium::crypto
