#include "core/flow/token.h"

#include "cli/output.h"
#include "cli/session.h"
#include "cli/spec.h"
#include "cli/terminal.h"
#include "core/base/text.h"
#include "core/crypto/jose.h"

#include <nlohmann/json.hpp>

namespace consortium::cli {

namespace {

using base::Code;
using base::Error;
using base::Json;
using base::JsonValue;

constexpr int standard_output = 1;

void keep_from_terminal(Common const& common) {
    if (names_file(common) || !is_terminal(standard_output)) return;
    throw Error(Code::declined, "a token is a secret and is not shown on a terminal",
                "write it to a file with -o FILE");
}

model::Outcome show_token(model::Outcome outcome, std::string const& token) {
    auto data = *outcome.data;
    data["token"] = token;
    outcome.data = JsonValue(std::move(data));
    outcome.text = {token};
    outcome.is_private = true;
    return outcome;
}

/// With --if-expiring, the token in -o FILE that need not be replaced yet; it is written there again as it
/// is.
std::optional<std::string> fresh_token(Session& session, port::KeyInfo const& key,
                                       model::Request const& request) {
    if (!request.arguments->contains("if-expiring")) return std::nullopt;
    base::Path const file = session.common().out;
    if (!names_file(session.common()))
        throw Error(Code::usage, "--if-expiring looks at the token in a file, and none is named",
                    "name it with -o FILE");
    if (!base::exists(file)) return std::nullopt;
    std::string token(base::trimmed(base::read_text(file, 2 * model::max_token)));
    if (!flow::is_fresh(session.state(), token, key, crypto::jose(), request)) return std::nullopt;
    return token;
}

model::Outcome issue(Session& session, model::Request const& request) {
    auto const& common = session.common();
    if (!common.dry_run && common.save_plan.empty()) keep_from_terminal(common);
    auto& services = session.services();
    auto const key = services.keys.info(request.arguments->at("key").get<std::string>());
    if (auto const token = fresh_token(session, key, request)) {
        model::Outcome outcome;
        outcome.schema = "consortium.token/1";
        outcome.data = JsonValue(Json{{"renewed", false}});
        return show_token(std::move(outcome), *token);
    }
    return session.carry_out(
        flow::plan_token_issue(session.state(), key, crypto::jose(), services.certifier, request));
}

/// The token is signed only now that the journal knows of it; a repeated --operation signs it once more.
model::Outcome issued(Session& session, model::Outcome outcome) {
    keep_from_terminal(session.common());
    auto const id = outcome.data->at("results").at(0).at("jti").get<std::string>();
    auto const token = flow::signed_token(id, session.services(), crypto::jose());
    return show_token(std::move(outcome), token);
}

model::Outcome revoke(Session& session, model::Request const& request) {
    return session.carry_out(flow::plan_token_revoke(session.state(), request));
}

model::Outcome list(Session& session, model::Request const& request) {
    return flow::token_list(session.state(), request);
}

model::Outcome keys(Session& session, model::Request const& request) {
    return flow::token_key_list(session.state(), session.services().keys, crypto::jose(), request);
}

model::Outcome verify(Session& session, model::Request const& request) {
    if (request.arguments->contains("jwks"))
        return flow::token_verify(session.now(), crypto::jose(), request);
    return flow::token_verify(session.state(), crypto::jose(), request);
}

constexpr Flag issue_flags[] = {
    {"--key", Kind::name, "KEY", "sign with this key of the workspace", Need::required},
    {"--for", Kind::text, "SUBJECT", "who will present it", Need::required},
    {"--audience", Kind::text, "NAME", "who is to accept it: a node or gateway, by a name of its own",
     Need::required},
    {"--permission", Kind::text, "METHODS", "what it may call, as Besu writes it: 'eth:*'", Need::repeatable},
    {"--scope", Kind::text, "WORD", "what it may do, as gateways write it", Need::repeatable},
    {"--valid-for", Kind::duration, "DUR", "how long it lasts, PT1H at most", Need::optional, "", "PT15M"},
    {"--if-expiring", Kind::duration, "DUR",
     "only if the token in -o FILE does not hold for longer than this"},
};
constexpr Flag revoke_flags[] = {
    {"--list", Kind::input, "FILE", "ids of tokens, one a line"},
    {"--key", Kind::text, "KID", "a key, and with it every token that it has signed"},
};
constexpr Flag list_flags[] = {
    {"--state", Kind::choice, "STATE", "only these", Need::optional, "issued|revoked"},
};
constexpr Flag keys_flags[] = {
    {"--also", Kind::name, "KEY", "a key of the workspace that has signed nothing yet", Need::repeatable},
    {"--print", Kind::choice, "FORM", "the table, a JSON Web Key Set, or PEM", Need::optional,
     "table|jwks|pem", "table"},
};
constexpr Flag verify_flags[] = {
    {"--audience", Kind::text, "NAME", "for whom it must be"},
    {"--issuer", Kind::text, "NAME", "who must have issued it; default, without --jwks: this member"},
    {"--jwks", Kind::input, "FILE", "the keys that may have signed it; needs no workspace"},
    {"--revoked", Kind::input, "FILE", "what 'token list --state revoked --format json' wrote"},
    {"--at", Kind::instant, "TIME", "as of this time; default: now"},
};

constexpr Example issue_examples[] = {
    {"consortium token issue --key n1 --for monitor --audience n1 --permission 'eth:*' --yes -o n1.token",
     "15 minutes of reading at a node; 'node add --bearer-file' names the file"},
    {"consortium token issue --key n1 --for monitor --audience n1 --permission 'eth:*' --if-expiring 10M "
     "--yes -o n1.token",
     "for a timer that runs every five minutes"},
};
constexpr Example revoke_examples[] = {
    {"consortium token revoke 5f0c… --confirm 5f0c…", "one token, by its id"},
    {"consortium token revoke --list stolen.txt --confirm stolen.txt", "many at once"},
    {"consortium token revoke --key NzbL… --confirm NzbL…", "a key that got into other hands"},
};
constexpr Example list_examples[] = {
    {"consortium token list --state revoked --format json -o revoked.json", "for gateways that look"},
};
constexpr Example keys_examples[] = {
    {"consortium token keys", "which key signs, and which are on their way out"},
    {"consortium token keys --print jwks -o jwks.json", "for gateways"},
    {"consortium token keys n1 --print pem -o n1-jwt.pem",
     "for --rpc-http-authentication-jwt-public-key-file"},
    {"consortium token keys --also n1-2027 --print jwks -o jwks.json", "before the new key signs first"},
};
constexpr Example verify_examples[] = {
    {"consortium token verify n1.token --audience n1", "exit 0 if it holds now, 7 with the reason if not"},
    {"consortium token verify - --audience n1 --jwks jwks.json --revoked revoked.json", "anywhere"},
};

constexpr Code issue_codes[] = {Code::refused,     Code::not_found, Code::not_authorized,     Code::conflict,
                                Code::unsupported, Code::declined,  Code::verification_failed};
constexpr Code revoke_codes[] = {Code::not_found, Code::malformed, Code::declined, Code::conflict};
constexpr Code keys_codes[] = {Code::not_found, Code::unsupported};
constexpr Code verify_codes[] = {Code::not_found, Code::malformed, Code::verification_failed};

constexpr Command commands[] = {
    {
        .noun = "token",
        .verb = "issue",
        .effect = Effect::write,
        .summary = "sign a short-lived token for a node or gateway",
        .flags = issue_flags,
        .description =
            "Signs a JSON Web Token (RFC 7519) of at most an hour with a key that signs nothing else: RS256 "
            "with an RSA key, ES256 and ES384 with P-256 and P-384, EdDSA with Ed25519. The key's id is its "
            "thumbprint (RFC 7638). Besu takes RS256, and the others but EdDSA with "
            "--rpc-http-authentication-jwt-algorithm; it reads 'permissions'. Gateways read 'scope'.\n\n"
            "What is signed is journaled first: id, key, subject, audience, times, what is granted, and a "
            "digest; the token itself never. It is a secret: written for its owner alone, and not to a "
            "terminal.\n\n"
            "With --if-expiring, a token in -o FILE that says the same and holds for longer is left as it "
            "is, "
            "so a timer can run the command as often as it likes. Nodes allow no difference of clocks: keep "
            "them, and this machine, on time. Drivers read a node's --bearer-file anew at each call.",
        .examples = issue_examples,
        .codes = issue_codes,
        .handler = issue,
        .shown = issued,
    },
    {
        .noun = "token",
        .verb = "revoke",
        .effect = Effect::danger,
        .summary = "revoke tokens, or a key that signs them",
        .operand = {"ID", Kind::text, "the token's id (jti)", Need::optional},
        .flags = revoke_flags,
        .description =
            "A revoked token fails 'token verify' here at once, and elsewhere with the list that 'token "
            "list' "
            "writes. Nodes look at no list: there a token ends when it expires, or when the node is given "
            "another key.\n\n"
            "A revoked key leaves the key set at once, and no token is signed with it any more. None of it "
            "can be undone, so the id, the key or the list's name must be typed or given with --confirm.",
        .examples = revoke_examples,
        .codes = revoke_codes,
        .handler = revoke,
    },
    {
        .noun = "token",
        .verb = "list",
        .effect = Effect::read,
        .summary = "list tokens that have not expired",
        .flags = list_flags,
        .description = "Tokens of a revoked key are revoked too. The tokens themselves are kept nowhere.",
        .examples = list_examples,
        .handler = list,
    },
    {
        .noun = "token",
        .verb = "keys",
        .effect = Effect::read,
        .summary = "show the keys that sign tokens, for whoever verifies them",
        .operand = {"NAME", Kind::name, "only this key of the workspace", Need::optional},
        .flags = keys_flags,
        .description =
            "The newest key of each algorithm is current. When another begins to sign, the older one is "
            "retiring until the last of its tokens has expired, then retired. A key set (RFC 7517) holds "
            "what "
            "is current or retiring, and those named with --also: publish a new key there before it signs, "
            "so "
            "that nobody meets a token with an unknown key. Besu takes one key, as PEM.",
        .examples = keys_examples,
        .codes = keys_codes,
        .handler = keys,
    },
    {
        .noun = "token",
        .verb = "verify",
        .effect = Effect::read,
        .summary = "verify a token and say why it holds or not",
        .operand = {"FILE", Kind::input, "the token ('-': standard input)"},
        .flags = verify_flags,
        .description =
            "Checks the signature by the algorithm that the key has, whatever the token claims; that it "
            "lasts "
            "an hour at most, has begun and has not expired, clocks differing by a minute at most; for whom "
            "it "
            "is; and that it was not revoked. Under this workspace's own keys, the journal must know it too: "
            "one that was signed past it is reported.",
        .examples = verify_examples,
        .codes = verify_codes,
        .handler = verify,
    },
};

}  // namespace

extern Noun const token_noun;
constexpr Noun token_noun{"TRUST", "token", "short-lived access to nodes and gateways", commands};

}  // namespace consortium::cli
