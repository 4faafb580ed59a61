#include "core/crypto/custody.h"

#include "core/crypto/courier.h"
#include "core/crypto/keystore.h"
#include "core/crypto/signer.h"
#include "core/crypto/verifier.h"
#include "core/model/public_key.h"
#include "tests/support/code_of.h"
#include "tests/support/fakes.h"

#include <algorithm>
#include <doctest/doctest.h>

using namespace consortium;
using base::Bytes;
using base::Code;
using base::Secret;
using model::ShareBox;

namespace {

struct Fixture {
    base::TemporaryFolder folder;
    SeededEntropy entropy;
    base::Path keys = folder.path() / "keys";
    std::unique_ptr<port::Custody> custody =
        crypto::make_custody(keys, folder.path() / "sessions", {}, entropy);

    model::ShareKey age_key(std::string const& name) {
        return custody->read_key(crypto::create_age_identity(keys, name, {}, entropy).recipient + "\n");
    }
    model::ShareKey curve_key(std::string const& name) const {
        auto const info = crypto::open_keyring(keys, {})->create(name, "p256", {});
        return custody->read_key(model::public_pem(info.public_key));
    }
    ShareBox head(model::ShareKey const& to) {
        ShareBox box;
        box.purpose = "custody";
        box.deal = entropy.bytes(model::share_id_bytes);
        box.index = 2;
        box.custodian = "ada";
        box.to = to;
        return box;
    }
    std::vector<Secret> shares() {
        return custody->split(Secret(entropy.bytes(32)), entropy.bytes(16), 2, 3);
    }
};

/// What opening the changed text says: a share, nothing, or that it is no such file.
bool opens(port::Custody& custody, std::string const& text, Secret const& word = {}) {
    try {
        return custody.open(model::share_box_from_text(text), word).has_value();
    } catch (base::Error const& error) {
        CHECK((error.code() == Code::malformed || error.code() == Code::not_found));
        return false;
    }
}

}  // namespace

TEST_CASE("custody: a share opens with its custodian's key, X25519 or P-256") {
    Fixture given;
    auto const shares = given.shares();
    for (auto const& key : {given.age_key("post"), given.curve_key("ada")}) {
        auto const box = given.custody->seal(given.head(key), shares[0]);
        auto const opened = given.custody->open(model::share_box_from_text(model::to_text(box)));
        REQUIRE(opened);
        CHECK(std::ranges::equal(opened->view(), shares[0].view()));
        // Sealed anew each time.
        CHECK(given.custody->seal(given.head(key), shares[0]).sealed != box.sealed);
        Fixture other;
        CHECK(code_of([&] { other.custody->open(box); }) == Code::not_found);
    }
}

TEST_CASE("custody: one flipped bit anywhere, and nothing opens") {
    Fixture given;
    auto const shares = given.shares();
    for (auto const& key : {given.age_key("post"), given.curve_key("ada")}) {
        auto const text = model::to_text(given.custody->seal(given.head(key), shares[0]));
        REQUIRE(opens(*given.custody, text));
        for (std::size_t at = 0; at < text.size(); ++at) {
            for (unsigned bit = 0; bit < 8; ++bit) {
                auto changed = text;
                changed[at] = static_cast<char>(static_cast<unsigned char>(changed[at]) ^ (1U << bit));
                CHECK_FALSE(opens(*given.custody, changed));
            }
        }
        for (std::size_t size = 0; size < text.size(); ++size)
            CHECK_FALSE(opens(*given.custody, text.substr(0, size)));
        CHECK_FALSE(opens(*given.custody, text + "\n"));
    }
}

