#include "core/crypto/age.h"

#include "core/base/error.h"
#include "core/crypto/bech32.h"
#include "core/crypto/courier.h"
#include "tests/support/code_of.h"
#include "tests/support/fakes.h"

#include <doctest/doctest.h>

using namespace consortium;
using base::Code;

namespace {

base::Secret identity(std::string const& seed) {
    SeededEntropy entropy(seed);
    return base::Secret(entropy.bytes(32));
}

std::string opened(base::Secret const& own, base::BytesView file) {
    auto const content = crypto::age_decrypt(own, file);
    return content ? std::string(content->text()) : "not for me";
}

}  // namespace

TEST_CASE("bech32: the vectors of BIP 173") {
    // "abcdef1qpzry9x8gf2tvdw0s3jn54khce6mua7lmqqqxw" holds the letters in order.
    auto const bytes = crypto::from_bech32("abcdef", "abcdef1qpzry9x8gf2tvdw0s3jn54khce6mua7lmqqqxw");
    REQUIRE(bytes);
    CHECK(base::to_hex(*bytes) == "00443214c74254b635cf84653a56d7c675be77df");
    CHECK(crypto::bech32("abcdef", *bytes) == "abcdef1qpzry9x8gf2tvdw0s3jn54khce6mua7lmqqqxw");
    CHECK(crypto::from_bech32("a", "a12uel5l"));
    CHECK_FALSE(crypto::from_bech32("a", "a12uel5m"));
    CHECK_FALSE(crypto::from_bech32("A", "A1G7SGD8"));
    CHECK_FALSE(crypto::from_bech32("abcdef", "abcdef1qpzry9x8gf2tvdw0s3jn54khce6mua7lmqqqxx"));
    CHECK_FALSE(crypto::from_bech32("abcdef", "abcdef1"));
    CHECK_FALSE(crypto::from_bech32("age", "abcdef1qpzry9x8gf2tvdw0s3jn54khce6mua7lmqqqxw"));
}

TEST_CASE("age: opened by each recipient and nobody else") {
    SeededEntropy entropy;
    auto const ada = identity("ada"), bob = identity("bob"), eve = identity("eve");
    CHECK(crypto::is_age_recipient(crypto::age_recipient(ada)));
    CHECK_FALSE(crypto::is_age_recipient("age1ada"));
    auto const file = crypto::age_encrypt({crypto::age_recipient(ada), crypto::age_recipient(bob)},
                                          base::as_bytes("a reason"), entropy);
    CHECK(opened(ada, file) == "a reason");
    CHECK(opened(bob, file) == "a reason");
    CHECK(opened(eve, file) == "not for me");
    CHECK(base::as_text(file).find("a reason") == std::string_view::npos);
    CHECK(code_of([&] { crypto::age_encrypt({}, {}, entropy); }) == Code::malformed);
    CHECK(code_of([&] { crypto::age_encrypt({"age1ada"}, {}, entropy); }) == Code::malformed);
    // A point of small order: all zeros.
    CHECK(code_of([&] { crypto::age_encrypt({crypto::bech32("age", base::Bytes(32))}, {}, entropy); }) ==
          Code::malformed);
}

TEST_CASE("age: whatever is changed on the way is noticed") {
    SeededEntropy entropy;
    auto const ada = identity("ada");
    auto const file = crypto::age_encrypt({crypto::age_recipient(ada)}, base::as_bytes("a reason"), entropy);
    for (std::size_t at = 0; at < file.size(); ++at) {
        auto changed = file;
        changed[at] ^= 1;
        std::string said = "not for me";
        try {
            said = opened(ada, changed);
        } catch (base::Error const& error) {
            CHECK((error.code() == Code::malformed || error.code() == Code::verification_failed));
        }
        CHECK_MESSAGE(said == "not for me", at);
    }
    for (std::size_t size = 0; size < file.size(); ++size)
        CHECK_THROWS_AS(crypto::age_decrypt(ada, base::BytesView(file).first(size)), base::Error);
    std::string many = "age-encryption.org/v1\n";
    for (int i = 0; i < 300; ++i) many += "-> grease\n\n";
    CHECK(code_of([&] { crypto::age_decrypt(ada, base::as_bytes(many + "--- x\n")); }) == Code::malformed);
}

TEST_CASE("courier: its identity is kept as other keys are, and asked for once") {
    base::TemporaryFolder const folder;
    SeededEntropy entropy;
    auto const words = base::Secret::from_text("correct horse");
    auto const own = crypto::create_age_identity(folder.path() / "keys", "post", words, entropy);
    CHECK(own.encrypted);
    CHECK(code_of([&] { crypto::create_age_identity(folder.path() / "keys", "post", words, entropy); }) ==
          Code::conflict);
    auto const found = crypto::age_identities(folder.path() / "keys");
    REQUIRE(found.size() == 1);
    CHECK(found[0].recipient == own.recipient);
    CHECK(found[0].encrypted);

    int asked = 0;
    auto const ask = [&](std::string_view) {
        ++asked;
        return base::Secret::from_text("correct horse");
    };
    auto const courier =
        crypto::make_courier(folder.path() / "keys", ask, {{"acme", own.recipient}}, entropy);
    CHECK(courier->members() == std::vector<std::string>{"acme"});
    auto const sealed = courier->seal(base::as_bytes("a reason"), {"acme"});
    CHECK(courier->open(sealed)->text() == "a reason");
    CHECK(courier->open(sealed)->text() == "a reason");
    CHECK(asked == 1);
    CHECK(code_of([&] { courier->open(base::as_bytes("garbage")); }) == Code::verification_failed);
    auto const wrong = crypto::make_courier(folder.path() / "keys", {}, {{"acme", "age1acme"}}, entropy);
    CHECK(code_of([&] { wrong->open(sealed); }) == Code::not_authorized);
    CHECK(code_of([&] { wrong->seal({}, {"acme"}); }) == Code::configuration);
    CHECK(code_of([&] { wrong->seal({}, {"globex"}); }) == Code::not_found);
}
