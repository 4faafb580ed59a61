#include "core/base/parallel.h"

#include <doctest/doctest.h>
#include <stdexcept>

using namespace consortium::base;

namespace {

using Numbers = InOrder<std::uint64_t>;

Numbers::Worker squares() {
    return [](std::uint64_t job) { return job * job; };
}

}  // namespace

TEST_CASE("results come in the order of their jobs, whatever the number of threads") {
    for (unsigned const threads : {0u, 1u, 3u, 16u}) {
        std::vector<std::uint64_t> got;
        Numbers(1000, threads, squares).take([&](std::uint64_t job, std::uint64_t&& result) {
            REQUIRE(job == got.size());
            got.push_back(result);
        });
        REQUIRE(got.size() == 1000);
        for (std::uint64_t i = 0; i < got.size(); ++i) REQUIRE(got[i] == i * i);
    }
    int taken = 0;
    Numbers(0, 4, squares).take([&](std::uint64_t, std::uint64_t&&) { ++taken; });
    CHECK(taken == 0);
}

TEST_CASE("the exception of the first job that fails leaves, after those before it were taken") {
    auto const failing = []() -> Numbers::Worker {
        return [](std::uint64_t job) {
            if (job == 300 || job >= 400) throw std::runtime_error(std::to_string(job));
            return job;
        };
    };
    std::uint64_t taken = 0;
    CHECK_THROWS_WITH(Numbers(1000, 4, failing).take([&](std::uint64_t, std::uint64_t&&) { ++taken; }),
                      "300");
    CHECK(taken == 300);
    auto const broken = []() -> Numbers::Worker { throw std::runtime_error("no worker"); };
    CHECK_THROWS_WITH(Numbers(5, 2, broken).take([&](std::uint64_t, std::uint64_t&&) {}), "no worker");
}

TEST_CASE("whoever takes may stop, and the threads end") {
    std::uint64_t taken = 0;
    CHECK_THROWS_WITH(Numbers(100'000, 4, squares).take([&](std::uint64_t job, std::uint64_t&&) {
        if (job == 500) throw std::runtime_error("enough");
        ++taken;
    }),
                      "enough");
    CHECK(taken == 500);
    Numbers const unused(100'000, 4, squares);  // nobody takes: it ends all the same
}
