#pragma once

#include "core/base/bytes.h"
#include "core/base/instant.h"

#include <string>
#include <vector>

namespace consortium::port {

class Signer;

/// What a detached signature in CMS is made with.
struct CmsRequest {
    base::Bytes certificate;          // of the signer, DER
    std::vector<base::Bytes> others;  // its issuers, DER: carried along, not trusted
    base::Instant signing_time;       // as the signer says
};

/// One signature that holds.
struct CmsFacts {
    base::Bytes certificate;  // of the signer, DER
    std::string subject;
    base::Instant signing_time;
};

/// Detached signatures over files: CMS SignedData (RFC 5652) with one signer and the signed attributes
/// content-type, message-digest, signing-time and signing-certificate-v2 (RFC 5035). Keys are P-256 and RSA,
/// with SHA-256, and P-384 with SHA-384, as port::Signer signs; OpenSSL 3.0 has no Ed25519 in CMS (RFC 8419).
class Cms {
public:
    static constexpr std::size_t max_size = 262'144;  // of a signature with its certificates

    virtual ~Cms() = default;

    /// The bytes that the signer of `request.certificate` has to sign: the signed attributes in DER. Throws
    /// Error(malformed) for a certificate that cannot be read, Error(unsupported) for a key that CMS has no
    /// signature for here.
    virtual base::Bytes to_sign(CmsRequest const& request, base::BytesView content) const = 0;
    /// The SignedData in DER, from the signature over to_sign(). Throws Error(verification_failed) unless it
    /// verifies under the certificate's key.
    virtual base::Bytes assemble(CmsRequest const& request, base::BytesView content,
                                 base::BytesView signature) const = 0;
    /// Both, with the key at hand. Throws Error(refused) if it is not the certificate's.
    virtual base::Bytes sign(CmsRequest const& request, base::BytesView content, Signer& signer) const = 0;

    /// The signature that `cms` has over `content`, under a path from its certificate to one of the `roots`
    /// (DER) at `at`; whether anything on it was revoked is not asked. Throws Error(malformed) for what is no
    /// such signature, Error(verification_failed) for one that does not hold, saying why.
    virtual CmsFacts verify(base::BytesView content, base::BytesView cms,
                            std::vector<base::Bytes> const& roots, base::Instant at) const = 0;
};

}  // namespace consortium::port
