#pragma once

#include "core/crypto/x509.h"
#include "core/port/certifier.h"

namespace consortium::crypto {

/// Contents of the object identifiers 2.5.29.x that revocation lists use, and what else stands in them.
namespace crl {
inline constexpr std::uint8_t number_id[] = {0x55, 0x1d, 20};
inline constexpr std::uint8_t reason_id[] = {0x55, 0x1d, 21};
inline constexpr std::uint8_t invalidity_id[] = {0x55, 0x1d, 24};
inline constexpr std::uint8_t base_id[] = {0x55, 0x1d, 27};
inline constexpr std::uint8_t place_id[] = {0x55, 0x1d, 28};
inline constexpr std::uint8_t authority_key_id[] = {0x55, 0x1d, 35};
inline constexpr std::uint8_t freshest_id[] = {0x55, 0x1d, 46};
inline constexpr std::uint8_t url_tag = 0x86;  // GeneralName: uniformResourceIdentifier [6]
inline constexpr std::uint8_t version_2[] = {0x01};
}  // namespace crl

/// Revocation lists as DER, entry by entry: an X509_CRL of a million entries takes 600 MB and three seconds.
class DerCrlForm final : public port::CrlForm {
public:
    /// `algorithms` must outlive it.
    explicit DerCrlForm(AlgorithmTemplate& algorithms) : m_algorithms(algorithms) {}

    void append_entry(base::Bytes& out, model::Revocation const& revocation) const override;
    Frame frame(model::CrlContent const& content, std::uint64_t listed,
                std::string_view algorithm) const override;
    Frame assemble(Frame tbs, std::uint64_t listed, std::string_view algorithm,
                   base::BytesView signature) const override;
    model::CrlFacts accept(Frame const& list, port::Pieces const& entries, std::size_t known,
                           base::BytesView issuer) const override;

private:
    AlgorithmTemplate& m_algorithms;
};

/// Reads a whole list by another path than wrote it, in constant memory; `each` may be empty. Checks the form
/// of every entry. Throws Error(malformed).
model::CrlFacts read_crl(base::BytesView der, port::Certifier::Each const& each = {});

/// A list whose entries come in pieces, and what is needed to verify it.
struct CrlRead {
    model::CrlFacts facts;               // without `tbs`; `entries` counts those that were read
    base::BytesView tbs_front, tbs_end;  // the signed part, around the entries
    base::BytesView signature;
};
/// Reads the pieces behind the first `known`, and all that stands around them. Throws Error(malformed).
CrlRead read_crl_pieces(port::CrlForm::Frame const& list, port::Pieces const& entries, std::size_t known);

/// The signed part, the AlgorithmIdentifier (its DER, and its OID as a name) and the signature of a signed
/// object.
struct SignedParts {
    base::BytesView tbs;
    base::BytesView identifier;
    std::string algorithm;
    base::BytesView signature;
};
SignedParts signed_parts(base::BytesView der);
/// The name that OpenSSL has for an AlgorithmIdentifier, "unknown" for one that it does not know.
std::string algorithm_name(base::BytesView identifier);

/// Verifies a list that was read under its issuer's certificate and checks it against RFC 5280. Throws
/// Error(verification_failed). Returns SHA-256 of the signed part.
base::Digest judge_crl(model::CrlFacts const& facts, port::Pieces const& tbs, base::BytesView signature,
                       X509* issuer);

/// SHA-256 of what the pieces make, and whether the signature over it holds under a public key, hashed as the
/// algorithm's name says.
struct PiecesVerified {
    base::Digest digest;
    bool holds = false;
};
PiecesVerified verify_pieces(port::Pieces const& message, std::string const& algorithm,
                             base::BytesView signature, EVP_PKEY* key);

}  // namespace consortium::crypto
