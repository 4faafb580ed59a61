#include "core/crypto/verifier.h"

#include "core/base/error.h"
#include "core/crypto/entropy.h"
#include "core/crypto/public_key.h"
#include "tests/support/signer.h"

#include <algorithm>
#include <doctest/doctest.h>
#include <set>

using namespace consortium;

namespace {

base::Bytes spki(std::string_view prefix, std::string_view point) {
    return base::from_hex(std::string(prefix) + std::string(point));
}

constexpr std::string_view ed25519 = "302a300506032b6570032100";
constexpr std::string_view p256 = "3059301306072a8648ce3d020106082a8648ce3d03010703420004";
constexpr std::string_view p384 = "3076301006072a8648ce3d020106052b8104002203620004";

// RFC 6979 A.2.5 and A.2.6, message "sample", with SHA-256 and SHA-384.
constexpr std::string_view p256_point =
    "60FED4BA255A9D31C961EB74C6356D68C049B8923B61FA6CE669622E60F29FB6"
    "7903FE1008B8BC99A41AE9E95628BC64F2F1B20C2D7E9F5177A3C294D4462299";
constexpr std::string_view p256_signature =
    "3046"
    "022100EFD48B2AACB6A8FD1140DD9CD45E81D69D2C877B56AAF991C34D0EA84EAF3716"
    "022100F7CB1C942D657C41D436C7A1B6E29F65F3E900DBB9AFF4064DC4AB2F843ACDA8";
constexpr std::string_view p384_point =
    "EC3A4E415B4E19A4568618029F427FA5DA9A8BC4AE92E02E06AAE5286B300C64DEF8F0EA9055866064A254515480BC13"
    "8015D9B72D7D57244EA8EF9AC0C621896708A59367F9DFB9F54CA84B3F1C9DB1288B231C3AE0D4FE7344FD2533264720";
constexpr std::string_view p384_signature =
    "3066"
    "02310094EDBB92A5ECB8AAD4736E56C691916B3F88140666CE9FA73D64C4EA95AD133C81A648152E44ACF96E36DD1E80FABE46"
    "02310099EF4AEB15F178CEA1FE40DB2603138F130E740A19624526203B6351D0A3A94FA329C145786E679E7B82C71A38628AC8";

bool holds(base::Bytes const& key, base::Bytes const& message, base::Bytes const& signature) {
    return crypto::verifier().verify("raw", key, message, signature);
}

}  // namespace

TEST_CASE("verifier: Ed25519 as in RFC 8032, test 3") {
    auto const key = spki(ed25519, "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025");
    auto signature = base::from_hex(
        "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac"
        "18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a");
    CHECK(holds(key, base::from_hex("af82"), signature));
    CHECK_FALSE(holds(key, base::from_hex("af83"), signature));
    signature[40] ^= 1;
    CHECK_FALSE(holds(key, base::from_hex("af82"), signature));
}

TEST_CASE("verifier: ECDSA as in RFC 6979") {
    auto const message = base::to_bytes("sample");
    CHECK(holds(spki(p256, p256_point), message, base::from_hex(p256_signature)));
    CHECK(holds(spki(p384, p384_point), message, base::from_hex(p384_signature)));
    CHECK_FALSE(holds(spki(p256, p256_point), base::to_bytes("test"), base::from_hex(p256_signature)));
    CHECK_FALSE(holds(spki(p384, p384_point), message, base::from_hex(p256_signature)));
}

