#pragma once

#include "core/crypto/x509_handles.h"
#include "core/model/certificate.h"

#include <map>

namespace consortium::crypto {

/// Throws Error(malformed): cannot encode WHAT.
void check_encoded(bool done, char const* what);
/// A Name of these parts ("CN", "node.example"), each a UTF8String in a set of its own.
NameHandle make_subject(std::vector<std::pair<std::string, std::string>> const& parts);
/// The SPKI's parts as they are: to make a key of them and encode it again costs more than to sign.
void set_public_key(X509_PUBKEY* place, base::Bytes const& spki);

/// Puts the usages and alternative names of `content` on the certificate: what a request may ask for.
void add_purposes(X509* certificate, model::CertificateContent const& content);
/// Puts every extension that `content` asks for on the certificate, critical where RFC 5280 says so.
void add_extensions(X509* certificate, model::CertificateContent const& content);

/// An unsigned certificate with everything but the signature's algorithm.
CertificateHandle unsigned_certificate(model::CertificateContent const& content);

/// Reads the content of the certificate that was parsed from `der` back; unknown critical extensions are
/// listed, not refused.
model::CertificateFacts read_facts(X509* certificate, base::BytesView der);

/// The names of a general-names extension; kinds that we never use are reported in `other`.
model::AlternativeNames read_names(GENERAL_NAMES const* names, std::vector<std::string>& other);
std::vector<std::string> read_key_usage(ASN1_BIT_STRING const* bits);
std::vector<std::string> read_extended_usage(EXTENDED_KEY_USAGE const* purposes);
GENERAL_NAME* make_name(int type, std::string const& text);
/// Whether it may answer for its issuer (RFC 6960 4.2.2.2).
bool answers_status(model::CertificateContent const& content);

bool repeats_an_extension(STACK_OF(X509_EXTENSION) const* extensions);

/// The rules of RFC 5280 (and of this program) that a certificate under `issuer` breaks; none: it is sound.
std::vector<std::string> lint_certificate(X509* certificate, model::CertificateFacts const& facts,
                                          model::CertificateFacts const& issuer);
std::vector<std::string> lint_crl(model::CrlFacts const& facts, model::CertificateFacts const& issuer);

/// Throws Error(verification_failed) that names the first of these rules, if there is one.
void refuse_broken(std::vector<std::string> const& rules, std::string const& what);

/// The AlgorithmIdentifier that a signature will have, inside the signed part as well as outside.
class AlgorithmTemplate {
public:
    /// The AlgorithmIdentifier's DER. Throws Error(unsupported) for an algorithm that cannot certify.
    base::Bytes const& identifier(std::string_view algorithm);
    void stamp(X509* certificate, std::string_view algorithm);

private:
    std::map<std::string, base::Bytes, std::less<>> m_identifiers;
};

}  // namespace consortium::crypto
