#include "core/base/bytes.h"

#include "core/base/error.h"

#include <array>
#include <doctest/doctest.h>

using namespace consortium::base;

TEST_CASE("RFC 4648 section 10: base64 vectors") {
    constexpr std::array<std::array<char const*, 2>, 7> vectors{{{"", ""},
                                                                 {"f", "Zg=="},
                                                                 {"fo", "Zm8="},
                                                                 {"foo", "Zm9v"},
                                                                 {"foob", "Zm9vYg=="},
                                                                 {"fooba", "Zm9vYmE="},
                                                                 {"foobar", "Zm9vYmFy"}}};
    for (auto const& [plain, encoded] : vectors) {
        CHECK(to_base64(as_bytes(plain)) == encoded);
        CHECK(from_base64(encoded) == to_bytes(plain));
    }
    CHECK(to_base64url(Bytes{0xFB, 0xFF, 0xFE}) == "-__-");
    CHECK(from_base64url("-__-") == Bytes{0xFB, 0xFF, 0xFE});
    CHECK(to_base64url(Bytes{1}) == "AQ");
}

TEST_CASE("base64 that is not canonical is refused") {
    for (char const* text :
         {"Zg", "Zg=", "Zh==", "Zm9=", "Z===", "====", "Zm 9v", "Zm9v\n", "Zg==Zg==", "-__-"}) {
        CAPTURE(text);
        CHECK_THROWS_AS(from_base64(text), Error);
    }
    CHECK_THROWS_AS(from_base64url("AQ=="), Error);
    CHECK_THROWS_AS(from_base64url("+//+"), Error);
    CHECK_THROWS_AS(from_base64url("A"), Error);
}

TEST_CASE("hexadecimal and integers") {
    CHECK(to_hex(Bytes{0x00, 0xAB, 0xFF}) == "00abff");
    CHECK(from_hex("00ABff") == Bytes{0x00, 0xAB, 0xFF});
    CHECK_THROWS_AS(from_hex("0"), Error);
    CHECK_THROWS_AS(from_hex("0x"), Error);
    Bytes out;
    append_u16(out, 0x0102);
    append_u64(out, 0x0304050607080910);
    CHECK(to_hex(out) == "01020304050607080910");
    CHECK(read_u16(out) == 0x0102);
    CHECK(read_u64(BytesView(out).subspan(2)) == 0x0304050607080910);
    CHECK_THROWS_AS(read_u64(BytesView(out).subspan(3)), Error);
}

TEST_CASE("constant-time comparison compares") {
    CHECK(equal_constant_time(Bytes{1, 2}, Bytes{1, 2}));
    CHECK_FALSE(equal_constant_time(Bytes{1, 2}, Bytes{1, 3}));
    CHECK_FALSE(equal_constant_time(Bytes{1, 2}, Bytes{1, 2, 3}));
    CHECK(equal_constant_time({}, {}));
}
