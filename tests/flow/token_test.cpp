#include "core/flow/token.h"

#include "core/base/text.h"
#include "core/crypto/jose.h"
#include "core/crypto/signer.h"
#include "core/model/public_key.h"
#include "tests/support/code_of.h"
#include "tests/support/pki.h"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>
#include <openssl/hmac.h>

using namespace consortium;
using base::Code;
using base::Duration;
using base::Json;
using flow::KnownKey;

namespace {

class Tokens : public PkiFixture {
public:
    explicit Tokens(std::string const& type = "p256") { make_key("gate", type); }

    void make_key(std::string const& name, std::string const& type) {
        services().keys.create(name, type, base::Secret());
    }

    model::Plan plan(std::string const& key, Json arguments = Json::object()) {
        Json all{{"key", key}, {"for", "monitor"}, {"audience", "n1"}, {"permission", {"eth:*"}}};
        all.update(arguments);
        return flow::plan_token_issue(state(), services().keys.info(key), crypto::jose(),
                                      services().certifier, request("token issue", all));
    }

    /// The id of a token that is journaled.
    std::string journaled(std::string const& key = "gate", Json arguments = Json::object()) {
        return carry_out(plan(key, std::move(arguments)))["results"][0]["jti"];
    }

    std::string issued(std::string const& key = "gate") {
        return flow::signed_token(journaled(key), services(), crypto::jose());
    }

    std::vector<KnownKey> known() {
        std::vector<KnownKey> out;
        for (auto const& key : flow::token_keys(store())) out.push_back({key.id, key.public_key});
        return out;
    }

    std::string fault(std::string const& text) {
        return flow::fault_of(model::token_from_text(text), known(), crypto::jose(), "n1", state().now);
    }

    Json keys(Json const& arguments = Json::object()) {
        return *flow::token_key_list(state(), services().keys, crypto::jose(),
                                     request("token keys", arguments))
                    .data;
    }

    std::string state_of(std::string const& name) {
        auto const shown = keys();
        for (auto const& item : shown["items"])
            if (item["name"] == name) return item["state"];
        return {};
    }

    void revoke(Json const& arguments) {
        carry_out(flow::plan_token_revoke(state(), request("token revoke", arguments)));
    }

    void wait(Duration by) { clock().advance(by); }
};

std::vector<std::string> parts_of(std::string const& token) {
    return base::split(token, '.');
}

std::string encoded(std::string const& json) {
    return base::to_base64url(base::as_bytes(json));
}

}  // namespace

TEST_CASE("what a token says is journaled before it is signed, the token never") {
    Tokens place;
    auto const id = place.journaled();
    auto const object = *place.store().object("token", id);
    auto const token = flow::signed_token(id, place.services(), crypto::jose());
    auto const read = model::token_from_text(token);
    CHECK((object.data->at("signed") == base::sha256(read.signing_input).hex()));
    CHECK(flow::claims_of(object) == read.claims);
    CHECK(place.fault(token).empty());
    place.store().entries(0, place.store().head().size, [&](model::Entry const& entry) {
        for (auto const& part : parts_of(token)) {
            CHECK(entry.leaf.find(part) == std::string::npos);
            CHECK(entry.body.find(part) == std::string::npos);
        }
    });
}

TEST_CASE("no token is signed that the journal does not know as it would be") {
    Tokens place;
    auto const id = place.journaled();
    // Another key under the same name: what it signs is not what was journaled.
    place.services().keys.create("other", "p256", base::Secret());
    for (char const* ending : {".pem", ".pub.pem"})
        std::filesystem::rename(place.folder() / "keys" / ("other" + std::string(ending)),
                                place.folder() / "keys" / ("gate" + std::string(ending)));
    auto const ring =
        crypto::open_keyring(place.folder() / "keys", [](std::string_view) { return base::Secret(); });
    auto services = services_with(place.services(), {.keys = ring.get()});
    CHECK(code_of([&] { (void)flow::signed_token(id, services, crypto::jose()); }) ==
          Code::verification_failed);
    CHECK(code_of([&] { (void)flow::signed_token(std::string(32, '0'), services, crypto::jose()); }) ==
          Code::not_found);
    // A plan of before does not sign with it either.
    auto const plan = place.plan("gate");
    CHECK(code_of([&] { flow::apply(plan, services, place.self()); }) == Code::conflict);
}

