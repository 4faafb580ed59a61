#pragma once

#include "core/crypto/x509_handles.h"
#include "core/port/certifier.h"

namespace consortium::crypto {

/// The final TBSCertList, written as DER entry by entry: an X509_CRL of a million entries takes 600 MB and
/// three seconds, this takes its own size. `algorithm` is the DER of the AlgorithmIdentifier.
base::Bytes write_crl(model::CrlContent const& content, port::Certifier::Revocations const& revoked,
                      base::BytesView algorithm);

/// Reads a whole list by another path than wrote it, in constant memory; `each` may be empty. Checks the form
/// of every entry. Throws Error(malformed).
model::CrlFacts read_crl(base::BytesView der, port::Certifier::Each const& each = {});

/// The signed part, the AlgorithmIdentifier (its DER, and its OID as a name) and the signature of a signed
/// object.
struct SignedParts {
    base::BytesView tbs;
    base::BytesView identifier;
    std::string algorithm;
    base::BytesView signature;
};
SignedParts signed_parts(base::BytesView der);

/// Verifies a signature over DER under a public key, hashing as the algorithm's name says.
bool verify_parts(SignedParts const& parts, EVP_PKEY* key);

}  // namespace consortium::crypto
