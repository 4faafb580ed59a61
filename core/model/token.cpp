#include "core/model/token.h"

#include "core/base/error.h"
#include "core/base/text.h"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace consortium::model {

using base::Code;
using base::Error;
using base::Instant;
using base::Json;

namespace {

constexpr std::int64_t last_second = 253'402'300'799;  // of the year 9999
constexpr std::size_t max_items = 256;

Instant read_time(base::JsonReader& in, std::string_view key) {
    return {in.integer(key, 0, last_second)};
}

/// RFC 7519 section 4.1.3: one audience may stand alone.
std::vector<std::string> read_audience(base::JsonReader& in) {
    if (in.value("aud").is_string()) return {in.text("aud")};
    return in.texts("aud", max_items);
}

std::vector<std::string> read_scopes(base::JsonReader& in) {
    auto const text = in.optional_text("scope", max_token).value_or("");
    if (text.empty()) return {};
    auto scopes = base::split(text, ' ');
    if (!std::ranges::all_of(scopes, is_scope))
        in.fail("scope", "scopes are words with one blank between them");
    return scopes;
}

Json read_part(std::string_view part, std::string_view what) {
    try {
        return base::parse_json(base::as_text(base::from_base64url(part)));
    } catch (Error const& error) {
        throw Error(Code::malformed, "the token's " + std::string(what) + ": " + error.message(), {},
                    error.details());
    }
}

bool is_word(std::string_view text) {
    return !text.empty() && std::ranges::all_of(text, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
    });
}

bool is_word_or_star(std::string_view text) {
    return text == "*" || is_word(text);
}

std::string off_by(base::Duration by) {
    return "the issuer's clock or this one is off by " + by.text();
}

}  // namespace

Json to_json(TokenClaims const& claims) {
    Json out{{"iss", claims.issuer},
             {"sub", claims.subject},
             {"aud", claims.audience.size() == 1 ? Json(claims.audience.front()) : Json(claims.audience)},
             {"iat", claims.issued.seconds},
             {"nbf", claims.not_before.seconds},
             {"exp", claims.expires.seconds},
             {"jti", claims.id}};
    if (!claims.scopes.empty()) out["scope"] = base::join(claims.scopes, " ");
    if (!claims.permissions.empty()) out["permissions"] = claims.permissions;
    return out;
}

TokenClaims token_claims_from_json(Json const& value) {
    base::JsonReader in(value, "/claims");
    TokenClaims out;
    out.issuer = in.text("iss");
    out.subject = in.text("sub");
    out.audience = read_audience(in);
    out.issued = read_time(in, "iat");
    out.not_before = read_time(in, "nbf");
    out.expires = read_time(in, "exp");
    out.id = in.text("jti");
    out.scopes = read_scopes(in);
    if (in.has("permissions")) out.permissions = in.texts("permissions", max_items);
    return out;
}

bool is_scope(std::string_view text) {
    return !text.empty() &&
           std::ranges::all_of(text, [](char c) { return c > ' ' && c < 0x7f && c != '"' && c != '\\'; });
}

bool is_permission(std::string_view text) {
    auto const colon = text.find(':');
    if (colon == std::string_view::npos) return false;
    auto const space = text.substr(0, colon);
    auto const method = text.substr(colon + 1);
    return is_word_or_star(space) && is_word_or_star(method) && (space != "*" || method == "*");
}

std::string fault_in_time(TokenClaims const& claims, Instant now) {
    auto const life = claims.expires - claims.issued;
    if (life.seconds <= 0) return "it ends before it begins";
    if (life > longest_token)
        return "it lasts " + life.text() + ", and none may longer than " + longest_token.text();
    if (claims.issued > now + token_skew)
        return "it was issued at " + claims.issued.text() +
               ", which is still to come: " + off_by(claims.issued - now);
    if (claims.not_before > now + token_skew) return "it is not in force before " + claims.not_before.text();
    if (now >= claims.expires + token_skew) return "it expired at " + claims.expires.text();
    return {};
}

Token token_from_text(std::string_view text) {
    if (text.size() > max_token)
        throw Error(Code::malformed, "not a token: longer than " + std::to_string(max_token) + " characters");
    auto const parts = base::split(text, '.');
    if (parts.size() != 3)
        throw Error(Code::malformed, "not a token: it has no three parts with a dot between them",
                    "a JSON Web Token is one line: HEADER.CLAIMS.SIGNATURE");
    auto const header = read_part(parts[0], "header");
    base::JsonReader in(header, "/header");
    // RFC 7515 section 4.1.11: what is critical and not understood makes the token invalid.
    if (in.has("crit"))
        throw Error(Code::verification_failed,
                    "the token demands extensions ('crit') that are not known here");
    Token out;
    out.algorithm = in.text("alg", 64);
    out.key_id = in.optional_text("kid", 256).value_or("");
    if (in.has("typ") && in.text("typ", 64) != "JWT") in.fail("typ", "a token is of type 'JWT'");
    out.claims = token_claims_from_json(read_part(parts[1], "claims"));
    out.signing_input = parts[0] + "." + parts[1];
    out.signature = base::from_base64url(parts[2]);
    return out;
}

std::string signing_input(std::string_view algorithm, std::string_view key_id, TokenClaims const& claims) {
    auto const header = base::canonical({{"alg", algorithm}, {"typ", "JWT"}, {"kid", key_id}});
    return base::to_base64url(base::as_bytes(header)) + "." +
           base::to_base64url(base::as_bytes(base::canonical(to_json(claims))));
}

}  // namespace consortium::model
