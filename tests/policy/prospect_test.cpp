#include "core/policy/prospect.h"

#include "tests/policy/votes.h"

#include <doctest/doctest.h>

using namespace consortium;
using policy::Elector;
using policy::Prospect;
using policy::Vote;
using Names = std::vector<std::string>;

namespace {

std::vector<Elector> four() {
    return {{"a"}, {"b"}, {"c"}, {"d"}};
}

bool passes(model::Decision const& decision, std::vector<Elector> const& electors, std::vector<Vote> votes,
            policy::Context const& context, Names const& some, std::string const& choice,
            Names const& others) {
    for (auto const& member : some) votes.push_back({member, choice});
    for (auto const& member : others) votes.push_back({member, "yes"});
    return policy::tally(decision, electors, votes, context).passed;
}

Names without(Names const& all, Names const& some) {
    Names out;
    for (auto const& one : all)
        if (std::find(some.begin(), some.end(), one) == some.end()) out.push_back(one);
    return out;
}

}  // namespace

TEST_CASE("who can still make a vote pass, and who can stop it") {
    auto const rule = test::rule(">=1/2", ">2/3");
    auto const none = policy::prospect(rule, four(), {});
    CHECK_FALSE(none.settled);
    CHECK_FALSE(none.passes);
    CHECK(none.passing == Names{"a", "b"});
    CHECK(none.blocking == Names{"a", "b"});
    auto const one = policy::prospect(rule, four(), {{"a", "no"}});
    CHECK(one.passing == Names{"b", "c", "d"});
    CHECK(one.blocking == Names{"b"});
    auto const lost = policy::prospect(rule, four(), {{"a", "no"}, {"b", "no"}});
    CHECK_FALSE(lost.passing);
    CHECK(lost.blocking == Names{});
    auto const won = policy::prospect(rule, four(), {{"a", "yes"}, {"b", "yes"}, {"c", "yes"}});
    CHECK(won.passes);
    CHECK(won.passing == Names{});
    CHECK_FALSE(won.blocking);
}

TEST_CASE("the heaviest is named first, and whoever is not needed is not named") {
    auto const rule = test::rule(">=1/2", ">1/2");
    std::vector<Elector> const electors{{"a", 1}, {"b", 5}, {"c", 2}, {"d", 0}};
    auto const found = policy::prospect(rule, electors, {});
    CHECK(found.passing == Names{"b"});
    CHECK(found.blocking == Names{"b"});
}

TEST_CASE("every set that is named was enough and none could be left out; where none is named, none is") {
    test::Chance chance(7);
    int named = 0, impossible = 0;
    for (int round = 0; round < 3000; ++round) {
        auto const rule = chance.decision();
        auto const electors = chance.electors();
        auto const votes = chance.votes(rule, electors);
        auto const context = chance.context(electors);
        auto const found = policy::prospect(rule, electors, votes, context);
        Names waiting;
        for (auto const& member : policy::tally(rule, electors, votes, context).missing)
            for (auto const& elector : electors)
                if (elector.member == member && elector.weight > 0) waiting.push_back(member);
        bool can_pass = false, can_stop = false;
        auto const stop = rule.veto && rule.veto->by == "veto" ? "veto" : "no";
        for (unsigned set = 0; set < (1u << waiting.size()); ++set) {
            Names some;
            for (std::size_t i = 0; i < waiting.size(); ++i)
                if ((set >> i & 1u) != 0) some.push_back(waiting[i]);
            can_pass = can_pass || passes(rule, electors, votes, context, some, "yes", {});
            can_stop =
                can_stop || !passes(rule, electors, votes, context, some, stop, without(waiting, some));
        }
        CHECK(found.passing.has_value() == can_pass);
        CHECK(found.blocking.has_value() == can_stop);
        impossible += can_pass ? 0 : 1;
        if (!found.passing) continue;
        CHECK(passes(rule, electors, votes, context, *found.passing, "yes", {}));
        for (auto const& member : *found.passing) {
            ++named;
            CHECK_FALSE(passes(rule, electors, votes, context, without(*found.passing, {member}), "yes", {}));
        }
        if (!found.blocking) continue;
        for (auto const& member : *found.blocking) {
            auto const fewer = without(*found.blocking, {member});
            CHECK(passes(rule, electors, votes, context, fewer, stop, without(waiting, fewer)));
        }
    }
    CHECK(named > 500);
    CHECK(impossible > 500);
}
