#include "core/base/error.h"
#include "core/flow/token.h"
#include "core/model/public_key.h"

#include <algorithm>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace consortium::flow {

using base::Json;
using base::JsonValue;

namespace {

constexpr std::size_t max_set = 1U << 20U;
constexpr std::size_t most_keys = 1000;

/// "next": it has signed nothing yet; "current": the newest of its algorithm; "retiring": an older one whose
/// tokens may be in use; "retired": none can be any more.
std::string state_of(TokenKey const& key, std::vector<TokenKey> const& all, base::Instant now) {
    if (key.revoked) return "revoked";
    if (key.since == base::Instant{}) return "next";
    bool const newest = std::ranges::none_of(all, [&key](TokenKey const& other) {
        return !other.revoked && other.algorithm == key.algorithm &&
               std::pair(other.since, other.id) > std::pair(key.since, key.id);
    });
    if (newest) return "current";
    return now < key.expires + model::token_skew ? "retiring" : "retired";
}

bool is_published(std::string_view state) {
    return state != "revoked" && state != "retired";
}

/// A key of the keyring as one that has signed nothing yet, unless it has.
void add_named(std::string const& name, port::Keyring const& ring, port::Jose const& jose,
               std::vector<TokenKey>& keys) {
    auto const info = ring.info(name);
    auto const id = jose.key_id(info.public_key);
    if (std::ranges::find(keys, id, &TokenKey::id) != keys.end()) return;
    TokenKey key;
    key.id = id;
    key.name = name;
    key.algorithm = jose.algorithm(info.public_key);
    key.public_key = info.public_key;
    keys.push_back(std::move(key));
}

struct Shown {
    TokenKey key;
    std::string state;
};

std::vector<Shown> keys_to_show(State const& state, port::Keyring const& ring, port::Jose const& jose,
                                Json const& arguments) {
    auto all = token_keys(state.store);
    auto const only = arguments.value("operand", std::string());
    for (auto const& name : arguments.value("also", std::vector<std::string>()))
        add_named(name, ring, jose, all);
    if (!only.empty()) add_named(only, ring, jose, all);
    std::vector<Shown> out;
    for (auto const& key : all)
        if (only.empty() || key.name == only) out.push_back({key, state_of(key, all, state.now)});
    return out;
}

Json to_json(Shown const& shown, port::Jose const& jose) {
    auto const& key = shown.key;
    bool const used = shown.state != "next";
    return {{"kid", key.id},
            {"name", key.name},
            {"algorithm", key.algorithm},
            {"state", shown.state},
            {"since", used ? Json(key.since.text()) : Json()},
            {"last_expires", used ? Json(key.expires.text()) : Json()},
            {"revoked", key.revoked ? Json(key.revoked->text()) : Json()},
            {"jwk", key_set({key}, jose).at("keys").at(0)},
            {"pem", model::public_pem(key.public_key)}};
}

model::Table table_of(std::vector<Shown> const& keys) {
    model::Table table{{"key", "algorithm", "state", "kid"}, {}, "no key has signed tokens here"};
    for (auto const& each : keys)
        table.rows.push_back({each.key.name, each.key.algorithm, each.state, each.key.id});
    return table;
}

std::optional<KnownKey> read_key(Json const& jwk, port::Jose const& jose) {
    base::JsonReader in(jwk, "/keys");
    auto const public_key = jose.from_jwk(jwk);
    if (!public_key || in.optional_text("use").value_or("sig") != "sig" ||
        in.optional_text("alg").value_or(jose.algorithm(*public_key)) != jose.algorithm(*public_key))
        return std::nullopt;
    return KnownKey{in.optional_text("kid").value_or(jose.key_id(*public_key)), *public_key};
}

}  // namespace

Json key_set(std::vector<TokenKey> const& keys, port::Jose const& jose) {
    Json list = Json::array();
    for (auto const& key : keys) {
        auto jwk = jose.to_jwk(key.public_key);
        jwk["kid"] = key.id;
        jwk["alg"] = key.algorithm;
        jwk["use"] = "sig";
        list.push_back(std::move(jwk));
    }
    return {{"keys", std::move(list)}};
}

std::vector<KnownKey> read_key_set(std::string_view text, port::Jose const& jose) {
    auto const set = base::parse_json(text, base::relaxed_limits(max_set));
    base::JsonReader in(set);
    std::vector<KnownKey> out;
    in.objects(
        "keys",
        [&](base::JsonReader& each) {
            auto key = read_key(each.whole(), jose);
            if (!key) return;
            if (std::ranges::find(out, key->id, &KnownKey::id) != out.end())
                each.fail("kid", "two keys of the set have this id");
            out.push_back(*std::move(key));
        },
        most_keys);
    return out;
}

model::Outcome token_key_list(State const& state, port::Keyring const& keys, port::Jose const& jose,
                              model::Request const& request) {
    auto const shown = keys_to_show(state, keys, jose, *request.arguments);
    auto const form = request.arguments->value("print", "table");
    Json items = Json::array();
    std::vector<TokenKey> published;
    std::string pems;
    for (auto const& each : shown) {
        items.push_back(to_json(each, jose));
        if (!is_published(each.state)) continue;
        published.push_back(each.key);
        pems += model::public_pem(each.key.public_key);
    }
    if (form != "table" && published.empty()) {
        throw base::Error(base::Code::not_found, "there is no key that tokens could be verified with",
                          "name one that has signed nothing yet with --also NAME");
    }
    auto const set = key_set(published, jose);
    model::Outcome outcome;
    outcome.schema = "consortium.token-keys/1";
    outcome.data = JsonValue(Json{{"items", items}, {"jwks", set}});
    if (form == "jwks")
        outcome.text.emplace_back(base::pretty(set));
    else if (form == "pem")
        outcome.text.emplace_back(pems);
    else
        outcome.text.emplace_back(table_of(shown));
    return outcome;
}

}  // namespace consortium::flow
