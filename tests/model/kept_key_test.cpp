#include "core/model/kept_key.h"

#include "core/base/error.h"
#include "core/model/ceremony.h"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

using namespace consortium;
using base::Json;
using model::KeptKey;

namespace {

base::Digest const key = base::sha256("a key");

KeptKey read(Json const& value) {
    base::JsonReader in(value);
    return model::kept_key_from_json(in);
}

Json on_token() {
    return to_json(model::kept_at("pkcs11:token=ceremony;model=SoftHSM%20v2", "root-g2", key, "p256"));
}

Json with(Json value, char const* field, Json const& other) {
    value[field] = other;
    return value;
}

model::CeremonyNotice prepared(Json const& more) {
    Json facts{{"stage", "trust"}, {"before", ""}, {"manifest", key.hex()}};
    facts.update(more);
    return model::ceremony_notice_from_json({{"plan", key.hex()},
                                             {"about", "prepared"},
                                             {"attempt", 1},
                                             {"files", Json::array()},
                                             {"facts", facts}});
}

}  // namespace

// RFC 7512, section 3, the second and the third example, and what a module's path or a PIN would be.
TEST_CASE("a token's words are read from its URI, and nothing of this machine's or of one key's") {
    auto const words = model::token_words(
        "pkcs11:token=Software%20PKCS%2311%20softtoken;manufacturer=Snake%20Oil,%20Inc.;serial=0badcafe;"
        "model=1.0;object=my-certificate;type=cert;id=%69%95%3E?module-path=/usr/lib/secret.so");
    REQUIRE(words);
    CHECK(words->label == "Software PKCS#11 softtoken");
    CHECK(words->manufacturer == "Snake Oil, Inc.");
    CHECK(words->serial == "0badcafe");
    CHECK(words->model == "1.0");
    auto const kept =
        to_json(model::kept_at("pkcs11:token=a?module-path=/usr/lib/secret.so", "root-g2", key, "p256"));
    CHECK(kept.dump().find("secret") == std::string::npos);
    CHECK(kept["token"]["label"].get<std::string>() == "a");
}

TEST_CASE("what is no sound URI of a token gives no words") {
    for (std::string const uri : {"", "pkcs11:", "pkcs11:object=key", "pkcs12:token=a", "pkcs11:token",
                                  "pkcs11:token=", "pkcs11:token=%4", "pkcs11:token=%zz",
                                  "pkcs11:token=a;token=b", "pkcs11:token=%00", "pkcs11:token=%1B%5B2J",
                                  "pkcs11:token=%FF", "pkcs11:token=%E2%80%AE", "pkcs11:token=a;serial="})
        CHECK_FALSE(model::token_words(uri));
    CHECK(model::token_words("pkcs11:token=" + std::string(64, 'a')));
    CHECK_FALSE(model::token_words("pkcs11:token=" + std::string(65, 'a')));
    CHECK_FALSE(model::token_words("pkcs11:token=a;object=" + std::string(4096, 'a')));
}

TEST_CASE("where a key is kept is said in words") {
    CHECK(model::kept_at("", "root-g1", key, "p256").words() == "in a file of the keeper's workspace");
    CHECK(model::kept_at("/usr/bin/sign --slot 1", "root-g1", key, "p256").words() ==
          "behind a command or an agent of the keeper");
    CHECK(model::kept_at("pkcs11:token=ceremony;manufacturer=Acme;model=M1;serial=7", "root-g1", key, "p256")
              .words() ==
          "on the token 'ceremony' (Acme, M1, serial 7), which says that it gives the key to nobody");
    CHECK(model::kept_at("pkcs11:serial=7", "root-g1", key, "p256").words() ==
          "on a token (serial 7), which says that it gives the key to nobody");
    // A token whose words are no words is a token all the same.
    CHECK(model::kept_at("pkcs11:token=%00", "root-g1", key, "p256").kept == "token");
}

TEST_CASE("what is stated of a key is read strictly") {
    for (auto const* place : {"", "a command", "pkcs11:token=a;serial=b;model=c;manufacturer=d"}) {
        auto const kept = model::kept_at(place, "root-g2", key, "p256");
        CHECK(read(to_json(kept)) == kept);
    }
    for (auto const& bad :
         {with(on_token(), "kept", "file"), with(on_token(), "kept", "cloud"),
          with(on_token(), "token", nullptr), with(on_token(), "more", 1),
          with(on_token(), "authority", "Root G2"), with(on_token(), "algorithm", "p 256"),
          with(on_token(), "token", with(on_token()["token"], "label", "\x1b[2J")),
          with(on_token(), "token", with(on_token()["token"], "serial", std::string(65, '1'))),
          with(on_token(), "token", with(on_token()["token"], "path", "/usr/lib/x.so"))})
        CHECK_THROWS_AS((void)read(bad), base::Error);
}

TEST_CASE("a notice says where keys are kept, and one from before that was stated is still read") {
    CHECK(model::kept_keys(prepared(Json::object())).empty());
    auto const told = prepared({{"keys", {on_token()}}});
    REQUIRE(model::kept_keys(told).size() == 1);
    CHECK(model::kept_keys(told)[0].authority == "root-g2");
    CHECK_THROWS_AS((void)prepared({{"keys", {on_token(), on_token(), on_token()}}}), base::Error);
    CHECK_THROWS_AS((void)prepared({{"keys", {with(on_token(), "kept", "cloud")}}}), base::Error);
    CHECK_THROWS_AS((void)prepared({{"keys", "file"}}), base::Error);
}
