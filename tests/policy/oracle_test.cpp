// Outcomes that other systems' own tests state, with their numbers.

#include "core/policy/opening.h"
#include "tests/policy/votes.h"

#include <doctest/doctest.h>

using namespace consortium;
using policy::Elector;
using policy::Tally;
using policy::Track;
using policy::Vote;
using test::rule;

namespace {

/// cosmos-sdk's defaults: quorum 33.4 %, threshold 50 %, expedited 66.7 %, veto 33.4 % of what was cast,
/// objections 10 %; deposits are burnt without quorum and by veto.
model::Decision cosmos() {
    model::Decision out = rule(">=33.4%", ">1/2");
    out.veto = model::Veto{"cast", "veto", model::Bound::from_text(">33.4%")};
    out.expedited = model::Expedited{{86'400}, {}, std::nullopt, model::Bound::from_text(">66.7%")};
    out.delegation = true;
    out.proposer.deposit = "10.00";
    out.proposer.forfeit = {"no_quorum", "veto"};
    return out;
}

/// Ten validators v0 … v9 of a million each, what others delegated to them taken off.
struct Chain {
    std::vector<Elector> electors;
    std::vector<Vote> votes;
    policy::Context context;

    explicit Chain(int validators = 10) {
        for (int i = 0; i < validators; ++i) electors.push_back({"v" + std::to_string(i), 1'000'000});
    }
    /// A delegator with a part at one validator.
    Chain& stake(std::string const& who, int validator, std::int64_t amount) {
        electors[static_cast<std::size_t>(validator)].weight -= amount;
        electors.push_back({who, amount});
        context.delegations.push_back({who, "v" + std::to_string(validator)});
        return *this;
    }
    Chain& say(std::string const& who, char const* choice) {
        votes.push_back({who, choice});
        return *this;
    }
    /// The first validators say these, in turn.
    Chain& all(std::vector<char const*> const& choices, int first = 0) {
        for (char const* choice : choices) say("v" + std::to_string(first++), choice);
        return *this;
    }
};

struct Case {
    char const* name;
    Chain chain;
    bool passes, burns;
    long yes, abstain, no, veto;
};

void check(model::Decision const& decision, Track track, std::vector<Case> const& cases) {
    for (Case one : cases) {
        CAPTURE(one.name);
        one.chain.context.track = track;
        Tally const tally = policy::tally(decision, one.chain.electors, one.chain.votes, one.chain.context);
        CHECK(tally.passed == one.passes);
        CHECK(tally.forfeited == one.burns);
        CHECK(tally.yes == one.yes);
        CHECK(tally.abstain == one.abstain);
        CHECK(tally.no - tally.veto == one.no);
        CHECK(tally.veto == one.veto);
    }
}

constexpr long million = 1'000'000;
char const* const y = "yes";
char const* const n = "no";
char const* const a = "abstain";
char const* const v = "veto";

/// What the standard and the expedited vote have in common.
std::vector<Case> common_cases() {
    return {
        {"no votes, no bonded tokens", Chain(0), false, false, 0, 0, 0, 0},
        {"no votes", Chain(), false, true, 0, 0, 0, 0},
        {"one validator votes", Chain().all({n}), false, true, 0, 0, million, 0},
        {"one account votes without delegation", Chain().say("d0", y), false, true, 0, 0, 0, 0},
        {"one delegator votes", Chain().stake("d0", 0, 42).say("d0", y), false, true, 42, 0, 0, 0},
        {"delegator yes, validator yes", Chain().stake("d0", 0, 42).say("d0", y).all({y}), false, true,
         million, 0, 0, 0},
        {"delegator yes, validator no", Chain().stake("d0", 0, 42).say("d0", y).all({n}), false, true, 42, 0,
         999'958, 0},
        {"delegator with mixed delegations",
         Chain().stake("d0", 0, 21).stake("e0", 1, 21).say("d0", y).say("e0", y).all({n, y, a}), false, true,
         1'000'021, million, 999'979, 0},
        {"quorum with only abstain", Chain().all({a, a, a, a}), false, false, 0, 4 * million, 0, 0},
        {"veto > 1/3", Chain().all({y, y, y, y, v, v, v}), false, true, 4 * million, 0, 0, 3 * million},
        {"yes <= .5", Chain().all({y, y, n, n}), false, false, 2 * million, 0, 2 * million, 0},
    };
}

}  // namespace

// cosmos/cosmos-sdk x/gov/keeper/tally_test.go at 34d274357910d5725b3a139d1242b53e29492639:
// TestTally_Standard, _Expedited, _Optimistic. Its option "spam", which burns the deposit when it outweighs
// all others, is our veto. An account with stake at two validators is two members here. A delegator that does
// not vote is never shown there; its validator's vote counts for it, as here.
TEST_CASE("Cosmos SDK x/gov: every outcome of the standard tally") {
    check(cosmos(), Track::ordinary, common_cases());
    check(
        cosmos(), Track::ordinary,
        {{"yes > .5", Chain().all({y, y, y, y, n, n, v}), true, false, 4 * million, 0, 2 * million, million},
         {"quorum thanks to abstain", Chain().all({y, y, n, a, a, a}), true, false, 2 * million, 3 * million,
          million, 0},
         {"spam > all others", Chain().all({y, v, v, v, v, v, v}), false, true, million, 0, 0, 6 * million}});
}

TEST_CASE("Cosmos SDK x/gov: every outcome of the expedited tally") {
    check(cosmos(), Track::expedited, common_cases());
    check(
        cosmos(), Track::expedited,
        {{"yes <= .667", Chain().all({y, y, y, y, n, n, v}), false, false, 4 * million, 0, 2 * million,
          million},
         {"yes > .667", Chain().all({y, y, y, y, y, n, v}), true, false, 5 * million, 0, million, million},
         {"spam > all others", Chain().all({y, v, v, v, v, v, v}), false, true, million, 0, 0, 6 * million}});
    // What does not pass goes on as an ordinary vote, and nothing is lost until that ends.
    Chain const chain = Chain().all({y, y, y, y, n, n, v});
    Tally const tally = policy::tally(cosmos(), chain.electors, chain.votes, {Track::expedited, {}, {}});
    CHECK(tally.outcome == policy::TallyOutcome::continues);
    CHECK(policy::tally(cosmos(), chain.electors, chain.votes).passed);
}

TEST_CASE("Cosmos SDK x/gov: every outcome of the optimistic tally") {
    model::Decision decision = cosmos();
    decision.optimistic = model::Share{"eligible", model::Bound::from_text(">10%")};
    check(decision, Track::ordinary,
          {{"no votes, no bonded tokens", Chain(0), false, false, 0, 0, 0, 0},
           {"no votes", Chain(), true, false, 0, 0, 0, 0},
           {"spam votes", Chain().all({v, v, v, v, v, v}, 1), false, true, 0, 0, 0, 6 * million},
           {"one delegator", Chain().stake("d0", 0, 42).say("d0", n), true, false, 0, 0, 42, 0},
           {"threshold of no", Chain().all({n, n, n, n}), false, false, 0, 0, 4 * million, 0}});
}

// hyperledger/fabric common/policies/implicitmeta_test.go at 00df45f93aba31267ded859d82746a8ec699b7d0. Its
// organizations are the members of a class: of no organizations any rule is satisfied.
TEST_CASE("Fabric: every outcome of the implicit meta policies") {
    struct Row {
        char const* min;
        int organizations, satisfied;
        bool passes;
    };
    char const* const any = ">0";
    char const* const every = ">=1";
    char const* const majority = ">1/2";
    for (Row const& row : {Row{any, 1, 1, true},
                           {any, 10, 1, true},
                           {any, 10, 8, true},
                           {any, 0, 0, true},
                           {any, 10, 0, false},
                           {every, 1, 1, true},
                           {every, 10, 10, true},
                           {every, 0, 0, true},
                           {every, 10, 1, false},
                           {every, 10, 0, false},
                           {majority, 1, 1, true},
                           {majority, 10, 6, true},
                           {majority, 3, 2, true},
                           {majority, 0, 0, true},
                           {majority, 10, 5, false},
                           {majority, 10, 0, false}}) {
        CAPTURE(row.min);
        CAPTURE(row.organizations);
        CAPTURE(row.satisfied);
        model::Decision decision = rule(">=0", ">1/2");
        decision.classes = {{"organization", "eligible", model::Bound::from_text(row.min)}};
        std::vector<Elector> electors{{"proposer", 1, "proposer"}};
        std::vector<Vote> votes{{"proposer", "yes"}};
        for (int i = 0; i < row.organizations; ++i) {
            electors.push_back({"o" + std::to_string(i), 1, "organization"});
            if (i < row.satisfied) votes.push_back({electors.back().member, "yes"});
        }
        CHECK(policy::tally(decision, electors, votes).passed == row.passes);
    }
}

namespace {

/// OpenZeppelin's voters of 10, 7, 5 and 2 of 100 tokens, a token being 10^16.
std::vector<Elector> holders() {
    std::int64_t const token = 10;
    std::vector<Elector> out{{"voter1", 10 * token},
                             {"voter2", 7 * token},
                             {"voter3", 5 * token},
                             {"voter4", 2 * token},
                             {"owner", 76 * token}};
    for (Elector& one : out) one.weight *= 1'000'000'000'000'000;
    return out;
}

model::Decision governor(char const* quorum) {
    model::Decision out = rule(quorum, ">1/2");
    out.quorum_counts = {"abstain", "yes"};  // COUNTING_MODE: quorum=for,abstain
    return out;
}

}  // namespace

// OpenZeppelin/openzeppelin-contracts at fddac901ccdbdb06be90536822936ea765dd9218:
// test/governance/extensions/GovernorVotesQuorumFraction.test.js
TEST_CASE("OpenZeppelin: quorum as a fraction") {
    CHECK(policy::tally(governor(">=8%"), holders(), {{"voter1", "yes"}}).passed);
    CHECK_FALSE(policy::tally(governor(">=8%"), holders(), {{"voter2", "yes"}}).passed);
    CHECK(policy::tally(governor(">=6%"), holders(), {{"voter2", "yes"}}).passed);
}

// The same, GovernorCountingFractional.test.js: what one holder splits is several members' here.
TEST_CASE("OpenZeppelin: fractions of a vote add up") {
    std::vector<Elector> const parts{{"a", 2}, {"b", 1}, {"c", 1}, {"d", 1}, {"rest", 2}};
    Tally const tally = policy::tally(governor(">=0"), parts,
                                      {{"a", "yes"}, {"b", "abstain"}, {"c", "no"}, {"d", "abstain"}});
    CHECK(tally.no == 1);
    CHECK(tally.yes == 2);
    CHECK(tally.abstain == 2);
}

// The same, GovernorPreventLateQuorum.test.js: a quorum of 1 in 100 tokens, voting from 4 to 20, at least 8
// left.
TEST_CASE("OpenZeppelin: a quorum reached late leaves time to answer") {
    model::Decision decision = governor(">=1%");
    decision.late_quorum = {8};
    base::Instant const closes{20};
    auto const at = [](char const* who, char const* choice, std::int64_t time) {
        return policy::TimedVote{{who, choice}, 0, {time}};
    };
    std::vector<Vote> const four{
        {"voter1", "yes"}, {"voter2", "yes"}, {"voter3", "no"}, {"voter4", "abstain"}};
    Tally const nominal = policy::tally(decision, holders(), four);
    CHECK(nominal.passed);
    base::Wide const token = base::Wide{10} * 1'000'000'000'000'000;
    CHECK(nominal.no == 5 * token);
    CHECK(nominal.yes == 17 * token);
    CHECK(nominal.abstain == 2 * token);
    CHECK_FALSE(policy::late_close(
        decision, holders(),
        {at("voter1", "yes", 5), at("voter2", "yes", 6), at("voter3", "no", 7), at("voter4", "abstain", 8)},
        closes));
    auto const extended = policy::late_close(decision, holders(), {at("voter2", "yes", 19)}, closes);
    REQUIRE(extended);
    CHECK(*extended == base::Instant{27});
    CHECK_FALSE(policy::tally(decision, holders(), {{"voter2", "yes"}, {"voter1", "no"}}).passed);
    // The extension is at most as long as the window: the charter's reader refuses a longer one.
}

// ISO/IEC Directives, Part 1, 2.7.3: two thirds of the P-members' votes in favour, and not more than a
// quarter of all votes negative; abstentions, and negative votes without reasons, do not count.
TEST_CASE("ISO: 30 to 10 passes, 29 to 11 fails") {
    model::Decision decision = rule(">=0", ">=3/4");
    decision.classes = {{"p", "yes+no", model::Bound::from_text(">=2/3")}};
    decision.reasoned_no = true;
    auto const vote = [&](int p_yes, int p_no, int o_yes, int o_no, int unreasoned = 0) {
        std::vector<Elector> electors;
        std::vector<Vote> votes;
        auto const add = [&](int count, char const* tier, char const* choice, bool reasoned) {
            for (int i = 0; i < count; ++i) {
                electors.push_back({"m" + std::to_string(electors.size()), 1, tier});
                votes.push_back({electors.back().member, choice, reasoned});
            }
        };
        add(p_yes, "p", "yes", false);
        add(p_no, "p", "no", true);
        add(o_yes, "o", "yes", false);
        add(o_no, "o", "no", true);
        add(unreasoned, "o", "no", false);
        return policy::tally(decision, electors, votes);
    };
    CHECK(vote(30, 10, 0, 0).passed);
    CHECK_FALSE(vote(29, 11, 0, 0).passed);
    CHECK(vote(20, 10, 30, 0).passed);        // two thirds exactly
    CHECK_FALSE(vote(20, 11, 60, 0).passed);  // the others cannot make up for it
    CHECK_FALSE(vote(20, 5, 0, 4).passed);    // more than a quarter of all
    CHECK(vote(30, 10, 0, 0, 20).passed);
    CHECK(vote(30, 10, 0, 0, 20).abstain == 20);
}
