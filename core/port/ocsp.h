#pragma once

#include "core/model/ocsp.h"

namespace consortium::port {

/// The status of certificates, asked for one by one (RFC 6960). Signing has the shape that port/certifier.h
/// describes: what is to be signed first, then any Signer, then the parts joined, then read back and verified
/// by another path.
class Ocsp {
public:
    virtual ~Ocsp() = default;

    /// Reads a stranger's request; a signature on it is not looked at. Throws Error(malformed).
    virtual model::StatusRequest read_request(base::BytesView der) const = 0;
    /// What clients send that ask about one certificate of `issuer` (its certificate): by SHA-1, without a
    /// nonce (RFC 5019 2.1.1).
    virtual base::Bytes request(std::string_view serial, base::BytesView issuer) const = 0;
    /// Whether `issuer` (a certificate) is the one that the client means.
    virtual bool names(model::CertificateId const& id, base::BytesView issuer) const = 0;

    /// SHA-1 of the key in a certificate, by which a response names its signer.
    virtual base::Bytes key_hash(base::BytesView certificate) const = 0;
    /// The final ResponseData.
    virtual base::Bytes response_tbs(model::StatusContent const& content) const = 0;
    /// A successful response, with the certificate of who signed it.
    virtual base::Bytes assemble(base::BytesView tbs, std::string_view algorithm, base::BytesView signature,
                                 base::BytesView responder) const = 0;
    /// A response that answers nothing; it is not signed.
    virtual base::Bytes refusal(model::StatusRefusal why) const = 0;

    /// Parses and verifies under `issuer` at an instant: signed by the issuer, or by one whom it has
    /// certified to answer for it. Whether the answers are of today is for the caller. Throws
    /// Error(verification_failed).
    virtual model::StatusFacts accept(base::BytesView der, base::BytesView issuer,
                                      base::Instant now) const = 0;
    /// Reads without trusting. Throws Error(malformed); Error(verification_failed) for a refusal.
    virtual model::StatusFacts describe(base::BytesView der) const = 0;
};

}  // namespace consortium::port
