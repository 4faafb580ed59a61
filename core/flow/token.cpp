#include "core/flow/token.h"

#include "core/base/error.h"
#include "core/base/text.h"

#include <algorithm>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace consortium::flow {

using base::Json;
using base::JsonValue;

namespace {

std::string const token_kind = "token";
std::string const key_kind = "token-key";

bool is_id(std::string_view text) {
    return text.size() == 32 && text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

TokenKey key_from_object(model::Object const& object) {
    base::JsonReader in(*object.data);
    TokenKey out;
    out.id = object.name;
    out.name = in.text("key");
    out.algorithm = in.text("algorithm");
    out.public_key = in.base64("public_key");
    out.since = in.instant("since");
    out.issued = in.instant("issued");
    out.expires = in.instant("expires");
    out.revoked = in.optional_instant("revoked");
    in.done();
    return out;
}

/// What is shown of a token as it stands now: its key may have been revoked since.
std::string state_of(model::Object const& token, std::vector<std::string> const& revoked_keys) {
    auto const& key = token.data->at("kid").get_ref<std::string const&>();
    return std::ranges::find(revoked_keys, key) == revoked_keys.end() ? token.state : "revoked";
}

}  // namespace

model::Object to_object(TokenKey const& key) {
    model::Object object;
    object.kind = key_kind;
    object.name = key.id;
    object.state = key.revoked ? "revoked" : "active";
    object.data = JsonValue(Json{{"key", key.name},
                                 {"algorithm", key.algorithm},
                                 {"public_key", base::to_base64(key.public_key)},
                                 {"since", key.since.text()},
                                 {"issued", key.issued.text()},
                                 {"expires", key.expires.text()},
                                 {"revoked", key.revoked ? Json(key.revoked->text()) : Json()}});
    return object;
}

std::vector<TokenKey> token_keys(port::Store const& store) {
    std::vector<TokenKey> out;
    store.objects({.kind = key_kind},
                  [&out](model::Object const& object) { out.push_back(key_from_object(object)); });
    return out;
}

std::optional<TokenKey> find_token_key(port::Store const& store, std::string_view id) {
    auto const object = store.object(key_kind, id);
    return object ? std::optional(key_from_object(*object)) : std::nullopt;
}

std::string token_issuer(State const& state) {
    return state.joined().charter.name + "/" + state.self.member;
}

model::Object token_object(port::Store const& store, std::string_view id) {
    if (!is_id(id)) {
        throw base::Error(base::Code::usage, fmt::format("'{}' is no id of a token", base::printable(id)),
                          "an id has 32 hexadecimal digits, see 'consortium token list'");
    }
    auto object = store.object(token_kind, id);
    if (!object) {
        throw base::Error(base::Code::not_found, fmt::format("no token {} was issued here", id),
                          "run 'consortium token list'; what expired a day ago is in the journal only");
    }
    return *std::move(object);
}

model::TokenClaims claims_of(model::Object const& token) {
    return model::token_claims_from_json(token.data->at("claims"));
}

model::Outcome token_list(State const& state, model::Request const& request) {
    auto const wanted = request.arguments->value("state", std::string());
    std::vector<std::string> revoked_keys;
    for (auto const& key : token_keys(state.store))
        if (key.revoked) revoked_keys.push_back(key.id);
    model::Outcome outcome;
    outcome.schema = "consortium.token-list/1";
    Json items = Json::array();
    model::Table table{{"token", "state", "for", "audience", "expires"}, {}, "no token is in force"};
    state.store.objects({.kind = token_kind}, [&](model::Object const& object) {
        auto const claims = claims_of(object);
        auto const now = state_of(object, revoked_keys);
        if (claims.expires + model::token_skew <= state.now || (!wanted.empty() && now != wanted)) return;
        items.push_back({{"jti", object.name},
                         {"state", now},
                         {"kid", object.data->at("kid")},
                         {"subject", claims.subject},
                         {"audience", claims.audience},
                         {"scopes", claims.scopes},
                         {"permissions", claims.permissions},
                         {"issued", claims.issued.text()},
                         {"expires", claims.expires.text()}});
        table.rows.push_back(
            {object.name, now, claims.subject, base::join(claims.audience, ", "), claims.expires.text()});
    });
    outcome.data = JsonValue(Json{{"items", items}});
    outcome.text.emplace_back(std::move(table));
    return outcome;
}

}  // namespace consortium::flow