TEST_CASE("the key says how it signs, never the token") {
    Tokens place("rsa3072");
    auto const good = parts_of(place.issued());
    auto const key = place.known().front();
    auto const header = [&](std::string const& algorithm) {
        return encoded(R"({"alg":")" + algorithm + R"(","kid":")" + key.id + R"(","typ":"JWT"})");
    };
    for (char const* algorithm : {"none", "None", "HS256", "PS256", "ES256", "RS512"}) {
        CAPTURE(algorithm);
        auto const fault = place.fault(header(algorithm) + "." + good[1] + "." + good[2]);
        CHECK(fault ==
              "it claims to be signed with '" + std::string(algorithm) + "', but its key signs with RS256");
    }
    CHECK(place.fault(header("none") + "." + good[1] + ".").starts_with("it claims"));
    // The old trick: a MAC whose secret is the public key.
    auto const input = header("HS256") + "." + good[1];
    auto const pem = model::public_pem(key.public_key);
    base::Bytes mac(32);
    HMAC(EVP_sha256(), pem.data(), static_cast<int>(pem.size()), base::as_bytes(input).data(), input.size(),
         mac.data(), nullptr);
    CHECK(place.fault(input + "." + base::to_base64url(mac)).starts_with("it claims"));
    CHECK(place.fault(header("RS256") + "." + good[1] + "." + base::to_base64url(mac))
              .starts_with("its signature"));
    CHECK(place.fault(encoded(R"({"alg":"RS256","kid":"x"})") + "." + good[1] + "." + good[2]) ==
          "key x is not, or no more, known here");
}

TEST_CASE("an old key stays in the set until the last of its tokens has expired, a revoked one does not") {
    Tokens place;
    place.make_key("gate-2", "p256");
    place.make_key("besu", "rsa3072");
    place.issued("gate");
    place.issued("besu");
    place.wait({60});
    CHECK(place.keys({{"also", {"gate-2"}}})["jwks"]["keys"].size() == 3);
    CHECK(place.keys()["jwks"]["keys"].size() == 2);
    auto const token = place.issued("gate-2");
    CHECK(place.state_of("gate") == "retiring");
    CHECK(place.state_of("gate-2") == "current");
    CHECK(place.state_of("besu") == "current");  // another algorithm
    place.wait({900 - 60 + 59});
    CHECK(place.state_of("gate") == "retiring");
    CHECK(place.keys()["jwks"]["keys"].size() == 3);
    place.wait({1});
    CHECK(place.state_of("gate") == "retired");
    CHECK(place.keys()["jwks"]["keys"].size() == 2);
    auto const set = flow::read_key_set(place.keys()["jwks"].dump(), crypto::jose());
    REQUIRE(set.size() == 2);
    auto const kid = model::token_from_text(token).key_id;
    place.revoke({{"key", kid}});
    CHECK(place.state_of("gate-2") == "revoked");
    CHECK(place.state_of("gate") == "current");
    auto const published = place.keys()["jwks"]["keys"];
    CHECK(published.size() == 2);
    for (auto const& key : published) CHECK(key["kid"] != kid);
    CHECK_FALSE(place.plan("gate-2").verdict.allowed());
    CHECK(place.plan("gate").verdict.allowed());
}

TEST_CASE("a plan of before a revocation signs nothing after it") {
    Tokens place;
    auto const id = place.journaled();
    auto const plan = place.plan("gate");
    place.revoke({{"key", place.known().front().id}});
    CHECK(code_of([&] { place.carry_out(plan); }) == Code::conflict);
    CHECK(code_of([&] { (void)flow::signed_token(id, place.services(), crypto::jose()); }) == Code::refused);
}

