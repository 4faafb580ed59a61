#include "core/policy/timelock.h"

#include "core/base/error.h"

#include <doctest/doctest.h>

using namespace consortium;
using base::Instant;
using Ruling = model::Verdict::Ruling;

TEST_CASE("the timelock runs from the later of receipt and the median commit") {
    policy::Enacted enacted{Instant{100}, {Instant{500}, Instant{10}, Instant{90}}, {50}, Instant{1000}};
    CHECK(policy::executable_from(enacted) == Instant{150});
    enacted.committed = {Instant{500}, Instant{10}, Instant{300}};  // one clock that is fast cannot delay it
    CHECK(policy::executable_from(enacted) == Instant{350});
    enacted.committed = {Instant{10}, Instant{300}};
    CHECK(policy::executable_from(enacted) == Instant{350});
    enacted.committed.clear();
    CHECK_THROWS_AS(policy::executable_from(enacted), base::Error);
}

TEST_CASE("before the timelock it is pending, from the lapse on refused") {
    policy::Enacted const enacted{Instant{100}, {Instant{90}}, {50}, Instant{1000}};
    model::Verdict const early = policy::executable(enacted, Instant{149});
    CHECK(early.ruling == Ruling::pending);
    CHECK(early.deadline == Instant{150});
    CHECK(policy::executable(enacted, Instant{150}).allowed());
    CHECK(policy::executable(enacted, Instant{999}).allowed());
    CHECK(policy::executable(enacted, Instant{1000}).ruling == Ruling::refused);
}
