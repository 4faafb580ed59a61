#pragma once

#include "core/flow/apply.h"
#include "core/model/token.h"
#include "core/port/jose.h"

namespace consortium::port {
class Certifier;
}

namespace consortium::flow {

/// A key that has signed tokens. Object kind "token-key", named by the thumbprint (RFC 7638).
struct TokenKey {
    std::string id;
    std::string name;       // in the keyring
    std::string algorithm;  // "ES256"
    base::Bytes public_key;
    base::Instant since;    // its first token
    base::Instant issued;   // its last one
    base::Instant expires;  // when the last of its tokens does
    std::optional<base::Instant> revoked;
};

std::vector<TokenKey> token_keys(port::Store const& store);
std::optional<TokenKey> find_token_key(port::Store const& store, std::string_view id);
model::Object to_object(TokenKey const& key);

/// What the member's tokens name as their issuer: "payments/acme".
std::string token_issuer(State const& state);
/// The object of a token, kind "token". Throws Error(usage) for what is no id, Error(not_found) for one that
/// was not issued here.
model::Object token_object(port::Store const& store, std::string_view id);
model::TokenClaims claims_of(model::Object const& token);

/// `token issue --key NAME --for SUBJECT --audience NAME [--permission --scope --valid-for]`; `key` is that
/// key.
model::Plan plan_token_issue(State const& state, port::KeyInfo const& key, port::Jose const& jose,
                             port::Certifier const& certifier, model::Request const& request);
/// The token that was journaled under this id, signed now. Throws Error(refused) if it has expired, or it or
/// its key was revoked since.
std::string signed_token(std::string const& id, Services& services, port::Jose const& jose);
/// Whether `text` is a token that this request would issue and that holds for longer than --if-expiring.
bool is_fresh(State const& state, std::string const& text, port::KeyInfo const& key, port::Jose const& jose,
              model::Request const& request);

/// `token revoke [ID] [--list FILE] [--key KID]`.
model::Plan plan_token_revoke(State const& state, model::Request const& request);
/// `token list [--state]`: tokens that have not expired.
model::Outcome token_list(State const& state, model::Request const& request);

/// `token keys [NAME] [--also NAME] [--print FORM]`.
model::Outcome token_key_list(State const& state, port::Keyring const& keys, port::Jose const& jose,
                              model::Request const& request);
/// A JSON Web Key Set (RFC 7517) of these keys.
base::Json key_set(std::vector<TokenKey> const& keys, port::Jose const& jose);

/// A key under which a token may be signed.
struct KnownKey {
    std::string id;
    base::Bytes public_key;
};
/// The keys of a set that can sign tokens; others are left out (RFC 7517 section 5). Throws Error(malformed).
std::vector<KnownKey> read_key_set(std::string_view text, port::Jose const& jose);

/// Why a token does not hold: under these keys, at this time, for this audience (empty: any). Empty: it does.
std::string fault_of(model::Token const& token, std::vector<KnownKey> const& keys, port::Jose const& jose,
                     std::string_view audience, base::Instant now);
/// `token verify FILE [--audience --issuer --at --revoked]` under the keys of this workspace, whose journal
/// must know the token.
model::Outcome token_verify(State const& state, port::Jose const& jose, model::Request const& request);
/// The same with --jwks, and without any workspace.
model::Outcome token_verify(base::Instant now, port::Jose const& jose, model::Request const& request);

/// "token.issue" and "token.revoke".
extern Applier const token_issue_applier;
extern Applier const token_revoke_applier;

}  // namespace consortium::flow
