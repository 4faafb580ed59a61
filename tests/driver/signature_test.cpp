#include "core/driver/evm/signature.h"

#include "core/base/error.h"
#include "core/crypto/keccak.h"
#include "core/driver/evm/recover.h"
#include "tests/driver/vectors.h"
#include "tests/support/code_of.h"
#include "tests/support/secp256k1.h"

#include <doctest/doctest.h>

namespace base = consortium::base;
namespace evm = consortium::driver::evm;
using consortium::crypto::keccak256;
using consortium::test::hex_bytes;
using consortium::test::SealKey;
using consortium::test::vectors;
using evm::Quantity256;

namespace {

std::string address_of(base::Bytes const& key) {
    return "0x" + keccak256(key).hex().substr(24);
}

// By how many of the two parities the key is recovered from r ‖ s.
int parities(base::Digest const& digest, base::Bytes signature, base::Bytes const& key) {
    int out = 0;
    signature.push_back(0);
    for (std::uint8_t const parity : {0, 1}) {
        signature.back() = parity;
        if (evm::recover_key(digest, signature) == key) ++out;
    }
    return out;
}

evm::Signature finish(base::Digest const& digest, base::Bytes const& both, std::string const& address) {
    auto const view = base::BytesView(both);
    return evm::finish_signature(digest, view.first(32), view.subspan(32), address, &keccak256);
}

// n - s, with the curve's order from SEC 2.
base::Bytes other_half(base::BytesView s) {
    auto const order = base::from_hex("fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141");
    base::Bytes out(32);
    int borrow = 0;
    for (std::size_t i = 32; i-- > 0;) {
        int const value = order[i] - s[i] - borrow;
        borrow = value < 0 ? 1 : 0;
        out[i] = static_cast<std::uint8_t>(value + 256 * borrow);
    }
    return out;
}

}  // namespace

TEST_CASE("Keccak-256: the Keccak team's known answers") {
    auto const rows = vectors("keccak256.json", "rows");
    CHECK(rows.size() >= 25);
    for (auto const& row : rows) {
        auto const message = hex_bytes(row[1]);
        CAPTURE(row[0].get<int>());
        CHECK(message.size() == row[0].get<std::size_t>());
        CHECK(keccak256(message).hex() == row[2].get<std::string>());
    }
}

TEST_CASE("recovery: Wycheproof's valid signatures give the key for one parity, invalid ones never") {
    std::string unrecovered;
    int valid = 0;
    int invalid = 0;
    for (auto const& group : vectors("ecdsa.json", "groups")) {
        auto const key = hex_bytes(group[0]);
        for (auto const& row : group[1]) {
            CAPTURE(row[0].get<int>());
            CAPTURE(row[1].get<std::string>());
            auto const digest = base::sha256(hex_bytes(row[2]));
            auto const signature = hex_bytes(row[3]);
            auto const found = parities(digest, signature, key);
            if (row[4] != "valid") {
                CHECK(found == 0);
                ++invalid;
                if (signature.size() != 64) continue;
                CHECK_THROWS_AS(static_cast<void>(finish(digest, signature, address_of(key))), base::Error);
                continue;
            }
            ++valid;
            if (found == 0) unrecovered += std::to_string(row[0].get<int>()) + " ";
            if (found == 0) continue;
            CHECK(found == 1);
            auto const finished = finish(digest, signature, address_of(key));
            CHECK(evm::is_canonical(finished));
            CHECK(evm::recover_address(digest, finished, &keccak256) == address_of(key));
        }
    }
    CHECK(valid == 167);
    CHECK(invalid == 85);
    // Their point's x is past the order of the curve (one signature in 2^127): Ethereum has no parity for it.
    CHECK(unrecovered == "115 247 ");
}

TEST_CASE("a signature is finished: s in the lower half, the parity found by trial") {
    SealKey const key("account");
    auto const address = address_of(key.public_key());
    int parity[2] = {0, 0};
    int halves[2] = {0, 0};
    for (int i = 0; i < 32; ++i) {
        auto const digest = base::sha256(std::to_string(i));
        auto both = key.sign(digest);
        both.resize(64);
        auto const finished = finish(digest, both, address);
        CHECK(evm::is_canonical(finished));
        CHECK(evm::recover_address(digest, finished, &keccak256) == address);
        CHECK(Quantity256::from_text("0x" + base::to_hex(base::BytesView(both).first(32))) == finished.r);
        auto turned = both;
        auto const other = other_half(base::BytesView(both).subspan(32));
        std::copy(other.begin(), other.end(), turned.begin() + 32);
        CHECK(finish(digest, turned, address) == finished);
        ++parity[finished.y_parity];
        auto const given = Quantity256::from_text("0x" + base::to_hex(base::BytesView(both).subspan(32)));
        ++halves[given == finished.s ? 0 : 1];
    }
    CHECK(parity[0] > 5);
    CHECK(parity[1] > 5);
    CHECK(halves[0] > 5);
    CHECK(halves[1] > 5);
}

TEST_CASE("a signature by another key, over another digest or of another size is not finished") {
    SealKey const key("account");
    auto const address = address_of(key.public_key());
    auto const digest = base::sha256("x");
    auto both = key.sign(digest);
    both.resize(64);
    CHECK_NOTHROW(static_cast<void>(finish(digest, both, address)));
    auto const other = address_of(SealKey("another").public_key());
    CHECK(code_of([&] { finish(digest, both, other); }) == base::Code::verification_failed);
    CHECK(code_of([&] { finish(base::sha256("y"), both, address); }) == base::Code::verification_failed);
    auto longer = both;
    longer.push_back(0);
    CHECK(code_of([&] { finish(digest, longer, address); }) == base::Code::malformed);
    for (std::size_t const zeroed : {0, 32}) {
        auto none = both;
        std::fill_n(none.begin() + static_cast<std::ptrdiff_t>(zeroed), 32, std::uint8_t{0});
        CHECK(code_of([&] { finish(digest, none, address); }) == base::Code::malformed);
        std::fill_n(none.begin() + static_cast<std::ptrdiff_t>(zeroed), 32, std::uint8_t{0xff});
        CHECK(code_of([&] { finish(digest, none, address); }) == base::Code::malformed);
    }
}
