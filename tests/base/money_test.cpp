#include "core/base/money.h"

#include "core/base/error.h"

#include <doctest/doctest.h>
#include <limits>

using namespace consortium::base;

TEST_CASE("currencies of ISO 4217 with their digits") {
    CHECK(Currency::from_code("EUR").digits == 2);
    CHECK(Currency::from_code("JPY").digits == 0);
    CHECK(Currency::from_code("BHD").digits == 3);
    CHECK(Currency::from_code("CLF").digits == 4);
    for (char const* code : {"", "EU", "eur", "XXX", "R U", "EURO", " EU"}) {
        CAPTURE(code);
        CHECK_THROWS_AS(Currency::from_code(code), Error);
    }
}

TEST_CASE("amounts are whole minor units") {
    Currency const euro = Currency::from_code("EUR"), yen = Currency::from_code("JPY");
    CHECK(Money::from_text("1234.56", euro).minor == 123456);
    CHECK(Money::from_text("12", euro).text() == "12.00");
    CHECK(Money::from_text("0.5", euro).text() == "0.50");
    CHECK(Money::from_text("-0.05", euro).text() == "-0.05");
    CHECK(Money::from_text("500", yen).text() == "500");
    CHECK(Money::from_text("0.001", Currency::from_code("BHD")).minor == 1);
    for (char const* text : {"", "-", ".5", "5.", "1.234", "1,5", "1 000", "+1", "1e2", "--1", "0x1"}) {
        CAPTURE(text);
        CHECK_THROWS_AS(Money::from_text(text, euro), Error);
    }
    CHECK_THROWS_AS(Money::from_text("1.0", yen), Error);
}

TEST_CASE("the largest amounts, and one more") {
    Currency const euro = Currency::from_code("EUR");
    CHECK(Money::from_text("92233720368547758.07", euro).minor == std::numeric_limits<std::int64_t>::max());
    CHECK(Money::from_text("-92233720368547758.08", euro).text() == "-92233720368547758.08");
    CHECK_THROWS_AS(Money::from_text("92233720368547758.08", euro), Error);
    CHECK_THROWS_AS(Money::from_text("92233720368547758.07", euro) + Money::from_text("0.01", euro), Error);
    CHECK_THROWS_AS(-Money::from_text("-92233720368547758.08", euro), Error);
    CHECK((Money::from_text("1.10", euro) - Money::from_text("2.20", euro)).text() == "-1.10");
    CHECK_THROWS_AS(Money::from_text("1", euro) + Money::from_text("1", Currency::from_code("JPY")), Error);
}
