#include "core/base/error.h"
#include "core/crypto/keccak.h"
#include "core/driver/evm/raw_block.h"
#include "core/driver/evm/recover.h"
#include "core/driver/evm/rlp.h"
#include "tests/driver/recording.h"

#include <doctest/doctest.h>

namespace base = consortium::base;
namespace evm = consortium::driver::evm;
namespace rlp = consortium::driver::evm::rlp;
using base::Json;
using consortium::crypto::keccak256;
using consortium::test::Recording;

namespace {

std::string const v1 = "0x50deb75513987f6a4f79e9f2b59fff1a2291330b";
std::string const v2 = "0x9d1df7c9def5b49fbcca04b30c7ab97635c43123";
std::string const v3 = "0x30b5e5e5fad6a96dab330821956f0cb826545706";
std::string const v4 = "0x8ed273442a8fdfebde1a76a52634f0da7670b721";
std::string const v5 = "0x36036377a520403a50addbe5d86c2212bc3af9bc";

std::string hex(base::Bytes const& bytes) {
    return base::to_hex(bytes);
}

base::Bytes text(std::string_view words) {
    return rlp::string(base::as_bytes(words));
}

}  // namespace

TEST_CASE("Keccak-256, published vectors") {
    CHECK(keccak256({}).hex() == "c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470");
    CHECK(keccak256(base::as_bytes("abc")).hex() ==
          "4e03657aea45a94fc7d47ba826c8d667c0d1e6e33a64a036ec44f58fa12d6c45");
}

TEST_CASE("RLP, the examples of the specification") {
    CHECK(hex(text("dog")) == "83646f67");
    CHECK(hex(rlp::list({text("cat"), text("dog")})) == "c88363617483646f67");
    CHECK(hex(text("")) == "80");
    CHECK(hex(rlp::list({})) == "c0");
    CHECK(hex(rlp::number(0)) == "80");
    CHECK(hex(rlp::number(15)) == "0f");
    CHECK(hex(rlp::number(1024)) == "820400");
    auto const empty = rlp::list({});
    CHECK(hex(rlp::list({empty, rlp::list({empty}), rlp::list({empty, rlp::list({empty})})})) ==
          "c7c0c1c0c3c0c1c0");
    auto const lorem = text("Lorem ipsum dolor sit amet, consectetur adipisicing elit");
    CHECK(hex(lorem).substr(0, 8) == "b8384c6f");
    CHECK(base::as_text(rlp::read(lorem).content) ==
          "Lorem ipsum dolor sit amet, consectetur adipisicing elit");
    auto const pets = rlp::list({text("cat"), text("dog")});
    auto const items = rlp::items(rlp::read(pets));
    REQUIRE(items.size() == 2);
    CHECK(base::as_text(items[1].content) == "dog");
}

TEST_CASE("RLP that is not the one encoding is refused") {
    // From ethereum/tests, RLPTests/invalidRLPTest.json: lengths that overflow, leading zeros, bytes with a
    // needless prefix, short forms written long, input that ends early or late.
    for (std::string const bad :
         {"bf0f000000000000021111", "ff0f000000000000021111", "f80180", "8100", "8101", "817f", "b800",
          "b90000", "ba0002ffff", "f90000", "f80002", "a0000102030405", "c4830102", "8080", "", "b8"}) {
        CAPTURE(bad);
        CHECK_THROWS_AS(static_cast<void>([&] {
                            auto const bytes = base::from_hex(bad);
                            auto const item = rlp::read(bytes);
                            if (item.is_list) static_cast<void>(rlp::items(item));
                        }()),
                        base::Error);
    }
}

TEST_CASE("the sender of EIP-155's example transaction is recovered") {
    auto const digest =
        base::Digest::from_hex("daf5a779ae972f972197303d7b574746c7ef83eadac0f2791ad23db92e4c8e53");
    auto const signature = base::from_hex(
        "28ef61340bd939bc2195fe537567866003e1a15d3c71ff63e1590620aa636276"
        "67cbe9d8997f761aecb703304b3800ccf555c9f3dc64214b297fb1966a3b6d83"
        "00");  // v = 37 = 2 × 1 + 35 + 0
    auto const key = evm::recover_key(digest, signature);
    REQUIRE(key.has_value());
    CHECK(evm::address_of(*key, &keccak256) == "0x9d8a62f656a8d1615c1294fd71e9cfb3e4855a4f");
}

TEST_CASE("signatures that no key can have made recover nothing") {
    base::Digest const digest = base::sha256("x");
    CHECK_FALSE(evm::recover_key(digest, base::Bytes(65)).has_value());
    CHECK_FALSE(evm::recover_key(digest, base::Bytes(64, 1)).has_value());
    CHECK_FALSE(evm::recover_key(digest, base::Bytes(65, 0xff)).has_value());
    base::Bytes odd(65, 1);
    odd[64] = 4;
    CHECK_FALSE(evm::recover_key(digest, odd).has_value());
}

TEST_CASE("an address is the hash of the enode's key, on every recorded node") {
    Recording const recording("qbft-votes.jsonl");
    std::map<std::string, std::string> const known{
        {"v1", v1}, {"v2", v2}, {"v3", v3}, {"v4", v4}, {"v5", v5}};
    int seen = 0;
    for (auto const& line : recording.lines()) {
        if (line["method"] != "admin_nodeInfo") continue;
        auto const enode = line["response"]["result"]["enode"].get<std::string>();
        CHECK(evm::address_of(base::from_hex(enode.substr(8, 128)), &keccak256) ==
              known.at(line["node"].get<std::string>()));
        ++seen;
    }
    CHECK(seen == 5);
}
