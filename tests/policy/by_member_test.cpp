#include "core/policy/by_member.h"

#include <doctest/doctest.h>
#include <map>
#include <string>

using consortium::policy::ByMember;

TEST_CASE("values by member are found as in a map, in whatever order they were added and are looked for") {
    std::map<std::string, int> expected;
    for (int i = 0; i < 500; ++i) expected["m" + std::to_string(i * 37 % 500 * 2)] = i;
    ByMember<int> values, ordered;
    for (int i = 0; i < 500; ++i) {
        auto const& [name, value] = *std::next(expected.begin(), i * 211 % 500);
        values.add(name, value);
    }
    for (auto const& [name, value] : expected) ordered.add(name, value);
    CHECK(values.put_in_order().empty());
    CHECK(ordered.put_in_order().empty());
    for (int step : {1, 2, 499, 211}) {
        for (int i = 0; i < 1001; ++i) {
            auto const name = "m" + std::to_string(i * step % 1001);
            auto const known = expected.find(name);
            for (auto const* held : {values.find(name), ordered.find(name)}) {
                REQUIRE((held != nullptr) == (known != expected.end()));
                if (held != nullptr) REQUIRE(*held == known->second);
            }
        }
    }
}

TEST_CASE("a member that was added twice is named, wherever the two stood") {
    ByMember<int> apart, together, none;
    for (auto const* name : {"b", "a", "c", "b"}) apart.add(name, 0);
    for (auto const* name : {"a", "b", "b"}) together.add(name, 0);
    CHECK(apart.put_in_order() == "b");
    CHECK(together.put_in_order() == "b");
    CHECK(none.put_in_order().empty());
    CHECK_FALSE(none.contains("a"));
}
