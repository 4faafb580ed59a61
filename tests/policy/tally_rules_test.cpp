// Every rule of a tally by example, and what holds of all of them.

#include "core/base/error.h"
#include "core/policy/opening.h"
#include "tests/policy/votes.h"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>
#include <set>

using namespace consortium;
using policy::Context;
using policy::Elector;
using policy::Tally;
using policy::TallyOutcome;
using policy::Track;
using policy::Vote;
using test::rule;

namespace {

std::vector<Elector> const five{{"a", 1, "p"}, {"b", 1, "p"}, {"c", 1, "p"}, {"d", 1, "q"}, {"e", 1, "q"}};

/// "ynav-": what a, b, c … say; '-' says nothing.
std::vector<Vote> said(std::string_view choices) {
    std::vector<Vote> out;
    for (std::size_t i = 0; i < choices.size(); ++i) {
        char const* word = choices[i] == 'y'   ? "yes"
                           : choices[i] == 'n' ? "no"
                           : choices[i] == 'a' ? "abstain"
                                               : "veto";
        if (choices[i] != '-') out.push_back({std::string(1, static_cast<char>('a' + i)), word});
    }
    return out;
}

Tally of(model::Decision const& decision, std::string_view choices, Context const& context = {}) {
    return policy::tally(decision, five, said(choices), context);
}

model::Bound bound(char const* text) {
    return model::Bound::from_text(text);
}

}  // namespace

TEST_CASE("a veto stops what would pass, from its share on") {
    model::Decision decision = rule(">=1/2", ">1/2");
    decision.veto = model::Veto{"cast", "no", bound(">1/3")};
    CHECK(of(decision, "yyyn-").passed);
    CHECK_FALSE(of(decision, "yyynn").passed);
    decision.veto->of = "eligible";
    decision.veto->min = bound(">=2/5");
    CHECK_FALSE(of(decision, "yyynn").passed);
    CHECK(of(decision, "yyyna").passed);
    decision.veto = model::Veto{"cast", "veto", bound(">0")};
    CHECK(of(decision, "yyynn").passed);
    Tally const vetoed = of(decision, "yyyyv");
    CHECK_FALSE(vetoed.passed);
    CHECK(vetoed.no == 1);
    CHECK(vetoed.veto == 1);
    CHECK(vetoed.words ==
          "fails: 5 of 5 eligible voted, 4 for, 1 against (1 with a veto); quorum >=1/2 of eligible = 2.50; "
          "veto from >0 of cast = 0: 1, vetoed; needs >1/2 of yes+no = 2.50");
    decision.veto->by = "no";
    CHECK_THROWS_AS(of(decision, "yyyyv"), base::Error);
}

TEST_CASE("a class that must agree among itself") {
    model::Decision decision = rule(">=1/2", ">1/2");
    decision.classes = {{"q", "yes+no", bound(">1/2")}};
    CHECK(of(decision, "yyyy-").passed);
    CHECK_FALSE(of(decision, "yyyyn").passed);
    CHECK_FALSE(of(decision, "yyy--").passed);  // nobody of the class said yes or no
    CHECK_FALSE(of(decision, "yyyaa").passed);
    decision.classes = {{"q", "eligible", bound(">=1")}};
    CHECK_FALSE(of(decision, "yyyy-").passed);
    CHECK(of(decision, "yy-yy").passed);
    CHECK(of(decision, "yyyyn").words ==
          "fails: 5 of 5 eligible voted, 4 for, 1 against; quorum >=1/2 of eligible = 2.50; needs >1/2 of "
          "yes+no = "
          "2.50; q 1 of 2, needs >=1 of eligible = 2, not reached");
    decision.classes = {{"none", "eligible", bound(">=1")}};
    CHECK(of(decision, "yyy--").passed);  // a class of nobody is not asked
}

