#pragma once

#include "core/model/certificate.h"

namespace consortium::model {

/// RFC 6960 4.1.1: the certificate that is asked about, as the client named it.
struct CertificateId {
    std::string hash;  // "sha1" or "sha256": of what the next two are
    base::Bytes issuer_name, issuer_key;
    std::string serial;  // 32 lower-case hexadecimal digits, or more
    base::Bytes der;     // as it came: the answer repeats it
    bool operator==(CertificateId const&) const = default;
};

/// No client asks about so many certificates at once that it would need more bytes.
inline constexpr std::size_t max_status_request = 8'192;

struct StatusRequest {
    std::vector<CertificateId> asked;
    base::Bytes nonce;  // RFC 8954: 1 to 32 octets; empty: none
};

enum class Standing { good, revoked, unknown };
std::string_view word(Standing standing);

struct CertificateStatus {
    CertificateId id;
    Standing standing = Standing::unknown;
    Revocation revocation = {};  // of a revoked one
    base::Instant this_update, next_update;
    bool operator==(CertificateStatus const&) const = default;
};

/// Everything that the bytes to be signed are made from.
struct StatusContent {
    base::Bytes responder;  // SHA-1 of its key (RFC 6960 4.2.1, KeyHash)
    base::Instant produced_at;
    std::vector<CertificateStatus> statuses;
    base::Bytes nonce = {};
    bool operator==(StatusContent const&) const = default;
};

/// What a response says, read back from its bytes.
struct StatusFacts {
    StatusContent content;
    std::string responder;  // for people
    std::string signature;  // "ecdsa-with-SHA256"
};

/// RFC 6960 4.2.1: why there is no answer; nobody signs that.
enum class StatusRefusal { malformed_request = 1, unauthorized = 6 };
std::string_view word(StatusRefusal refusal);

}  // namespace consortium::model
