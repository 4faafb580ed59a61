#pragma once

#include "core/crypto/x509_handles.h"
#include "core/model/certificate.h"

/// What RFC 5280 asks of a path and of a revocation list, and OpenSSL 3.0 does not look at. OpenSSL decides
/// first: these rules only ever refuse what it has accepted.
namespace consortium::crypto {

struct BrokenRule {
    int depth = 0;         // of the certificate that breaks it: 0 is the leaf
    std::string sentence;  // "has a serial number that …"; empty: none is broken
};

/// The first rule that is broken on a path, the leaf first.
BrokenRule broken_rule(STACK_OF(X509) * chain);

/// Why nothing may be concluded from a revocation list; empty: it may.
std::string unfit(X509_CRL* list);

/// Of the names that are asked for, the first that the certificate is not for; empty: it is for all of them.
std::string missing_name(X509* leaf, model::AlternativeNames const& wanted);

}  // namespace consortium::crypto
