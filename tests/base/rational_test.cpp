#include "core/base/rational.h"

#include "core/base/error.h"

#include <array>
#include <cstdlib>
#include <doctest/doctest.h>
#include <limits>
#include <random>

using namespace consortium::base;

namespace {

constexpr std::int64_t largest = std::numeric_limits<std::int64_t>::max();
constexpr std::int64_t smallest = std::numeric_limits<std::int64_t>::min();
constexpr Wide widest = ((Wide{1} << 126) - 1) * 2 + 1;

}  // namespace

TEST_CASE("fractions are read from what people write") {
    CHECK(Rational::from_text("2/3").text() == "2/3");
    CHECK(Rational::from_text("4/6").text() == "2/3");
    CHECK(Rational::from_text("3").text() == "3");
    CHECK(Rational::from_text("0.334") == Rational::of(334, 1000));
    CHECK(Rational::from_text("33.4%") == Rational::of(334, 1000));
    CHECK(Rational::from_text("50%").text() == "1/2");
    CHECK(Rational::from_text("-1/2").text() == "-1/2");
    for (char const* text : {"", "/", "1/", "/2", "1/0", "1//2", ".5", "5.", "%", "1/2%", "+1", "1e3", " 1",
                             "--1", "1234567890123456789"}) {
        CAPTURE(text);
        CHECK_THROWS_AS(Rational::from_text(text), Error);
    }
}

TEST_CASE("decimals are rounded half up") {
    CHECK(Rational::of(14, 3).decimal(2) == "4.67");
    CHECK(Rational::of(1, 2).decimal(0) == "1");
    CHECK(Rational::of(1, 8).decimal(2) == "0.13");
    CHECK(Rational::of(999, 1000).decimal(2) == "1.00");
    CHECK(Rational::of(-1, 3).decimal(3) == "-0.333");
    CHECK(Rational::of(-1, 1000).decimal(2) == "0.00");
    CHECK(Rational::of(widest - 1, widest).decimal(3) == "1.000");
}

TEST_CASE("arithmetic and order agree with brute force in 128 bits") {
    std::mt19937 random(20260101);  // NOLINT: the same cases every time
    std::uniform_int_distribution<std::int64_t> number(-1000, 1000);
    for (int round = 0; round < 20'000; ++round) {
        std::int64_t const a = number(random), c = number(random);
        std::int64_t const b = std::abs(number(random)) + 1, d = std::abs(number(random)) + 1;
        Rational const left = Rational::of(a, b), right = Rational::of(c, d);
        REQUIRE((left <=> right) == (Wide{a} * d <=> Wide{c} * b));
        REQUIRE((left == right) == (Wide{a} * d == Wide{c} * b));
        REQUIRE(left + right == Rational::of(Wide{a} * d + Wide{c} * b, Wide{b} * d));
        REQUIRE(left - right == Rational::of(Wide{a} * d - Wide{c} * b, Wide{b} * d));
        REQUIRE(left * right == Rational::of(Wide{a} * c, Wide{b} * d));
        if (c != 0) REQUIRE(left / right == Rational::of(Wide{a} * d, Wide{b} * c));
    }
}

TEST_CASE("the largest values neither overflow nor lie") {
    std::mt19937_64 random(7);  // NOLINT
    std::array<std::int64_t, 6> const edges{largest, largest - 1, smallest, smallest + 1, 1, -1};
    for (std::int64_t a : edges) {
        for (std::int64_t b : edges) {
            Rational const value = Rational::of(a, b);
            CHECK(value.denominator() > 0);
            CHECK(value * Rational(b) == Rational(a));
            CHECK(value - value == Rational(0));
            for (std::int64_t c : edges) {
                std::int64_t const d = static_cast<std::int64_t>(random() >> 1U) | 1;
                Wide const sign = b < 0 ? -1 : 1;
                CHECK((value <=> Rational::of(c, d)) == (sign * a * d <=> Wide{c} * b * sign));
            }
        }
    }
    // Cross multiplication would need 254 bits here.
    CHECK(Rational::of(widest - 1, widest) < Rational(1));
    CHECK(Rational::of(widest - 2, widest - 1) < Rational::of(widest - 1, widest));
    CHECK(Rational::of(-widest, widest - 1) < Rational(-1));
    CHECK((Rational::of(-widest, 3) <=> Rational::of(-widest, 3)) == std::strong_ordering::equal);
    CHECK(Rational::of(-widest, 3) < Rational::of(-widest + 3, 3));
    CHECK_THROWS_AS(Rational::of(widest, 2) * Rational::of(widest, 3), Error);
    CHECK_THROWS_AS(Rational::of(widest, 1) + Rational(1), Error);
    CHECK_THROWS_AS(Rational(1) / Rational(0), Error);
    CHECK(to_text(widest) == "170141183460469231731687303715884105727");
    CHECK(to_text(-widest - 1) == "-170141183460469231731687303715884105728");
}
