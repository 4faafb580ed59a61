#include "core/base/text.h"

#include "core/base/error.h"

#include <doctest/doctest.h>

using namespace consortium::base;

TEST_CASE("split, join and trimmed") {
    CHECK(split("a,,b", ',') == std::vector<std::string>{"a", "", "b"});
    CHECK(split("", ',') == std::vector<std::string>{""});
    CHECK(join(std::vector<std::string>{"a", "b"}, ", ") == "a, b");
    CHECK(trimmed(" \ta b\r\n") == "a b");
    CHECK(trimmed(" \n").empty());
}

TEST_CASE("UTF-8 is checked as RFC 3629 says") {
    for (char const* good : {"", "abc", "\xC3\xA9", "\xE2\x82\xAC", "\xF0\x9F\x98\x80", "\xF4\x8F\xBF\xBF"})
        CHECK(is_utf8(good));
    for (char const* bad : {"\x80", "\xC0\xAF", "\xC1\xBF", "\xE0\x9F\xBF", "\xED\xA0\x80",
                            "\xF0\x8F\xBF\xBF", "\xF4\x90\x80\x80", "\xF5\x80\x80\x80", "\xE2\x82", "\xFF"}) {
        CHECK_FALSE(is_utf8(bad));
    }
}

TEST_CASE("hostile text cannot drive a terminal") {
    CHECK(printable("a\x1B[31mb") == "a\xEF\xBF\xBD[31mb");
    CHECK(printable("x\xE2\x80\xAEy") == "x\xEF\xBF\xBDy");  // right-to-left override
    CHECK(printable("x\xC2\x9By") == "x\xEF\xBF\xBDy");      // C1 CSI
    CHECK(printable("\xFFz") == "\xEF\xBF\xBDz");
    CHECK(printable("na\xC3\xAFve \xE2\x82\xAC") == "na\xC3\xAFve \xE2\x82\xAC");
}

TEST_CASE("columns on a terminal") {
    CHECK(columns("abc") == 3);
    CHECK(columns("\xE6\x97\xA5\xE6\x9C\xAC") == 4);
    CHECK(columns("e\xCC\x81") == 1);
}

TEST_CASE("names") {
    CHECK(is_name("acme-2"));
    CHECK_FALSE(is_name(""));
    CHECK_FALSE(is_name("Acme"));
    CHECK_FALSE(is_name("a_b"));
    CHECK_FALSE(is_name(std::string(64, 'a')));
    CHECK_THROWS_WITH_AS(check_name("A b", "member"), doctest::Contains("member 'A b' is not a name"), Error);
}

TEST_CASE("the nearest word, or none") {
    std::vector<std::string> const words{"quorum", "pass", "window", "timelock"};
    CHECK(nearest("quorim", words) == "quorum");
    CHECK(nearest("timelok", words) == "timelock");
    CHECK(nearest("zebra", words).empty());
    CHECK(nearest("x", words).empty());
}
