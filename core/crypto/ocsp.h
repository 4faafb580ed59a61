#pragma once

#include "core/crypto/x509.h"
#include "core/port/ocsp.h"

namespace consortium::crypto {

/// Contents of object identifiers, and of a hash's absent parameters, as requests and responses have them.
inline constexpr std::uint8_t sha1_id[] = {0x2b, 0x0e, 0x03, 0x02, 0x1a};
inline constexpr std::uint8_t nonce_id[] = {0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x30, 0x01, 0x02};
inline constexpr std::uint8_t null_value[] = {0x05, 0x00};

/// Requests and responses of RFC 6960: written as DER, read back and verified by OpenSSL.
class OcspResponder final : public port::Ocsp {
public:
    /// `algorithms` must outlive it.
    explicit OcspResponder(AlgorithmTemplate& algorithms) : m_algorithms(algorithms) {}

    model::StatusRequest read_request(base::BytesView der) const override;
    base::Bytes request(std::string_view serial, base::BytesView issuer) const override;
    bool names(model::CertificateId const& id, base::BytesView issuer) const override;
    base::Bytes key_hash(base::BytesView certificate) const override;
    base::Bytes response_tbs(model::StatusContent const& content) const override;
    base::Bytes assemble(base::BytesView tbs, std::string_view algorithm, base::BytesView signature,
                         base::BytesView responder) const override;
    base::Bytes refusal(model::StatusRefusal why) const override;
    model::StatusFacts accept(base::BytesView der, base::BytesView issuer, base::Instant now) const override;
    model::StatusFacts describe(base::BytesView der) const override;

private:
    AlgorithmTemplate& m_algorithms;
};

/// An OCSPRequest of a stranger. Throws Error(malformed).
model::StatusRequest read_status_request(base::BytesView der);
/// One CertID. Throws Error(malformed).
model::CertificateId read_certificate_id(base::BytesView der);

}  // namespace consortium::crypto
