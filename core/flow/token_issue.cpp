#include "core/base/error.h"
#include "core/base/text.h"
#include "core/flow/authority.h"
#include "core/flow/token.h"

#include <algorithm>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace consortium::flow {

using base::Bytes;
using base::Json;
using base::JsonValue;
using model::TokenClaims;
using model::Verdict;

namespace {

// Servers take headers of 8 KiB in all; so many of such a length leave room for the rest.
constexpr std::size_t most_grants = 32, longest_grant = 64, longest_name = 256;
constexpr base::Duration usual_life{900};
constexpr base::Duration kept{86'400};
constexpr std::size_t most_dropped = 64;

/// What is asked for; when, and under which id, only applying can know.
struct Wanted {
    std::string subject, audience;
    std::vector<std::string> scopes, permissions;
    base::Duration life;
};

Wanted read_wanted(Json const& arguments) {
    Wanted out;
    out.subject = arguments.at("for").get<std::string>();
    out.audience = arguments.at("audience").get<std::string>();
    out.scopes = arguments.value("scope", std::vector<std::string>());
    out.permissions = arguments.value("permission", std::vector<std::string>());
    out.life = base::Duration::from_text(arguments.value("valid-for", usual_life.text()));
    return out;
}

bool is_plain(std::string_view text) {
    return !text.empty() && text.size() <= longest_name && base::is_utf8(text) &&
           base::printable(text) == text;
}

void check_grants(char const* rule, std::vector<std::string> const& grants, bool (*is_good)(std::string_view),
                  char const* form, Verdict& verdict) {
    verdict.require(rule, grants.size() <= most_grants, fmt::format("a token has at most {}", most_grants));
    for (auto const& each : grants)
        verdict.require(rule, is_good(each) && each.size() <= longest_grant,
                        fmt::format("'{}' is none: {}", base::printable(each), form));
}

void check_wanted(Wanted const& wanted, Verdict& verdict) {
    verdict.require("subject", is_plain(wanted.subject),
                    "a name of at most 256 characters, without controls");
    verdict.require("audience", is_plain(wanted.audience),
                    "a name of at most 256 characters, without controls");
    verdict.require("lifetime", wanted.life.seconds > 0 && wanted.life <= model::longest_token,
                    fmt::format("a token lasts at most {}", model::longest_token.text()));
    check_grants("permission", wanted.permissions, model::is_permission,
                 "write it as Besu names methods, 'eth:blockNumber', 'eth:*' or '*:*'", verdict);
    check_grants("scope", wanted.scopes, model::is_scope, "a scope is one word", verdict);
    verdict.require("grant", !wanted.permissions.empty() || !wanted.scopes.empty(),
                    "a token that grants nothing is of no use: give --permission or --scope");
}

/// What a token is signed with signs nothing else, so that nobody can have one of them made as another.
void check_key(State const& state, port::KeyInfo const& key, std::optional<TokenKey> const& known,
               port::Certifier const& certifier, Verdict& verdict) {
    if (!known) {
        verdict.require(
            "key",
            is_free(state.store, state.joined(), key.id, certifier) && !is_certified(state.store, key.id),
            fmt::format("key '{}' signs acts or certificates, or is certified; make one for tokens with "
                        "'consortium key create'",
                        key.name));
        return;
    }
    verdict.require("key", !known->revoked,
                    fmt::format("key '{}' was revoked; make another with 'consortium key create'", key.name));
    // A clock that went back makes tokens that nobody accepts, and one that was ahead made some that hold
    // later.
    verdict.require(
        "clock", known->issued <= state.now + model::token_skew,
        fmt::format("key '{}' has signed a token at {}, which is still to come: set the clock right, or, if "
                    "it was wrong then, revoke that key",
                    key.name, known->issued.text()));
}

JsonValue open_key(model::Step const& step, Services& services, Identity const&) {
    auto const name = step.detail->at("key").get<std::string>();
    auto const signer = services.keys.open(name);
    if (step.detail->at("public_key") != base::to_base64(signer->public_key())) {
        throw base::Error(base::Code::conflict, fmt::format("key '{}' is another one than was planned", name),
                          "run the command again");
    }
    return {};
}

TokenClaims new_claims(Json const& detail, Services& services) {
    TokenClaims out;
    out.issuer = detail.at("issuer").get<std::string>();
    out.subject = detail.at("subject").get<std::string>();
    out.audience = {detail.at("audience").get<std::string>()};
    out.issued = out.not_before = services.clock.now();
    out.expires = out.issued + base::Duration::from_text(detail.at("life").get<std::string>());
    out.id = base::to_hex(services.entropy.bytes(16));
    out.scopes = detail.at("scopes").get<std::vector<std::string>>();
    out.permissions = detail.at("permissions").get<std::vector<std::string>>();
    return out;
}

TokenKey key_after(Json const& detail, TokenClaims const& claims, port::Store const& store) {
    auto key = find_token_key(store, detail.at("kid").get<std::string>());
    if (!key) {
        key.emplace();
        key->id = detail.at("kid").get<std::string>();
        key->name = detail.at("key").get<std::string>();
        key->algorithm = detail.at("algorithm").get<std::string>();
        key->public_key = base::from_base64(detail.at("public_key").get<std::string>());
        key->since = claims.issued;
    }
    if (key->revoked) {
        throw base::Error(base::Code::conflict, "the key was revoked while this was being decided",
                          "make another with 'consortium key create'");
    }
    key->issued = std::max(key->issued, claims.issued);
    key->expires = std::max(key->expires, claims.expires);
    return *key;
}

model::Object new_token(Json const& detail, TokenClaims const& claims) {
    auto const input = model::signing_input(detail.at("algorithm").get<std::string>(),
                                            detail.at("kid").get<std::string>(), claims);
    model::Object object;
    object.kind = "token";
    object.name = claims.id;
    object.state = "issued";
    object.due = claims.expires;
    object.data = JsonValue(Json{{"kid", detail.at("kid")},
                                 {"claims", to_json(claims)},
                                 {"signed", base::sha256(input).hex()},
                                 {"revoked", nullptr}});
    return object;
}

/// Tokens that expired a day ago leave the projection, or a timer would fill it; the journal keeps them.
void drop_expired(port::Store const& store, base::Instant now, std::vector<model::Object>& writes) {
    store.objects({.kind = "token", .due_before = now - kept, .limit = most_dropped},
                  [&writes](model::Object const& old) {
                      model::Object gone;
                      gone.kind = old.kind;
                      gone.name = old.name;
                      writes.push_back(std::move(gone));
                  });
}

// What will be signed is durable before there is a signature; none of it is in the journal.
JsonValue append_issue(model::Step const& step, JsonValue const&, Services& services,
                       port::Transaction& transaction) {
    auto const& detail = *step.detail;
    auto const claims = new_claims(detail, services);
    auto const token = new_token(detail, claims);
    std::vector<model::Object> writes{token, to_object(key_after(detail, claims, services.store))};
    drop_expired(services.store, claims.issued, writes);
    journal(transaction, services, "token.issued",
            {{"jti", claims.id}, {"kid", detail.at("kid")}, {"signed", token.data->at("signed")}},
            std::move(writes));
    return JsonValue(Json{{"jti", claims.id},
                          {"kid", detail.at("kid")},
                          {"algorithm", detail.at("algorithm")},
                          {"issued", claims.issued.text()},
                          {"expires", claims.expires.text()}});
}

/// What was journaled may have come to its end before it is signed, as by a repeated --operation.
void check_open(model::Object const& token, std::optional<TokenKey> const& key, base::Instant now) {
    auto const ended = [&]() -> std::string {
        if (token.state == "revoked") return "token " + token.name + " was revoked";
        if (!key || key->revoked) return "the key of token " + token.name + " was revoked";
        auto const expires = claims_of(token).expires;
        return expires <= now ? "token " + token.name + " expired at " + expires.text() : std::string();
    }();
    if (!ended.empty())
        throw base::Error(base::Code::refused, ended, "run 'consortium token issue' for another one");
}

}  // namespace

model::Plan plan_token_issue(State const& state, port::KeyInfo const& key, port::Jose const& jose,
                             port::Certifier const& certifier, model::Request const& request) {
    auto const wanted = read_wanted(*request.arguments);
    auto const id = jose.key_id(key.public_key);
    model::Plan plan;
    plan.request = request;
    plan.epoch = model::reference(state.joined());
    check_wanted(wanted, plan.verdict);
    check_key(state, key, find_token_key(state.store, id), certifier, plan.verdict);
    auto grants = wanted.permissions;
    grants.insert(grants.end(), wanted.scopes.begin(), wanted.scopes.end());
    plan.steps.push_back(
        {"token.issue", wanted.subject,
         fmt::format("sign a token of {} for '{}' at '{}' with key '{}': {}", wanted.life.text(),
                     wanted.subject, wanted.audience, key.name, base::join(grants, " ")),
         JsonValue(Json{{"kid", id},
                        {"key", key.name},
                        {"algorithm", jose.algorithm(key.public_key)},
                        {"public_key", base::to_base64(key.public_key)},
                        {"issuer", token_issuer(state)},
                        {"subject", wanted.subject},
                        {"audience", wanted.audience},
                        {"scopes", wanted.scopes},
                        {"permissions", wanted.permissions},
                        {"life", wanted.life.text()}})});
    return plan;
}

std::string signed_token(std::string const& id, Services& services, port::Jose const& jose) {
    auto const object = token_object(services.store, id);
    auto const key = find_token_key(services.store, object.data->at("kid").get<std::string>());
    check_open(object, key, services.clock.now());
    auto const input = model::signing_input(key->algorithm, key->id, claims_of(object));
    auto const signer = services.keys.open(key->name);
    auto const signature = jose.to_jws(key->public_key, signer->sign(base::as_bytes(input)));
    // A keyring whose key was exchanged, or a defect, must not let a token out that the journal does not
    // know.
    if (object.data->at("signed") != base::sha256(input).hex() ||
        !jose.verify(key->public_key, input, signature)) {
        throw base::Error(base::Code::verification_failed,
                          fmt::format("what key '{}' signed is not the token {}", key->name, id),
                          "see 'consortium key show " + key->name + "'");
    }
    return input + "." + base::to_base64url(signature);
}

bool is_fresh(State const& state, std::string const& text, port::KeyInfo const& key, port::Jose const& jose,
              model::Request const& request) {
    auto const wanted = read_wanted(*request.arguments);
    auto const margin = base::Duration::from_text(request.arguments->at("if-expiring").get<std::string>());
    try {
        auto const token = model::token_from_text(text);
        auto const held = state.store.object("token", token.claims.id);
        auto const known = find_token_key(state.store, jose.key_id(key.public_key));
        auto const& claims = token.claims;
        return held && held->state == "issued" && known && !known->revoked &&
               fault_of(token, {{known->id, known->public_key}}, jose, wanted.audience, state.now).empty() &&
               claims.issuer == token_issuer(state) && claims.subject == wanted.subject &&
               claims.scopes == wanted.scopes && claims.permissions == wanted.permissions &&
               claims.expires > state.now + margin;
    } catch (base::Error const&) {
        return false;  // whatever is in that file, it is replaced
    }
}

Applier const token_issue_applier{.prepare = open_key, .append = append_issue};

}  // namespace consortium::flow
