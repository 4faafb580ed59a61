#include "core/policy/simulation.h"

#include "tests/policy/votes.h"

#include <doctest/doctest.h>

using namespace consortium;
using policy::Elector;
using policy::Habits;
using policy::Pattern;
using policy::Track;
using policy::Vote;

namespace {

std::vector<Elector> alike(int count) {
    std::vector<Elector> out;
    for (int i = 0; i < count; ++i) out.push_back({std::string(1, static_cast<char>('a' + i)), 1, "p"});
    return out;
}

Habits habits(int turnout, int support) {
    Habits out;
    out.turnout = base::Rational::of(turnout, 100);
    out.support = base::Rational::of(support, 100);
    return out;
}

}  // namespace

TEST_CASE("turnout patterns of equal members are those of counting") {
    auto const patterns = *policy::turnout_patterns(test::rule(">=2/3", ">2/3"), alike(9));
    REQUIRE(patterns.size() == 10);
    CHECK_FALSE(patterns[5].at_best);  // no quorum
    CHECK(patterns[6].at_best == 5);
    CHECK(patterns[6].surely == 5);
    CHECK(patterns[9].at_best == 7);
}

TEST_CASE("turnout patterns are what trying everybody finds, under any rule") {
    test::Chance chance(23);
    for (int round = 0; round < 300; ++round) {
        model::Decision decision = chance.decision();
        decision.reasoned_no = false;
        auto electors = chance.electors();
        std::erase_if(electors, [](Elector const& one) { return one.weight == 0; });
        auto const patterns = *policy::turnout_patterns(decision, electors);
        std::map<std::pair<int, int>, std::pair<bool, bool>> ways;  // by voting and yes: some pass, all pass
        std::size_t combinations = 1;
        for (std::size_t i = 0; i < electors.size(); ++i) combinations *= 3;
        for (std::size_t code = 0; code < combinations; ++code) {
            std::vector<Vote> votes;
            std::size_t rest = code;
            int yes = 0;
            for (Elector const& elector : electors) {
                if (rest % 3 != 0) votes.push_back({elector.member, rest % 3 == 1 ? "yes" : "no"});
                yes += rest % 3 == 1 ? 1 : 0;
                rest /= 3;
            }
            bool const passed = policy::tally(decision, electors, votes).passed;
            auto& seen = ways.try_emplace({static_cast<int>(votes.size()), yes}, false, true).first->second;
            seen = {seen.first || passed, seen.second && passed};
        }
        for (Pattern const& pattern : patterns)
            for (int yes = 0; yes <= pattern.voting; ++yes) {
                CAPTURE(round);
                auto const& [some, all] = ways.at({pattern.voting, yes});
                REQUIRE((pattern.at_best && *pattern.at_best <= yes) == some);
                REQUIRE((pattern.surely && *pattern.surely <= yes) == all);
            }
    }
}

TEST_CASE("too many kinds of members are not tried") {
    std::vector<Elector> electors;
    for (int i = 1; i <= 40; ++i) electors.push_back({"m" + std::to_string(i), i, "p"});
    CHECK_FALSE(policy::turnout_patterns(test::rule(">=1/2", ">1/2"), electors));
}

TEST_CASE("votes by chance are the same for the same seed, and near what is expected") {
    auto const decision = test::rule(">=1/2", ">1/2");
    auto const once = policy::cast_by_chance(decision, alike(1), habits(80, 50), Track::ordinary, 20'000, 1);
    auto const again = policy::cast_by_chance(decision, alike(1), habits(80, 50), Track::ordinary, 20'000, 1);
    auto const other = policy::cast_by_chance(decision, alike(1), habits(80, 50), Track::ordinary, 20'000, 2);
    CHECK(once.passed == again.passed);
    CHECK(once.missed == again.missed);
    CHECK(once.passed != other.passed);
    // One member: it votes in 80 % and says yes in half of these; six standard deviations are 420.
    CHECK(std::abs(once.passed - 8'000) < 420);
    CHECK(std::abs(once.missed.at("quorum") - 4'000) < 420);
    CHECK(std::abs(once.missed.at("threshold") - 8'000) < 420);
    CHECK(policy::cast_by_chance(decision, alike(7), habits(100, 100), Track::ordinary, 50, 1).passed == 50);
    CHECK(policy::cast_by_chance(decision, alike(7), habits(0, 100), Track::ordinary, 50, 1).passed == 0);
}

TEST_CASE("a tier with its own turnout, abstentions, and what a class misses") {
    model::Decision decision = test::rule(">=0", ">1/2");
    decision.classes = {{"q", "yes+no", model::Bound::from_text(">1/2")}};
    auto electors = alike(4);
    electors[3].tier = "q";
    Habits apart = habits(100, 100);
    apart.by_tier["q"] = 0;
    auto const runs = policy::cast_by_chance(decision, electors, apart, Track::ordinary, 100, 7);
    CHECK(runs.passed == 0);
    CHECK(runs.missed.at("class q") == 100);
    apart.by_tier.clear();
    apart.abstain = 1;
    CHECK(policy::cast_by_chance(decision, electors, apart, Track::ordinary, 100, 7).passed == 0);
}
