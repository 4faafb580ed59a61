#include "core/policy/opening.h"

#include "tests/policy/sample.h"
#include "tests/policy/votes.h"

#include <doctest/doctest.h>

using namespace consortium;
using base::Instant;
using model::Verdict;
using policy::Opening;
using policy::Track;

namespace {

constexpr std::int64_t day = 86'400;

model::Decision decision() {
    model::Decision out = test::rule(">=1/2", ">1/2");
    out.notice = {2 * day};
    out.window = {7 * day};
    out.cooldown = {30 * day};
    out.proposer.tiers = {"steward"};
    out.proposer.max_open = 2;
    out.expedited = model::Expedited{{3 * day}, {}, std::nullopt, model::Bound::from_text(">2/3")};
    out.emergency = model::Emergency{
        model::Bound::from_text(">=3/4"), {"patch"}, {day}, {7 * day}, {30 * day}, {14 * day}};
    return out;
}

Opening opening(Track track, std::int64_t days) {
    return {"steward", "release.upgrade", track, Instant{100 * day}, Instant{(100 + days) * day}, 0, {}, {}};
}

}  // namespace

TEST_CASE("a vote stands for its notice and its window, or for its track's") {
    CHECK(policy::may_open(decision(), opening(Track::ordinary, 9)).allowed());
    Verdict const early = policy::may_open(decision(), opening(Track::ordinary, 8));
    CHECK(early.ruling == Verdict::Ruling::refused);
    CHECK_FALSE(test::holds(early, "window"));
    CHECK(policy::may_open(decision(), opening(Track::expedited, 3)).allowed());
    CHECK_FALSE(policy::may_open(decision(), opening(Track::expedited, 2)).allowed());
    CHECK(policy::may_open(decision(), opening(Track::emergency, 1)).allowed());
    model::Decision plain = decision();
    plain.expedited.reset();
    plain.emergency.reset();
    CHECK_FALSE(policy::may_open(plain, opening(Track::expedited, 9)).allowed());
    CHECK_FALSE(policy::may_open(plain, opening(Track::emergency, 9)).allowed());
}

TEST_CASE("an emergency is for its measures only, and not again at once") {
    Opening one = opening(Track::emergency, 1);
    one.action = "member.remove";
    CHECK_FALSE(policy::may_open(decision(), one).allowed());
    one.action = "network.pause";
    CHECK_FALSE(policy::may_open(decision(), one).allowed());
    one.action = "release.upgrade";
    one.emergency = Instant{90 * day};
    Verdict const again = policy::may_open(decision(), one);
    CHECK(again.ruling == Verdict::Ruling::pending);
    CHECK(again.deadline == Instant{104 * day});
}

TEST_CASE("who may propose, how much at a time, and how soon again") {
    Opening one = opening(Track::ordinary, 9);
    one.tier = "observer";
    CHECK_FALSE(test::holds(policy::may_open(decision(), one), "proposer tier"));
    one.tier = "steward";
    one.open = 2;
    CHECK(policy::may_open(decision(), one).ruling == Verdict::Ruling::pending);
    one.open = 1;
    one.failed = Instant{80 * day};
    CHECK(policy::may_open(decision(), one).deadline == Instant{110 * day});
    one.failed = Instant{70 * day};
    CHECK(policy::may_open(decision(), one).allowed());
}

TEST_CASE("what is unamendable stays, and stays unamendable") {
    model::Charter now = test::sample_epoch().charter;
    now.unamendable = {"/decision/upgrade/pass", "/tier/observer"};
    model::Charter next = now;
    next.decisions[0].quorum = model::Bound::from_text(">=1/3");
    CHECK(policy::broken_clauses(now, next).empty());
    next.decisions[0].pass = model::Bound::from_text(">1/2");
    CHECK(policy::broken_clauses(now, next) == std::vector<std::string>{"/decision/upgrade/pass"});
    next = now;
    next.tiers.erase(next.tiers.begin());
    CHECK(policy::broken_clauses(now, next) == std::vector<std::string>{"/tier/observer"});
    next = now;
    next.unamendable = {"/tier/observer"};
    CHECK(policy::broken_clauses(now, next) == std::vector<std::string>{"/unamendable"});
    next.unamendable = {"/decision/upgrade/pass", "/decision/upgrade/time", "/tier/observer"};
    CHECK(policy::broken_clauses(now, next).empty());
}
