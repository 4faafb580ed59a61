#include "core/base/error.h"

#include <doctest/doctest.h>
#include <set>

using namespace consortium::base;

TEST_CASE("every code has one row with a name of its own") {
    std::set<std::string_view> names;
    for (int code = 0; code <= static_cast<int>(Code::terminated); ++code) {
        CHECK(static_cast<int>(info(static_cast<Code>(code)).code) == code);
        names.insert(info(static_cast<Code>(code)).name);
    }
    CHECK(names.size() == error_table().size());
    CHECK(info(Code::refused).exit_status == 5);
    CHECK(info(Code::interrupted).exit_status == 130);
}

TEST_CASE("an error gains details and keeps its first hint") {
    Error const error = Error(Code::refused, "no").with("file", "x").hinting("first").hinting("second");
    CHECK(error.details() == Error::Details{{"file", "x"}});
    CHECK(error.hint() == "first");
    CHECK(std::string(error.what()) == "no");
}