TEST_CASE("the recused leave numerator and denominator, unless the quorum is of all") {
    model::Decision decision = rule(">=3/5", ">1/2", "eligible");
    decision.recusal = {"declared", "target"};
    Context const two{Track::ordinary, {{"d", "declared"}, {"e", "target"}, {"a", "ruled"}}, {}};
    Tally const tally = of(decision, "yy-nn", two);
    CHECK(tally.eligible == 3);
    CHECK(tally.no == 0);
    CHECK(tally.recused == std::vector<std::string>{"d", "e"});  // the charter provides for no ruling
    CHECK(tally.passed);
    CHECK(tally.missing == std::vector<std::string>{"c"});
    decision.quorum_of = "all";
    CHECK_FALSE(of(decision, "yy-nn", two).passed);  // 2 of 5
    CHECK(of(decision, "yyynn", two).passed);
}

TEST_CASE("nobody left to ask: an independent panel decides") {
    model::Decision decision = rule(">=0", ">1/2");
    decision.recusal = {"declared"};
    Context context;
    for (char const* who : {"a", "b", "c", "d", "e"}) context.recusals.push_back({who, "declared"});
    CHECK(of(decision, "yyyyy", context).outcome == TallyOutcome::panel);
    CHECK(policy::to_json(of(decision, "yyyyy", context))["outcome"] == "panel");
    decision.classes = {{"q", "yes+no", bound(">1/2")}};
    Context const stewards{Track::ordinary, {{"d", "declared"}, {"e", "declared"}}, {}};
    CHECK(of(decision, "yyy--", stewards).outcome == TallyOutcome::panel);
    CHECK(of(decision, "ynn--", stewards).outcome == TallyOutcome::failed);  // it would fail anyway
}

TEST_CASE("delegation: one step, overridden by a direct vote, void in a circle") {
    model::Decision decision = rule(">=0", ">1/2");
    decision.delegation = true;
    auto const by = [&](std::vector<policy::Delegation> delegations, std::string_view choices) {
        return of(decision, choices, {Track::ordinary, {}, std::move(delegations)});
    };
    CHECK(by({{"b", "a"}, {"c", "a"}}, "y").yes == 3);
    CHECK(by({{"b", "a"}, {"c", "a"}}, "yn").no == 1);
    CHECK(by({{"a", "b"}, {"b", "c"}}, "--y").yes == 2);  // not a through b to c
    CHECK(by({{"a", "b"}, {"b", "a"}}, "--y").yes == 1);  // a circle
    CHECK(by({{"a", "b"}, {"b", "a"}}, "y").yes == 2);    // broken by a vote
    CHECK(by({{"a", "a"}}, "--y").yes == 1);              // of oneself
    CHECK(by({{"a", "stranger"}, {"stranger", "c"}}, "--y").yes == 1);
    Tally const tally = by({{"b", "a"}}, "y");
    REQUIRE(tally.delegated.size() == 1);
    CHECK(tally.delegated[0].from == "b");
    CHECK(tally.missing == std::vector<std::string>{"c", "d", "e"});
    decision.recusal = {"declared"};
    CHECK(of(decision, "y", {Track::ordinary, {{"a", "declared"}}, {{"b", "a"}}}).yes == 0);
    CHECK_THROWS_AS(by({{"b", "a"}, {"b", "c"}}, "y"), base::Error);
    decision.delegation = false;
    CHECK(by({{"b", "a"}}, "y").yes == 1);
}

TEST_CASE("a tie fails, or the casting vote breaks it") {
    model::Decision decision = rule(">=0", ">1/2");
    CHECK_FALSE(of(decision, "yynn-").passed);
    decision.casting = "a";
    Tally const tally = of(decision, "yynn-");
    CHECK(tally.passed);
    CHECK(policy::to_json(tally)["tie"] == "casting");
    CHECK(tally.words.ends_with("needs >1/2 of yes+no = 2, a tie that the casting vote breaks"));
    decision.casting = "c";
    CHECK_FALSE(of(decision, "yynn-").passed);
    decision.casting = "e";
    CHECK_FALSE(of(decision, "yynn-").passed);
    CHECK_FALSE(of(decision, "yynna").passed);
    decision.casting = "a";
    decision.pass = bound(">2/3");
    CHECK_FALSE(of(decision, "yynn-").passed);  // one more yes would not be enough
    decision.pass = bound(">1/2");
    decision.pass_of = "cast";
    CHECK_FALSE(of(decision, "yynna").passed);
    decision.pass_of = "yes+no";
    decision.recusal = {"declared"};
    CHECK_FALSE(of(decision, "yyn--", {Track::ordinary, {{"a", "declared"}}, {}}).passed);
}

