#include "core/account/apportion.h"

#include "core/account/proration.h"
#include "core/base/error.h"

#include <algorithm>
#include <doctest/doctest.h>
#include <limits>
#include <random>

using namespace consortium;
using account::apportion;
using account::Claim;
using base::Rational;

namespace {

std::vector<std::int64_t> units(std::int64_t total, std::vector<std::int64_t> const& weights) {
    std::vector<Claim> claims;
    for (std::size_t i = 0; i < weights.size(); ++i)
        claims.push_back({std::string(1, static_cast<char>('a' + i)), weights[i]});
    std::vector<std::int64_t> out;
    for (auto const& share : apportion(total, claims)) out.push_back(share.minor);
    return out;
}

using Units = std::vector<std::int64_t>;

std::vector<Claim> random_claims(std::mt19937_64& random) {
    std::vector<Claim> claims(1 + random() % 12);
    for (std::size_t i = 0; i < claims.size(); ++i)
        claims[i] = {"m-" + std::to_string(random() % 1000) + "-" + std::to_string(i),
                     static_cast<std::int64_t>(random() >> (4 + random() % 56)) / 16};
    claims.front().weight += 1;
    return claims;
}

}  // namespace

TEST_CASE("largest remainder, computed by hand") {
    CHECK(units(100, {1, 1, 1}) == Units{34, 33, 33});
    CHECK(units(2, {1, 1, 1}) == Units{1, 1, 0});
    CHECK(units(0, {1, 2}) == Units{0, 0});
    CHECK(units(7, {0, 5}) == Units{0, 7});
    // Weights 3, 7, 90: the first member gets less of the larger total. Nothing monotone is promised.
    CHECK(units(49, {3, 7, 90}) == Units{2, 3, 44});
    CHECK(units(51, {3, 7, 90}) == Units{1, 4, 46});
}

TEST_CASE("Hamilton's own apportionment of 120 seats to the 15 states of 1790") {
    // The bill that Washington vetoed; populations and seats from Balinski and Young, Fair Representation.
    // CT DE GA KY MD MA NH NJ NY NC PA RI SC VT VA
    CHECK(units(120, {236'841, 55'540, 70'835, 68'705, 278'514, 475'327, 141'822, 179'570, 331'589, 353'523,
                      432'879, 68'446, 206'236, 85'533, 630'560}) ==
          Units{8, 2, 2, 2, 9, 16, 5, 6, 11, 12, 14, 2, 7, 3, 21});
}

TEST_CASE("ties go to the smaller id, by bytes") {
    auto const shares = apportion(1, {{"b", 1}, {"B", 1}, {"a", 1}});
    CHECK(shares[0].minor == 0);
    CHECK(shares[1].minor == 1);
    CHECK(shares[2].minor == 0);
}

TEST_CASE("shares sum to the total, stay within one unit of the quota, and ignore the order of claims") {
    std::mt19937_64 random(20261001);
    for (int round = 0; round < 2000; ++round) {
        auto claims = random_claims(random);
        auto const total = static_cast<std::int64_t>(random()) >> (random() % 60);
        auto const shares = apportion(total, claims);
        base::Wide sum = 0;
        for (std::size_t i = 0; i < shares.size(); ++i) {
            sum += shares[i].minor;
            auto const off = Rational(shares[i].minor) - shares[i].quota;
            REQUIRE(off < Rational(1));
            REQUIRE(off > Rational(-1));
            if (claims[i].weight == 0) REQUIRE(shares[i].minor == 0);
        }
        REQUIRE(sum == total);
        std::reverse(claims.begin(), claims.end());
        auto const reversed = apportion(total, claims);
        for (std::size_t i = 0; i < shares.size(); ++i)
            REQUIRE(reversed[shares.size() - 1 - i].minor == shares[i].minor);
    }
}

TEST_CASE("a credit mirrors its invoice exactly") {
    std::mt19937_64 random(7);
    for (int round = 0; round < 500; ++round) {
        auto const claims = random_claims(random);
        auto const total = static_cast<std::int64_t>(random() >> 2);
        auto const charge = apportion(total, claims), credit = apportion(-total, claims);
        for (std::size_t i = 0; i < charge.size(); ++i) {
            REQUIRE(charge[i].minor == -credit[i].minor);
            REQUIRE(charge[i].quota == Rational(0) - credit[i].quota);
        }
    }
}

TEST_CASE("the largest amounts fit") {
    auto const most = std::numeric_limits<std::int64_t>::max();
    CHECK(units(most, {most - 1, 1}) == Units{most - 1, 1});
    CHECK(units(std::numeric_limits<std::int64_t>::min(), {1}) ==
          Units{std::numeric_limits<std::int64_t>::min()});
    CHECK_THROWS_AS(units(1, {most, 1}), base::Error);
}

TEST_CASE("no weight, a negative weight") {
    CHECK_THROWS_WITH(units(5, {0, 0}), "nothing to share by: every weight is zero");
    CHECK_THROWS_WITH(units(5, {}), "nothing to share by: every weight is zero");
    CHECK_THROWS_WITH(units(5, {3, -1}), "the weight of 'b' is negative");
}

TEST_CASE("member-days are half-open") {
    auto const october = base::Month::from_text("2026-10");
    auto const at = [](char const* text) { return base::Instant::from_typed(text); };
    CHECK(account::days_in(october) == 31);
    CHECK(account::days_in(base::Month::from_text("2028-02")) == 29);
    CHECK(account::member_days(october, at("2026-01-01"), {}) == 31);
    CHECK(account::member_days(october, at("2026-10-12"), {}) == 20);
    CHECK(account::member_days(october, at("2026-10-12T23:59Z"), {}) == 20);
    CHECK(account::member_days(october, at("2026-01-01"), at("2026-10-12")) == 11);
    CHECK(account::member_days(october, at("2026-10-12"), at("2026-10-12T18:00Z")) == 0);
    CHECK(account::member_days(october, at("2026-10-31"), {}) == 1);
    CHECK(account::member_days(october, at("2026-11-01"), {}) == 0);
    CHECK(account::member_days(october, at("2026-01-01"), at("2026-10-01")) == 0);
    // One member leaves on the day on which another joins: together they are one whole member.
    for (int day = 1; day <= 31; ++day) {
        auto const change = base::Day{october.begin.number + day - 1}.start();
        CHECK(account::member_days(october, at("2026-01-01"), change) +
                  account::member_days(october, change, {}) ==
              31);
    }
}
