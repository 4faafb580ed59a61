#include "core/driver/evm/rlp.h"

#include "core/base/error.h"
#include "core/driver/evm/quantity256.h"
#include "tests/driver/vectors.h"

#include <doctest/doctest.h>

namespace base = consortium::base;
namespace rlp = consortium::driver::evm::rlp;
using consortium::driver::evm::Quantity256;
using consortium::test::hex_bytes;
using consortium::test::vectors;
using nlohmann::json;

namespace {

// "in" of the vectors: a number, "#" and decimal digits, "0x" and bytes, a text, or a list of these.
base::Bytes written(json const& value) {
    if (value.is_array()) {
        std::vector<base::Bytes> items;
        for (auto const& item : value) items.push_back(written(item));
        return rlp::list(items);
    }
    if (value.is_number()) return rlp::number(value.get<std::uint64_t>());
    auto const text = value.get<std::string>();
    if (text == "#115792089237316195423570985008687907853269984665640564039457584007913129639936") {
        base::Bytes power(33);  // 2^256
        power[0] = 1;
        return rlp::string(power);
    }
    if (text.starts_with("#")) return rlp::string(Quantity256::from_text(text.substr(1)).canonical());
    if (text.starts_with("0x")) return rlp::string(hex_bytes(value));
    return rlp::string(base::as_bytes(text));
}

// What was read, written again from its parts.
base::Bytes again(rlp::Item const& item) {
    if (!item.is_list) return rlp::string(item.content);
    std::vector<base::Bytes> parts;
    for (auto const& part : rlp::items(item)) parts.push_back(again(part));
    return rlp::list(parts);
}

base::Bytes nested(std::size_t depth) {
    auto out = rlp::list({});
    for (std::size_t i = 1; i < depth; ++i) out = rlp::list({out});
    return out;
}

}  // namespace

TEST_CASE("RLP: every valid vector of ethereum/tests is written and read") {
    auto const rows = vectors("rlp.json", "valid");
    CHECK(rows.size() == 29);
    for (auto const& row : rows) {
        CAPTURE(row[0].get<std::string>());
        auto const bytes = hex_bytes(row[2]);
        CHECK(written(row[1]) == bytes);
        CHECK(again(rlp::read_whole(bytes)) == bytes);
    }
}

TEST_CASE("RLP: every invalid vector of ethereum/tests is refused") {
    auto const rows = vectors("rlp.json", "invalid");
    CHECK(rows.size() == 17);
    for (auto const& row : rows) {
        CAPTURE(row[0].get<std::string>());
        auto const bytes = hex_bytes(row[1]);
        CHECK_THROWS_AS(static_cast<void>(rlp::read_whole(bytes)), base::Error);
    }
}

TEST_CASE("RLP: no encoding can be cut short or made longer, and what is in it is checked too") {
    for (auto const& row : vectors("rlp.json", "valid")) {
        CAPTURE(row[0].get<std::string>());
        auto bytes = hex_bytes(row[2]);
        for (std::size_t size = 0; size < bytes.size(); size += 1 + size / 64) {
            CHECK_THROWS_AS(static_cast<void>(rlp::read_whole(base::BytesView(bytes).first(size))),
                            base::Error);
        }
        bytes.push_back(0);
        CHECK_THROWS_AS(static_cast<void>(rlp::read_whole(bytes)), base::Error);
    }
    // A list whose third level holds a byte with a needless prefix: read() alone does not look there.
    auto const inside = base::from_hex("c4c3c28101");
    CHECK_NOTHROW(static_cast<void>(rlp::read(inside)));
    CHECK_THROWS_AS(static_cast<void>(rlp::read_whole(inside)), base::Error);
}

TEST_CASE("RLP from outside is bounded in depth, items and bytes") {
    CHECK_NOTHROW(static_cast<void>(rlp::read_whole(nested(16))));
    CHECK_THROWS_AS(static_cast<void>(rlp::read_whole(nested(17))), base::Error);
    CHECK_THROWS_AS(static_cast<void>(rlp::read_whole(nested(20'000))), base::Error);
    std::vector<base::Bytes> many(9, rlp::number(1));
    rlp::Limits limits{100, 16, 10};
    CHECK_NOTHROW(static_cast<void>(rlp::read_whole(rlp::list(many), limits)));
    many.push_back(rlp::list({}));
    CHECK_THROWS_AS(static_cast<void>(rlp::read_whole(rlp::list(many), limits)), base::Error);
    CHECK_NOTHROW(static_cast<void>(rlp::read_whole(rlp::string(base::Bytes(98, 1)), limits)));
    CHECK_THROWS_AS(static_cast<void>(rlp::read_whole(rlp::string(base::Bytes(99, 1)), limits)), base::Error);
}

TEST_CASE("numbers of 256 bits") {
    std::string const most = "115792089237316195423570985008687907853269984665640564039457584007913129639935";
    auto const highest = Quantity256::from_text(most);
    CHECK(highest.hex() == "0x" + std::string(64, 'f'));
    CHECK(highest.decimal() == most);
    CHECK(highest == Quantity256(1).negated());
    CHECK(highest.bits() == 256);
    CHECK_FALSE(highest.small().has_value());
    CHECK_FALSE(highest.plus(Quantity256(1)).has_value());
    CHECK_FALSE(highest.times(2).has_value());
    CHECK(Quantity256().hex() == "0x0");
    CHECK(Quantity256().decimal() == "0");
    CHECK(Quantity256().canonical().empty());
    CHECK(Quantity256().negated() == Quantity256());
    CHECK(Quantity256::from_text("0x00ff").small() == 255);
    CHECK(Quantity256(0x0102).canonical() == base::Bytes{1, 2});
    auto const large = Quantity256(0xffff'ffff'ffff'ffff).times(0xffff'ffff'ffff'ffff);
    CHECK(large->decimal() == "340282366920938463426481119284349108225");  // (2^64 - 1)^2
    CHECK(Quantity256(5) < Quantity256(256));
    for (std::string const bad :
         {"", "0x", "-1", "1.0", " 1", "0xg",
          "115792089237316195423570985008687907853269984665640564039457584007913129639936",
          "0x10000000000000000000000000000000000000000000000000000000000000000"}) {
        CAPTURE(bad);
        CHECK_THROWS_AS(static_cast<void>(Quantity256::from_text(bad)), base::Error);
    }
    CHECK_THROWS_AS(static_cast<void>(Quantity256::from_canonical(base::Bytes{0, 1})), base::Error);
    CHECK_THROWS_AS(static_cast<void>(Quantity256::from_canonical(base::Bytes(33, 1))), base::Error);
}
