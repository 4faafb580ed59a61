#pragma once

#include "core/model/certificate.h"
#include "core/port/crl.h"
#include "core/port/ocsp.h"

#include <functional>
#include <memory>

namespace consortium::port {

class Ssh;

/// X.509. Signing has one shape everywhere: the final bytes to be signed come first, so that their SHA-256
/// can be shown, journaled and approved; then any Signer signs them; then the parts are joined and what came
/// out is read, verified and checked again, by another path than made it, before anybody stores it.
class Certifier {
public:
    /// Hands every revocation to `each`; serials may come in any order.
    using Each = std::function<void(model::Revocation const&)>;
    using Revocations = std::function<void(Each const& each)>;

    virtual ~Certifier() = default;

    /// One for another thread: each has caches of its own.
    virtual std::unique_ptr<Certifier> another() const = 0;

    /// 128 random bits, never zero: 32 hexadecimal digits.
    virtual std::string draw_serial() = 0;
    /// The DER of a Name: UTF8String, one attribute a set.
    virtual base::Bytes encode_name(model::DistinguishedName const& name) const = 0;
    /// RFC 7093 method 1: the leftmost 160 bits of SHA-256 over the public key's bits.
    virtual base::Bytes key_id(base::BytesView spki) const = 0;

    /// The final TBSCertificate for a key of `algorithm` ("p256", "p384", "ed25519", "rsa3072" …) to sign.
    /// Throws Error(unsupported) for another algorithm, Error(malformed) for content that cannot be encoded.
    virtual base::Bytes certificate_tbs(model::CertificateContent const& content,
                                        std::string_view algorithm) const = 0;
    /// The final TBSCertList, written entry by entry: memory grows with the result only.
    virtual base::Bytes crl_tbs(model::CrlContent const& content, Revocations const& revoked,
                                std::string_view algorithm) const = 0;
    /// The final CertificationRequestInfo, for the key that it names to sign. Throws Error(malformed) for
    /// what cannot be encoded, or is not asked for by this program: an authority, other extensions.
    virtual base::Bytes request_tbs(model::SigningRequest const& request) const = 0;
    /// Certificate, CertificateList or CertificationRequest: the signed part, the algorithm, the signature.
    virtual base::Bytes assemble(base::Bytes tbs, std::string_view algorithm,
                                 base::BytesView signature) const = 0;
    /// Parses, verifies under `issuer` (a certificate; the same bytes for a self-signed root) and checks
    /// against RFC 5280. Throws Error(verification_failed) that names the rule.
    virtual model::CertificateFacts accept_certificate(base::BytesView der, base::BytesView issuer) const = 0;
    /// Hands each entry of the list to `each`, which may be empty; what it was given counts only if this
    /// returns.
    virtual model::CrlFacts accept_crl(base::BytesView der, base::BytesView issuer,
                                       Each const& each) const = 0;
    model::CrlFacts accept_crl(base::BytesView der, base::BytesView issuer) const {
        return accept_crl(der, issuer, {});
    }

    /// Reads without trusting. Throws Error(malformed).
    virtual model::CertificateFacts describe(base::BytesView der) const = 0;
    virtual model::CrlFacts describe_crl(base::BytesView der) const = 0;
    /// PEM or DER. Throws Error(malformed); Error(verification_failed) if the request is not signed by the
    /// key that it names; Error(refused) for a key too weak to certify.
    virtual model::SigningRequest read_request(base::BytesView input) const = 0;
    /// The certificates, or CRLs, of a PEM text or one DER, in order. Throws Error(malformed) if none.
    virtual std::vector<base::Bytes> read_certificates(base::BytesView input) const = 0;
    virtual std::vector<base::Bytes> read_crls(base::BytesView input) const = 0;

    /// RFC 7468 text: label "CERTIFICATE", "CERTIFICATE REQUEST" or "X509 CRL".
    virtual std::string pem(std::string_view label, base::BytesView der) const = 0;

    virtual model::ChainAnswer verify(model::ChainQuestion const& question) const = 0;

    /// The status of single certificates.
    virtual Ocsp const& ocsp() const = 0;
    /// Certificates in the form of OpenSSH: port/ssh.h.
    virtual Ssh const& ssh() const = 0;
    /// Revocation lists in pieces.
    virtual CrlForm const& lists() const = 0;
};

}  // namespace consortium::port
