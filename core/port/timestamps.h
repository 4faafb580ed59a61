#pragma once

#include "core/base/digest.h"
#include "core/base/instant.h"

#include <optional>

namespace consortium::port {

/// What a timestamp token (RFC 3161) says about itself.
struct TimestampFacts {
    base::Instant time;  // genTime, in whole seconds
    base::Digest imprint;
    std::string policy;  // dotted
    std::string serial;  // hexadecimal
    std::string signer;  // name of the certificate that came with it; empty: none did
};

/// What a token must be about.
struct TimestampQuery {
    base::Digest imprint;  // SHA-256
    base::Bytes nonce;     // empty: of an old token, whose nonce nobody kept
    std::string policy;    // dotted; empty: any
};

/// Tokens of time-stamping authorities: whoever holds one can show, to those who trust the authority, that
/// something existed at a time.
class Timestamps {
public:
    static constexpr std::size_t max_token = 64u << 10;

    virtual ~Timestamps() = default;

    /// The DER of a TimeStampReq that asks for the authority's certificate too. Throws Error(malformed) for a
    /// policy that is no object identifier.
    virtual base::Bytes request(TimestampQuery const& query) const = 0;
    /// The token (DER of a ContentInfo) in a TimeStampResp. Throws Error(unavailable) with the authority's
    /// words where it rejects, Error(malformed) for anything else than an answer, or a longer one than
    /// max_token.
    virtual base::Bytes token_in(base::BytesView answer) const = 0;
    /// What a token says, believing it. Throws Error(malformed).
    virtual TimestampFacts read(base::BytesView token) const = 0;
    /// Throws Error(verification_failed) unless the token is about `query` and signed by a certificate for
    /// timeStamping alone (critical) that leads to one of `authorities` (PEM) at the time that the token
    /// names. Throws Error(malformed) for authorities that cannot be read. Revocation is not asked.
    virtual TimestampFacts verify(base::BytesView token, TimestampQuery const& query,
                                  std::string_view authorities) const = 0;
};

}  // namespace consortium::port