TEST_CASE("optimistic: silence is consent, objections are not") {
    model::Decision decision = rule(">=1", ">1/2");
    decision.optimistic = model::Share{"eligible", bound(">=2/5")};
    CHECK(of(decision, "").passed);
    CHECK(of(decision, "n").passed);
    Tally const stopped = of(decision, "nnyyy");
    CHECK_FALSE(stopped.passed);
    CHECK(stopped.words ==
          "fails: 5 of 5 eligible voted, 3 for, 2 against; passes unless >=2/5 of eligible = 2 object, which "
          "they "
          "do");
    CHECK_FALSE(policy::tally(decision, {}, {}).passed);
}

TEST_CASE("expedited asks for more, and goes on where it does not get it") {
    model::Decision decision = rule(">=2/5", ">1/2");
    decision.expedited = model::Expedited{{1}, {}, bound(">=4/5"), bound(">=3/4")};
    Context const early{Track::expedited, {}, {}};
    CHECK(of(decision, "yyyn-", early).passed);
    CHECK(of(decision, "yy---", early).outcome == TallyOutcome::continues);
    CHECK(of(decision, "yy---").passed);
    CHECK(of(decision, "yy---", early).words.starts_with("does not pass early, the vote goes on: 2 of 5"));
    decision.expedited.reset();
    CHECK(of(decision, "yyyyy", early).outcome == TallyOutcome::continues);
}

TEST_CASE("an emergency is counted against everybody, whoever can be reached or is recused") {
    model::Decision decision = rule(">=0", ">=1");
    decision.emergency = model::Emergency{bound(">=3/5"), {"patch"}, {1}, {1}, {1}, {}};
    decision.recusal = {"declared"};
    Context context{Track::emergency, {{"d", "declared"}, {"e", "declared"}}, {}};
    CHECK(of(decision, "yyy", context).passed);
    CHECK_FALSE(of(decision, "yy", context).passed);
    CHECK(of(decision, "yyynn", {Track::emergency, {}, {}}).passed);
    CHECK(policy::to_json(of(decision, "yyy", context))["track"] == "emergency");
    for (char const* who : {"a", "b", "c"}) context.recusals.push_back({who, "declared"});
    CHECK(of(decision, "yyy", context).outcome == TallyOutcome::failed);  // no panel in an emergency
    decision.emergency.reset();
    Tally const none = of(decision, "yyyyy", {Track::emergency, {}, {}});
    CHECK_FALSE(none.passed);
    CHECK(none.words.ends_with("the charter has no such way to decide it"));
}

TEST_CASE("a no without the reason it needs is an abstention") {
    model::Decision decision = rule(">=2/5", ">1/2");
    decision.reasoned_no = true;
    std::vector<Vote> votes = said("ynn");
    votes[1].reasoned = votes[2].reasoned = false;
    Tally const tally = policy::tally(decision, five, votes);
    CHECK(tally.passed);
    CHECK(tally.abstain == 2);
}

TEST_CASE("a deposit is lost as the charter says") {
    model::Decision decision = rule(">=3/5", ">1/2");
    decision.proposer.deposit = "100.00";
    decision.proposer.forfeit = {"no_quorum"};
    CHECK(policy::to_json(of(decision, "y"))["deposit"] == "forfeited");
    CHECK(policy::to_json(of(decision, "nnn"))["deposit"] == "returned");
    CHECK(policy::to_json(of(decision, "yyy"))["deposit"] == "returned");
    decision.proposer.forfeit = {"failed"};
    CHECK(of(decision, "nnn").words.ends_with("not reached; the deposit is lost"));
}

