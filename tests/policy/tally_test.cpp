#include "core/policy/tally.h"

#include "core/base/error.h"
#include "tests/policy/sample.h"
#include "tests/policy/votes.h"

#include <array>
#include <doctest/doctest.h>
#include <nlohmann/json.hpp>
#include <random>

using namespace consortium;
using policy::Elector;
using policy::Tally;
using policy::Vote;
using test::rule;

namespace {

constexpr std::array choices{"yes", "no", "abstain"};

std::vector<Elector> members(int count) {
    std::vector<Elector> out;
    for (int i = 0; i < count; ++i) out.push_back({"m" + std::to_string(100'000 + i), 1});
    return out;
}

std::vector<Vote> votes(int yes, int no, int abstain) {
    std::vector<Vote> out;
    for (Elector const& elector : members(yes + no + abstain)) {
        int const at = static_cast<int>(out.size());
        out.push_back({elector.member, at < yes ? "yes" : at < yes + no ? "no" : "abstain"});
    }
    return out;
}

bool passes(model::Decision const& decision, int eligible, int yes, int no, int abstain) {
    return policy::tally(decision, members(eligible), votes(yes, no, abstain)).passed;
}

}  // namespace

TEST_CASE("Fabric's implicit meta policy: majority of ten needs six, of none never passes") {
    // hyperledger/fabric common/policies/implicitmeta_test.go, MAJORITY
    model::Decision const majority = rule(">=0", ">1/2", "eligible");
    CHECK(passes(majority, 10, 6, 0, 0));
    CHECK_FALSE(passes(majority, 10, 5, 0, 0));
    CHECK_FALSE(passes(majority, 0, 0, 0, 0));
}

TEST_CASE("ISO: two thirds of those who vote yes or no") {
    // ISO/IEC directives: 30-10 passes at 3/4 exactly, 29-11 does not; abstentions do not count
    model::Decision const decision = rule(">=0", ">=3/4");
    CHECK(passes(decision, 50, 30, 10, 0));
    CHECK(passes(decision, 50, 30, 10, 10));
    CHECK_FALSE(passes(decision, 50, 29, 11, 0));
}

TEST_CASE("Cosmos SDK x/gov: quorum 33.4 %, more than half without abstentions") {
    // cosmos-sdk x/gov/keeper/tally_test.go, standard proposal with equal powers
    model::Decision const decision = rule(">=33.4%", ">1/2");
    CHECK_FALSE(passes(decision, 10, 0, 0, 0));
    CHECK_FALSE(passes(decision, 10, 3, 0, 0));  // no quorum
    CHECK(passes(decision, 10, 4, 0, 0));
    CHECK_FALSE(passes(decision, 10, 5, 5, 0));
    CHECK_FALSE(passes(decision, 10, 0, 0, 10));  // everybody abstains
    CHECK(passes(decision, 10, 1, 0, 9));
}

TEST_CASE("exactly two thirds: enough for >=, not for >") {
    CHECK(passes(rule(">=2/3", ">=2/3"), 3, 2, 1, 0));
    CHECK_FALSE(passes(rule(">=2/3", ">2/3"), 3, 2, 1, 0));
    CHECK(passes(rule(">=2/3", ">2/3"), 4, 3, 1, 0));
    CHECK_FALSE(passes(rule(">2/3", ">1/2"), 3, 2, 0, 0));
    CHECK(passes(rule(">=2/3", ">1/2"), 3, 2, 0, 0));
}

TEST_CASE("nobody voting yes or no never passes") {
    CHECK_FALSE(passes(rule(">=0", ">=1/1000000"), 3, 0, 0, 3));
    CHECK_FALSE(passes(rule(">=0", ">=1/1000000", "cast"), 3, 0, 0, 3));
    CHECK_FALSE(passes(rule(">=0", ">=1/1000000"), 0, 0, 0, 0));
}

TEST_CASE("the result says in one sentence why") {
    Tally const passed = policy::tally(rule(">=2/3", ">2/3"), members(9), votes(6, 1, 0));
    CHECK(passed.words ==
          "passes: 7 of 9 eligible voted, 6 for, 1 against; quorum >=2/3 of eligible = 6; needs "
          ">2/3 of yes+no = 4.67");
    Tally const failed = policy::tally(rule(">=2/3", ">2/3"), members(9), votes(3, 1, 1));
    CHECK(failed.words ==
          "fails: 5 of 9 eligible voted, 3 for, 1 against, 1 abstained; quorum >=2/3 of eligible = 6 "
          "not met; needs >2/3 of yes+no = 2.67");
    CHECK(policy::to_json(passed)["passed"] == true);
    CHECK(policy::to_json(passed)["missing"] == base::Json({"m100007", "m100008"}));
    CHECK(
        base::canonical(policy::to_json(failed)) ==
        R"({"abstain":1,"eligible":9,"missing":["m100005","m100006","m100007","m100008"],"no":1,"passed":false,)"
        R"("quorum_met":false,"threshold_met":true,"words":")" +
            failed.words + R"(","yes":3})");
}

TEST_CASE("weights and the electorate come from the base epoch") {
    model::Epoch epoch = test::sample_epoch();
    model::Decision decision = epoch.charter.decisions[0];
    CHECK(policy::electorate(epoch, decision).size() == 4);
    epoch.members[1].status = "left";
    epoch.members[2].votes = false;
    CHECK(policy::electorate(epoch, decision).size() == 2);
    epoch.members[3].tier = "observer";
    CHECK(policy::electorate(epoch, decision).size() == 1);
    decision.weight = "custom";
    decision.weights = {{"acme", 5}, {"stranger", 7}};
    REQUIRE(policy::electorate(epoch, decision).size() == 1);
    CHECK(policy::electorate(epoch, decision)[0].weight == 5);
    epoch.charter.tiers[1].weight = 3;
    decision.weight = "per_tier";
    CHECK(policy::electorate(epoch, decision)[0].weight == 3);
}

TEST_CASE("votes of strangers do not count; two of one member are a defect of the caller") {
    std::vector<Elector> const electors{{"a", 2}, {"b", 1}};
    Tally const tally = policy::tally(rule(">=0", ">1/2"), electors, {{"a", "yes"}, {"x", "no"}});
    CHECK(tally.no == 0);
    CHECK(tally.yes == 2);
    CHECK(tally.passed);
    CHECK_THROWS_AS(policy::tally(rule(">=0", ">1/2"), electors, {{"a", "yes"}, {"a", "no"}}), base::Error);
    CHECK_THROWS_AS(policy::tally(rule(">=0", ">1/2"), electors, {{"a", "maybe"}}), base::Error);
}

TEST_CASE("settled agrees with trying every remaining ballot") {
    std::mt19937 random(3);  // NOLINT: the same cases every time
    std::array const bounds{">=1/2", ">1/2", ">2/3", ">=2/3", ">=3/4", ">1/3"};
    std::array const bases{"yes+no", "cast", "eligible"};
    auto pick = [&](auto const& from) { return from[random() % from.size()]; };
    int settled_cases = 0;
    for (int round = 0; round < 1500; ++round) {
        model::Decision decision = rule(pick(bounds), pick(bounds), pick(bases));
        decision.ballot_change = false;
        if (random() % 2 == 0) decision.quorum_counts = {"no", "yes"};
        std::vector<Elector> electors;
        for (int i = 0; i < 5; ++i)
            electors.push_back(
                {std::string(1, static_cast<char>('a' + i)), static_cast<std::int64_t>(1 + random() % 3)});
        std::vector<Vote> cast;
        std::vector<std::string> open;
        for (Elector const& elector : electors) {
            if (random() % 2 == 0) {
                cast.push_back({elector.member, pick(choices)});
            } else {
                open.push_back(elector.member);
            }
        }
        bool can_pass = false, can_fail = false;
        int combinations = 1;
        for (std::size_t i = 0; i < open.size(); ++i) combinations *= 4;
        for (int code = 0; code < combinations; ++code) {
            std::vector<Vote> all = cast;
            int rest = code;
            for (std::string const& member : open) {
                if (rest % 4 < 3) all.push_back({member, choices.at(static_cast<std::size_t>(rest % 4))});
                rest /= 4;
            }
            bool const passed = policy::tally(decision, electors, all).passed;
            can_pass = can_pass || passed;
            can_fail = can_fail || !passed;
        }
        REQUIRE(policy::settled(decision, electors, cast) == (can_pass != can_fail));
        settled_cases += can_pass != can_fail ? 1 : 0;
    }
    CHECK(settled_cases > 100);  // both answers were really tried
    CHECK(settled_cases < 1400);
}

TEST_CASE("while ballots can be changed, what everybody said settles nothing") {
    model::Decision decision = rule(">=1/2", ">1/2");
    decision.ballot_change = true;
    CHECK_FALSE(policy::settled(decision, members(3), votes(3, 0, 0)));
    decision.ballot_change = false;
    CHECK(policy::settled(decision, members(3), votes(3, 0, 0)));
    CHECK(policy::settled(decision, members(0), {}));
}

TEST_CASE("ten thousand members are counted exactly") {
    std::vector<Elector> const electors = members(10'000);
    Tally const tally = policy::tally(rule(">=2/3", ">2/3"), electors, votes(6667, 3333, 0));
    CHECK(tally.passed);
    CHECK_FALSE(policy::tally(rule(">=2/3", ">6667/10000"), electors, votes(6667, 3333, 0)).passed);
}
