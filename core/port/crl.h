#pragma once

#include "core/model/certificate.h"
#include "core/port/signer.h"

namespace consortium::port {

/// Revocation lists of any length. A list is three things behind each other: what stands before its entries,
/// the entries, and what follows them; the entries may be so many that they are handed over in pieces, each
/// of whole entries.
class CrlForm {
public:
    struct Frame {
        base::Bytes front, end;
    };

    virtual ~CrlForm() = default;

    /// Appends the DER of one entry (RFC 5280 5.1.2.6).
    virtual void append_entry(base::Bytes& out, model::Revocation const& revocation) const = 0;
    /// What stands around `listed` bytes of entries in the final TBSCertList, for a key of `algorithm`.
    virtual Frame frame(model::CrlContent const& content, std::uint64_t listed,
                        std::string_view algorithm) const = 0;
    /// What stands around them in the CertificateList, once the TBSCertList is signed.
    virtual Frame assemble(Frame tbs, std::uint64_t listed, std::string_view algorithm,
                           base::BytesView signature) const = 0;
    /// Reads a list by another path than made it, verifies it under `issuer` (a certificate) and checks it
    /// against RFC 5280. The first `known` pieces were read when they were made: here they are only hashed,
    /// and `entries` of the result counts those of the others. Throws Error(verification_failed) that names
    /// the rule, Error(malformed).
    virtual model::CrlFacts accept(Frame const& list, Pieces const& entries, std::size_t known,
                                   base::BytesView issuer) const = 0;
};

}  // namespace consortium::port