TEST_CASE("custody: a share is sealed by a passphrase, whose cost is written down and bounded") {
    Fixture given;
    auto const shares = given.shares();
    auto const word = Secret::from_text("correct horse");
    auto head = given.head({"passphrase", {}});
    head.cost = {65'536, 3, 1};
    auto const box = given.custody->seal(head, shares[0], word);
    auto const text = model::to_text(box);
    CHECK(opens(*given.custody, text, word));
    CHECK_FALSE(opens(*given.custody, text, Secret::from_text("correct house")));
    auto const with = [&](model::Argon2Cost const& cost) {
        auto changed = box;
        changed.cost = cost;
        return model::to_text(changed);
    };
    CHECK_FALSE(opens(*given.custody, with({65'537, 3, 1}), word));
    for (auto const& cost : {model::Argon2Cost{65'535, 3, 1}, model::Argon2Cost{1'048'577, 3, 1},
                             model::Argon2Cost{65'536, 2, 1}, model::Argon2Cost{65'536, 9, 1},
                             model::Argon2Cost{65'536, 3, 0}, model::Argon2Cost{65'536, 3, 9}})
        CHECK(code_of([&] { model::share_box_from_text(with(cost)); }) == Code::malformed);
}

TEST_CASE("custody: what cannot be a custodian's key is refused") {
    Fixture given;
    auto const pem = [](std::string const& algorithm) {
        return model::public_pem(crypto::generate_pair(algorithm).public_key);
    };
    CHECK(code_of([&] { given.custody->read_key(""); }) == Code::malformed);
    CHECK(code_of([&] { given.custody->read_key("age1acme"); }) == Code::malformed);
    CHECK(code_of([&] { given.custody->read_key(pem("ed25519")); }) == Code::malformed);
    CHECK(code_of([&] { given.custody->read_key(pem("p384")); }) == Code::malformed);
    CHECK(given.custody->read_key(pem("p256")).sort == "p256");
    // A point of small order: everybody knows what is shared with it.
    CHECK(code_of([&] {
              given.custody->seal(given.head({"x25519", Bytes(32)}), given.shares()[0]);
          }) == Code::malformed);
    // Not on the curve.
    Bytes point(65);
    point[0] = 4;
    CHECK(code_of([&] {
              given.custody->seal(given.head({"p256", point}), given.shares()[0]);
          }) == Code::malformed);
}

TEST_CASE("custody: shares have salts of their own, and their proofs tell who holds them") {
    Fixture given;
    auto const deal = given.entropy.bytes(16);
    Secret const kek(given.entropy.bytes(32));
    auto const one = given.custody->split(kek, deal, 2, 3);
    auto const two = given.custody->split(kek, deal, 2, 3);
    CHECK_FALSE(std::equal(one[0].view().begin(), one[0].view().begin() + 32, two[0].view().begin()));
    CHECK(model::share_commitment(deal, 1, one[0].view()) != model::share_commitment(deal, 2, one[0].view()));
    std::vector<Secret> chosen;
    chosen.push_back(one[2].clone());
    CHECK_FALSE(given.custody->join(chosen));
    chosen.push_back(one[0].clone());
    auto const joined = given.custody->join(chosen);
    REQUIRE(joined);
    CHECK(std::ranges::equal(joined->view(), kek.view()));

    auto const message = base::as_bytes("drill");
    auto const& verifier = crypto::verifier();
    auto const proof = given.custody->prove(one[0], message);
    CHECK(verifier.verify("raw", given.custody->proof_key(one[0]), message, proof));
    CHECK_FALSE(verifier.verify("raw", given.custody->proof_key(one[1]), message, proof));
}

TEST_CASE("custody: a key that is wrapped opens under its own KEK and head only") {
    Fixture given;
    Secret const kek(given.entropy.bytes(32));
    auto const pkcs8 = crypto::generate_key("p384");
    model::WrappedKey const head{given.entropy.bytes(16), base::sha256("key"), 1, {}, {}};
    auto const wrapped = given.custody->wrap(head, kek, pkcs8);
    auto const read = model::wrapped_key_from_text(model::to_text(wrapped));
    auto const opened = given.custody->unwrap(read, kek);
    REQUIRE(opened);
    CHECK(std::ranges::equal(opened->view(), pkcs8.view()));
    CHECK_FALSE(given.custody->unwrap(read, Secret(given.entropy.bytes(32))));
    auto changed = wrapped;
    changed.version = 2;
    CHECK_FALSE(given.custody->unwrap(changed, kek));
    changed = wrapped;
    changed.sealed[0] ^= 1;
    CHECK_FALSE(given.custody->unwrap(changed, kek));
}

TEST_CASE("custody: a session's key opens what is for it, until it ends") {
    Fixture given;
    auto const session = given.custody->begin_session({});
    CHECK(given.custody->has_session(session));
    auto const box = given.custody->seal(given.head(session), given.shares()[0]);
    CHECK(given.custody->open(box));
    given.custody->end_session(session);
    CHECK_FALSE(given.custody->has_session(session));
    CHECK(code_of([&] { given.custody->open(box); }) == Code::not_found);
    CHECK_NOTHROW(given.custody->end_session(session));
}

TEST_CASE("custody: a key of the workspace goes out and comes back, and a token's does not go") {
    Fixture given;
    auto const key = crypto::open_keyring(given.keys, {})->create("ca-root-g1", "p384", {});
    auto const pkcs8 = given.custody->private_key("ca-root-g1");
    Fixture other;
    CHECK(code_of([&] { other.custody->keep_private_key("ca-root-g1", base::sha256("x"), pkcs8, {}); }) ==
          Code::verification_failed);
    CHECK_FALSE(base::exists(other.keys));
    other.custody->keep_private_key("ca-root-g1", key.id, pkcs8, {});
    CHECK(crypto::open_keyring(other.keys, {})->open("ca-root-g1")->id() == key.id);
    CHECK(code_of([&] { other.custody->keep_private_key("ca-root-g1", key.id, pkcs8, {}); }) ==
          Code::conflict);
    CHECK(code_of([&] { given.custody->private_key("ca-root-g2"); }) == Code::not_found);
    auto const token = given.keys / "ca-root-g3";
    base::write_file(token.string() + ".pkcs11", "pkcs11:token=ceremony?module-path=/usr/lib/none.so\n");
    base::write_file(token.string() + ".pub.pem", model::public_pem(key.public_key));
    CHECK(code_of([&] { given.custody->private_key("ca-root-g3"); }) == Code::unsupported);
    CHECK(given.custody->elsewhere("ca-root-g3").starts_with("pkcs11:token=ceremony"));
    CHECK(given.custody->elsewhere("ca-root-g1").empty());
}