TEST_CASE("what a set holds beside keys that sign tokens is left out, what is wrong is refused") {
    Tokens place;
    place.issued();
    auto const good = place.keys()["jwks"]["keys"][0];
    auto const read = [](Json const& keys) {
        return flow::read_key_set(Json{{"keys", keys}}.dump(), crypto::jose());
    };
    auto const with = [&good](char const* member, Json const& value) {
        auto key = good;
        key[member] = value;
        return key;
    };
    CHECK(read(Json::array({good})).size() == 1);
    CHECK(read(Json::array({with("use", "enc"), with("alg", "ES384"), with("kty", "AKP")})).empty());
    auto unnamed = good;
    unnamed.erase("kid");
    CHECK(read(Json::array({unnamed})).front().id == good["kid"].get<std::string>());
    CHECK(code_of([&] { (void)read(Json::array({good, good})); }) == Code::malformed);
    CHECK(code_of([&] { (void)read(Json::array({with("d", "AAAA")})); }) == Code::malformed);
    CHECK(code_of([&] { (void)read(Json::array({5})); }) == Code::malformed);
    CHECK(code_of([] { (void)flow::read_key_set("{}", crypto::jose()); }) == Code::malformed);
    CHECK(code_of([] { (void)flow::read_key_set(R"({"keys":[],"keys":[]})", crypto::jose()); }) ==
          Code::malformed);
}

TEST_CASE("a clock that goes back by more than a minute signs nothing with a key that was ahead") {
    Tokens place;
    place.issued();
    place.wait({-60});
    CHECK(place.plan("gate").verdict.allowed());
    place.wait({-1});
    CHECK_FALSE(place.plan("gate").verdict.allowed());
    place.make_key("gate-2", "p256");
    CHECK(place.plan("gate-2").verdict.allowed());
}

TEST_CASE("a timer does not fill the projection with tokens that have expired") {
    Tokens place;
    auto const count = [&place] {
        int found = 0;
        place.store().objects({.kind = "token"}, [&found](model::Object const&) { ++found; });
        return found;
    };
    for (int i = 0; i < 5; ++i) place.journaled();
    CHECK(count() == 5);
    place.wait({86'400 + 900});
    place.journaled();
    CHECK(count() == 6);  // expired for a day, not for longer
    place.wait({1});
    place.journaled();
    CHECK(count() == 2);
    CHECK(place.store().compare_projection().empty());
}

TEST_CASE("a token in a file stays as long as it says the same and holds for long enough") {
    Tokens place;
    auto const token = place.issued();
    auto const fresh = [&](std::string const& text, Json const& other = Json::object(),
                           char const* key = "gate") {
        Json all{{"key", key},
                 {"for", "monitor"},
                 {"audience", "n1"},
                 {"permission", {"eth:*"}},
                 {"if-expiring", "PT5M"}};
        all.update(other);
        return flow::is_fresh(place.state(), text, place.services().keys.info(key), crypto::jose(),
                              PkiFixture::request("token issue", all));
    };
    CHECK(fresh(token));
    CHECK_FALSE(fresh(token, {{"permission", {"eth:*", "net:*"}}}));
    CHECK_FALSE(fresh(token, {{"scope", {"read"}}}));
    CHECK_FALSE(fresh(token, {{"for", "others"}}));
    CHECK_FALSE(fresh(token, {{"audience", "n2"}}));
    CHECK_FALSE(fresh(token + "A"));
    CHECK_FALSE(fresh(""));
    place.make_key("gate-2", "p256");
    place.issued("gate-2");
    CHECK_FALSE(fresh(token, Json::object(), "gate-2"));
    place.wait({599});
    CHECK(fresh(token));
    place.wait({1});
    CHECK_FALSE(fresh(token));
    auto const newer = place.issued();
    CHECK(fresh(newer));
    place.revoke({{"operand", model::token_from_text(newer).claims.id}});
    CHECK_FALSE(fresh(newer));
}