TEST_CASE("verifier: every flipped bit and every shortened input is refused without a throw") {
    auto const key = spki(p256, p256_point);
    auto const message = base::to_bytes("sample");
    auto const signature = base::from_hex(p256_signature);
    for (std::size_t bit = 0; bit < key.size() * 8; ++bit) {
        auto wrong = key;
        wrong[bit / 8] = static_cast<std::uint8_t>(wrong[bit / 8] ^ (1u << bit % 8));
        CHECK_FALSE(holds(wrong, message, signature));
    }
    for (std::size_t bit = 0; bit < signature.size() * 8; ++bit) {
        auto wrong = signature;
        wrong[bit / 8] = static_cast<std::uint8_t>(wrong[bit / 8] ^ (1u << bit % 8));
        CHECK_FALSE(holds(key, message, wrong));
    }
    for (std::size_t size = 0; size < signature.size(); ++size)
        CHECK_FALSE(
            holds(key, message, base::Bytes(signature.begin(), signature.begin() + std::ptrdiff_t(size))));
    for (std::size_t size = 0; size < key.size(); ++size)
        CHECK_FALSE(holds(base::Bytes(key.begin(), key.begin() + std::ptrdiff_t(size)), message, signature));
    auto longer = signature;
    longer.push_back(0);
    CHECK_FALSE(holds(key, message, longer));
}

TEST_CASE("verifier: unknown schemes and other keys are refused") {
    auto const key = spki(p256, p256_point);
    auto const message = base::to_bytes("sample");
    CHECK_FALSE(crypto::verifier().verify("", key, message, base::from_hex(p256_signature)));
    CHECK_FALSE(crypto::verifier().verify("RAW", key, message, base::from_hex(p256_signature)));
    CHECK_FALSE(crypto::algorithm_of({}));
    // The same point, compressed: it would give one key two ids.
    CHECK_FALSE(crypto::algorithm_of(
        base::from_hex("3039301306072a8648ce3d020106082a8648ce3d03010703220003"
                       "60FED4BA255A9D31C961EB74C6356D68C049B8923B61FA6CE669622E60F29FB6")));
    auto off_curve = key;
    off_curve.back() ^= 1;
    CHECK_FALSE(crypto::algorithm_of(off_curve));
    CHECK(crypto::algorithm_of(key) == "p256");
    CHECK(crypto::algorithm_of(spki(p384, p384_point)) == "p384");
}

TEST_CASE("verifier: Ed25519 keys of small order are refused, in every spelling") {
    // The identity and the signature (R = identity, S = 0) hold for every message in a plain verifier.
    std::string const identity = "0100000000000000000000000000000000000000000000000000000000000000";
    auto const forged = base::from_hex(identity + std::string(64, '0'));
    CHECK_FALSE(holds(spki(ed25519, identity), base::to_bytes("anything"), forged));
    for (std::string const y : {
             "0000000000000000000000000000000000000000000000000000000000000000",
             "0100000000000000000000000000000000000000000000000000000000000000",
             "0100000000000000000000000000000000000000000000000000000000000080",
             "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
             "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
             "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
             "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
             "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
             "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
             "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
             "f0ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
         })
        CHECK_FALSE_MESSAGE(crypto::algorithm_of(spki(ed25519, y)), y);
    CHECK(crypto::algorithm_of(TestSigner("ada").public_key()) == "ed25519");
}

TEST_CASE("public key: PEM goes there and back, garbage does not") {
    auto const key = TestSigner("ada").public_key();
    CHECK(crypto::public_from_pem(model::public_pem(key)) == key);
    CHECK_THROWS_AS(crypto::public_from_pem("hello"), base::Error);
    CHECK_THROWS_AS(crypto::public_from_pem(""), base::Error);
    CHECK_THROWS_AS(crypto::public_from_pem(model::public_pem(spki(ed25519, std::string(62, '0') + "00"))),
                    base::Error);
}

TEST_CASE("entropy: fills all that it is given, differently each time") {
    std::set<base::Bytes> seen;
    for (int round = 0; round < 50; ++round) {
        auto const bytes = crypto::system_entropy().bytes(300);
        CHECK(std::any_of(bytes.end() - 32, bytes.end(), [](std::uint8_t byte) { return byte != 0; }));
        seen.insert(bytes);
    }
    CHECK(seen.size() == 50);
}
