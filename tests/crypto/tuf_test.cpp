#include "core/model/tuf.h"

#include "core/base/error.h"
#include "core/crypto/verifier.h"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

using namespace consortium;
using base::Json;

namespace {

// The key and the timestamp that python-tuf's tests are published with (tests/repository_data).
constexpr char const* published_key = "82ccf6ac47298ff43bfa0cd639868894e305a99c723ff0515ae2e9856eb5bbf4";
constexpr char const* published_id = "8a1c4a3ac2d515dec982ba9910c5fd79b91ae57f625b9cff25d06bf0a61c1758";
constexpr char const* published_signature =
    "7dddbfe94d6d80253433551700ea6dfe4171a33f1227a07830e951900b8325d6"
    "7c3dce6410b9cf55abefa3dfca0b57814a4965c2d6ee60bb0336755cd0557e03";

Json published_timestamp() {
    return {
        {"version", 1},
        {"spec_version", "1.0"},
        {"meta",
         {{"snapshot.json",
           {{"version", 1},
            {"length", 554},
            {"hashes", {{"sha256", "6990b6586ed545387c6a51db62173b903a5dff46b17b1bc3fe1e6ca0d0844f2f"}}}}}}},
        {"expires", "2030-01-01T00:00:00Z"},
        {"_type", "timestamp"}};
}

base::Bytes spki_of_published() {
    return base::from_hex(std::string("302a300506032b6570032100") + published_key);
}

model::TufTerms terms() {
    model::TufTerms out;
    out.version = 3;
    out.expires = base::Instant::from_text("2036-10-30T12:00:00Z");
    out.keys = {*model::tuf_key("ed25519", spki_of_published())};
    out.threshold = 1;
    out.targets = {{"bundle.json", "{}"}};
    out.origin = base::JsonValue(Json{{"genesis", "00"}});
    return out;
}

}  // namespace

TEST_CASE("OLPC canonical JSON is that of securesystemslib's tests") {
    CHECK(model::tuf_canonical("") == "\"\"");
    CHECK(model::tuf_canonical(Json::array({1, 2, 3})) == "[1,2,3]");
    CHECK(model::tuf_canonical(Json::array()) == "[]");
    CHECK(model::tuf_canonical(Json::object()) == "{}");
    CHECK(model::tuf_canonical({{"A", Json::array({99})}}) == R"({"A":[99]})");
    CHECK(model::tuf_canonical({{"A", true}}) == R"({"A":true})");
    CHECK(model::tuf_canonical({{"B", false}}) == R"({"B":false})");
    CHECK(model::tuf_canonical({{"y", 2}, {"x", 3}}) == R"({"x":3,"y":2})");
    CHECK(model::tuf_canonical({{"x", 3}, {"y", nullptr}}) == R"({"x":3,"y":null})");
    CHECK_THROWS_AS(model::tuf_canonical(8.0), base::Error);
    CHECK_THROWS_AS(model::tuf_canonical({{"x", 8.0}}), base::Error);
}

TEST_CASE("only quote and backslash are escaped, unlike RFC 8785") {
    CHECK(model::tuf_canonical("a\"b\\c") == R"("a\"b\\c")");
    CHECK(model::tuf_canonical("line\nfeed\tand \xc3\xa9") == "\"line\nfeed\tand \xc3\xa9\"");
    CHECK(base::canonical(Json("line\nfeed")) == R"("line\nfeed")");
    CHECK(model::tuf_canonical({{"a\"", -7}}) == R"({"a\"":-7})");
}

TEST_CASE("a published signature holds over our bytes, and over no others") {
    auto const bytes = model::tuf_canonical(published_timestamp());
    auto const signature = base::from_hex(published_signature);
    CHECK(crypto::verifier().verify("raw", spki_of_published(), base::as_bytes(bytes), signature));
    auto other = published_timestamp();
    other["version"] = 2;
    auto const changed = model::tuf_canonical(other);
    CHECK_FALSE(crypto::verifier().verify("raw", spki_of_published(), base::as_bytes(changed), signature));
}

TEST_CASE("a published keyid is the digest of our bytes") {
    Json const with_algorithms{{"keyid_hash_algorithms", {"sha256", "sha512"}},
                               {"keytype", "ed25519"},
                               {"scheme", "ed25519"},
                               {"keyval", {{"public", published_key}}}};
    CHECK(base::sha256(model::tuf_canonical(with_algorithms)).hex() == published_id);
    auto const key = model::tuf_key("ed25519", spki_of_published());
    REQUIRE(key);
    auto without = with_algorithms;
    without.erase("keyid_hash_algorithms");
    CHECK(*key->value == without);
    CHECK(key->id == base::sha256(model::tuf_canonical(without)).hex());
}

TEST_CASE("keys that not every stock client verifies are none") {
    base::Bytes const bytes(120, 1);
    CHECK_FALSE(model::tuf_key("ssh", bytes));
    CHECK_FALSE(model::tuf_key("p384", bytes));
    CHECK_FALSE(model::tuf_key("rsa3072", bytes));
    auto const key = model::tuf_key("p256", bytes);
    REQUIRE(key);
    CHECK(key->value->at("keytype").get<std::string>() == "ecdsa");
    CHECK(key->value->at("scheme").get<std::string>() == "ecdsa-sha2-nistp256");
    CHECK(
        key->value->at("keyval").at("public").get<std::string>().starts_with("-----BEGIN PUBLIC KEY-----\n"));
}

TEST_CASE("the four documents of a version name one another, without what their signatures would change") {
    auto const documents = model::tuf_documents(terms());
    REQUIRE(documents.size() == 4);
    for (auto const& each : documents) {
        CHECK(each.part->at("_type").get<std::string>() == each.role);
        CHECK(each.part->at("version").get<int>() == 3);
        CHECK(each.part->at("expires").get<std::string>() == "2036-10-30T12:00:00Z");
        CHECK(each.digest == base::sha256(each.bytes));
    }
    auto const& root = *documents[0].part;
    CHECK(root.at("consistent_snapshot").get<bool>());
    CHECK(root.at("roles").size() == 4);
    CHECK(documents[1].part->at("targets").at("bundle.json").at("length").get<int>() == 2);
    CHECK(*documents[2].part == Json{{"_type", "snapshot"},
                                     {"spec_version", "1.0.31"},
                                     {"version", 3},
                                     {"expires", "2036-10-30T12:00:00Z"},
                                     {"meta", {{"targets.json", {{"version", 3}}}}}});
    CHECK(documents[3].part->at("meta") == Json{{"snapshot.json", {{"version", 3}}}});
}

TEST_CASE("a file is plain JSON with the signatures beside what is signed") {
    auto const document = model::tuf_documents(terms()).front();
    auto const file = model::tuf_file(document, {{"aa", "01"}, {"bb", "02"}});
    auto const read = base::parse_json(file);
    CHECK(read.at("signed") == *document.part);
    CHECK(read.at("signatures") ==
          Json::array({{{"keyid", "aa"}, {"sig", "01"}}, {{"keyid", "bb"}, {"sig", "02"}}}));
}