TEST_CASE("a cap on weights leaves nobody a larger share") {
    auto const capped = [](char const* cap, std::vector<std::int64_t> const& weights) {
        std::vector<Elector> electors;
        for (std::int64_t weight : weights) electors.push_back({std::to_string(electors.size()), weight});
        policy::apply_cap(base::Rational::from_text(cap), electors);
        std::vector<std::int64_t> out;
        out.reserve(electors.size());
        for (Elector const& one : electors) out.push_back(one.weight);
        return out;
    };
    using Weights = std::vector<std::int64_t>;
    CHECK(capped("1/3", {10, 1, 1, 1, 1}) == Weights{2, 1, 1, 1, 1});
    CHECK(capped("1/3", {2, 2, 2}) == Weights{2, 2, 2});
    CHECK(capped("1/3", {9, 7, 1}) == Weights{1, 1, 1});
    CHECK(capped("1/2", {9, 7, 1}) == Weights{8, 7, 1});
    CHECK(capped("1/4", {5, 5, 5}) == Weights{1, 1, 1});  // three members cannot have less than a third
    CHECK(capped("1/2", {0, 0}) == Weights{0, 0});
    std::int64_t const huge = 1'000'000'000'000'000'000;
    CHECK(capped("1/3", {huge, huge - 1, 4, 4, 4}) == Weights{12, 12, 4, 4, 4});
    CHECK(capped("499999/1000000", {huge, huge / 2, huge / 2})[0] == 999'996'000'007'999'984);
}

TEST_CASE("exact at ties with weights of 10^18") {
    std::int64_t const huge = 1'000'000'000'000'000'000;
    std::vector<Elector> electors;
    std::vector<Vote> votes;
    for (int i = 0; i < 3000; ++i) {
        electors.push_back({"m" + std::to_string(i), huge});
        votes.push_back({electors.back().member, i < 2000 ? "yes" : "no"});
    }
    CHECK(policy::tally(rule(">=1", ">=2/3"), electors, votes).passed);
    CHECK_FALSE(policy::tally(rule(">=1", ">2/3"), electors, votes).passed);
    electors[0].weight -= 1;
    CHECK_FALSE(policy::tally(rule(">=1", ">=2/3"), electors, votes).passed);
    electors[0].weight += 1;
    electors[2000].weight -= 1;
    Tally const tally = policy::tally(rule(">=1", ">2/3"), electors, votes);
    CHECK(tally.passed);
    CHECK(policy::to_json(tally)["yes"] == "2000000000000000000000");
    // The finest bound there is, on the most that may vote: still within 127 bits.
    CHECK_NOTHROW(
        policy::tally(rule(">=999999999999999/1000000000000000", ">1/999999999999999"), electors, votes));
}

TEST_CASE("a tally does not depend on the order in which anything arrives") {
    test::Chance chance(7);
    for (int round = 0; round < 2000; ++round) {
        model::Decision const decision = chance.decision();
        auto electors = chance.electors();
        auto votes = chance.votes(decision, electors);
        auto context = chance.context(electors);
        auto const once = base::canonical(policy::to_json(policy::tally(decision, electors, votes, context)));
        chance.shuffle(electors);
        chance.shuffle(votes);
        chance.shuffle(context.recusals);
        chance.shuffle(context.delegations);
        REQUIRE(base::canonical(policy::to_json(policy::tally(decision, electors, votes, context))) == once);
    }
}

TEST_CASE("one more yes never turns a pass into a failure") {
    test::Chance chance(11);
    int passes = 0, turned = 0;
    for (int round = 0; round < 20'000; ++round) {
        model::Decision const decision = chance.decision();
        auto const electors = chance.electors();
        auto votes = chance.votes(decision, electors);
        auto const context = chance.context(electors);
        Tally const before = policy::tally(decision, electors, votes, context);
        // Somebody who said nothing, or something else, says yes.
        std::string const who = chance.pick(electors).member;
        std::erase_if(votes, [&](Vote const& vote) { return vote.member == who; });
        votes.push_back({who, "yes"});
        Tally const after = policy::tally(decision, electors, votes, context);
        if (before.passed) REQUIRE(after.passed);
        passes += before.passed ? 1 : 0;
        turned += !before.passed && after.passed ? 1 : 0;
    }
    CHECK(passes > 1000);  // both really happened
    CHECK(turned > 100);
}

TEST_CASE("settled agrees with trying everything that can still be said, under every rule") {
    test::Chance chance(13);
    int yes = 0, no = 0;
    for (int round = 0; round < 3000; ++round) {
        model::Decision decision = chance.decision();
        decision.ballot_change = false;
        auto const electors = chance.electors();
        auto const votes = chance.votes(decision, electors);
        auto const context = chance.context(electors);
        std::vector<std::string> open;
        for (Elector const& elector : electors)
            if (std::none_of(votes.begin(), votes.end(),
                             [&](Vote const& vote) { return vote.member == elector.member; }))
                open.push_back(elector.member);
        auto const choices = model::choices(decision);
        Context direct = context;
        direct.delegations.clear();
        std::size_t combinations = 1, ways = choices.size() + 1;
        for (std::size_t i = 0; i < open.size(); ++i) combinations *= ways;
        std::set<std::pair<TallyOutcome, bool>> outcomes;
        for (std::size_t code = 0; code < combinations && outcomes.size() < 2; ++code) {
            std::vector<Vote> all = votes;
            std::size_t rest = code;
            for (std::string const& member : open) {
                if (rest % ways > 0) all.push_back({member, choices[rest % ways - 1]});
                rest /= ways;
            }
            Tally const end = policy::tally(decision, electors, all, direct);
            outcomes.emplace(end.outcome, end.forfeited);
        }
        bool const said = policy::settled(decision, electors, votes, context);
        bool const may_recuse = decision.recusal.size() == 2;  // declared or ruled, at any time
        REQUIRE(said == (outcomes.size() == 1 && !may_recuse));
        (said ? yes : no) += 1;
    }
    CHECK(yes > 300);
    CHECK(no > 300);
}

TEST_CASE("a late quorum is found as by counting anew after every ballot") {
    test::Chance chance(17);
    int extended = 0;
    for (int round = 0; round < 3000; ++round) {
        model::Decision decision = chance.decision();
        decision.optimistic.reset();
        decision.late_quorum = {4};
        auto const electors = chance.electors();
        auto context = chance.context(electors);
        context.track = Track::ordinary;
        for (auto& one : context.delegations) one.since = {static_cast<std::int64_t>(chance.below(12))};
        std::vector<policy::TimedVote> votes;
        for (Elector const& elector : electors) {
            auto time = static_cast<std::int64_t>(chance.below(12));
            for (int revision = 0; chance.flip() && time < 14;
                 ++revision, time += static_cast<std::int64_t>(chance.below(3)))
                votes.push_back({chance.vote(decision, elector.member), revision, {time}});
        }
        std::optional<base::Instant> expected;
        for (std::int64_t now = 0; now < 10; ++now) {
            std::map<std::string, Vote> held;
            for (policy::TimedVote const& one : votes)
                if (one.time.seconds <= now) held[one.vote.member] = one.vote;
            std::vector<Vote> last;
            for (auto const& [member, vote] : held) last.push_back(vote);
            auto until = context;
            std::erase_if(until.delegations, [&](auto const& one) { return one.since.seconds > now; });
            if (!policy::tally(decision, electors, last, until).quorum_met || last.empty()) continue;
            if (now + 4 > 10) expected = base::Instant{now + 4};
            break;
        }
        chance.shuffle(votes);
        auto const found = policy::late_close(decision, electors, votes, {10}, context);
        REQUIRE(found.has_value() == expected.has_value());
        if (found) REQUIRE(found->seconds == expected->seconds);
        extended += found ? 1 : 0;
    }
    CHECK(extended > 100);
}
