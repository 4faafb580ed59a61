#pragma once

#include "core/base/json.h"

namespace consortium::model {

/// No token lasts longer, so that a stolen one is soon worth nothing.
inline constexpr base::Duration longest_token{3600};
/// How far the clocks of issuer and verifier may differ.
inline constexpr base::Duration token_skew{60};
inline constexpr std::size_t max_token = 16'384;

/// The claims of a JSON Web Token (RFC 7519 section 4.1), with `scope` of RFC 8693 section 4.2 and the
/// `permissions` that Besu reads.
struct TokenClaims {
    std::string issuer, subject;
    std::vector<std::string> audience;
    base::Instant issued, not_before, expires;
    std::string id;  // jti
    std::vector<std::string> scopes, permissions;
    bool operator==(TokenClaims const&) const = default;
};

base::Json to_json(TokenClaims const& claims);
/// Claims that nobody here knows are ignored, as RFC 7519 section 4 wants it. Throws Error(malformed).
TokenClaims token_claims_from_json(base::Json const& value);

/// "openid", "ledger:read": RFC 6749 section 3.3.
bool is_scope(std::string_view text);
/// "eth:blockNumber", "eth:*", "*:*": as Besu names its methods.
bool is_permission(std::string_view text);

/// Why claims of their own cannot hold now: too long a life, not yet, no more. Empty: they can.
std::string fault_in_time(TokenClaims const& claims, base::Instant now);

/// What a token says (RFC 7515 section 7.1: three parts in base64url), before anything of it is believed.
struct Token {
    std::string algorithm;  // "ES256"; what the header claims
    std::string key_id;     // empty: it names none
    TokenClaims claims;
    std::string signing_input;
    base::Bytes signature;
};

/// Throws Error(malformed) for what is no token or larger than max_token; Error(verification_failed) for one
/// that demands extensions.
Token token_from_text(std::string_view text);

/// Header and claims as they are signed.
std::string signing_input(std::string_view algorithm, std::string_view key_id, TokenClaims const& claims);

}  // namespace consortium::model
