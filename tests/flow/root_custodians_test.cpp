#include "core/flow/root.h"
#include "core/flow/root_approval.h"
#include "tests/support/rotation.h"

#include <doctest/doctest.h>

using namespace consortium;
using Names = std::vector<std::string>;
using Ruling = model::Verdict::Ruling;

namespace {

model::Plan rotate(RotationFixture& fixture, Names const& custodians, int threshold) {
    Names roster;
    for (auto const& each : custodians) roster.push_back("custodian=" + each);
    return flow::plan_root_rotate(
        fixture.state(), fixture.with("root rotate", {{"roster", roster}, {"threshold", threshold}}));
}

void prepare(RotationFixture& fixture, Names const& custodians, int threshold) {
    fixture.carry_out(rotate(fixture, custodians, threshold));
    fixture.decide("root.rotate", "passed");
    fixture.prepare();
}

void finish(RotationFixture& fixture) {
    fixture.carry_out(fixture.sign_plan());
    fixture.distribute();
    fixture.acknowledge();
    fixture.switch_over();
    fixture.distrust();
    fixture.carry_out(flow::plan_root_prepare(fixture.state(), RotationFixture::plain("root prepare")));
    fixture.approve_all();
    fixture.state_as("globex", "witnessed", fixture.now().attempt,
                     {{"manifest", fixture.digest().hex()}, {"words", "seen"}});
    fixture.carry_out(flow::plan_root_destroy(fixture.state(), RotationFixture::plain("root destroy")));
}

}  // namespace

TEST_CASE("who is to keep the new key is among those who approve it") {
    RotationFixture fixture;
    prepare(fixture, {"acme-gov", "umbrella-gov"}, 2);
    fixture.approve_all();  // three officers of three members, one of them a custodian
    auto plan = fixture.sign_plan();
    CHECK(plan.verdict.ruling == Ruling::pending);
    CHECK(plan.verdict.missing == Names{"acme-gov"});
    fixture.approve("acme", fixture.digest());
    CHECK(fixture.sign_plan().verdict.allowed());
}

TEST_CASE("where custodians change, a threshold of the old ones agrees, too") {
    RotationFixture fixture;
    prepare(fixture, {"globex-gov", "initech-gov"}, 2);
    fixture.approve_all();
    finish(fixture);
    prepare(fixture, {"initech-gov", "umbrella-gov"}, 2);
    CHECK(flow::old_custodians(fixture.state(), flow::rotation_plan(fixture.store(), fixture.now())) ==
          flow::Custodians{{"globex-gov", "initech-gov"}, 2});
    for (char const* member : {"acme", "initech", "umbrella"}) fixture.approve(member, fixture.digest());
    auto const plan = fixture.sign_plan();
    CHECK(plan.verdict.ruling == Ruling::pending);
    auto const& missing = plan.verdict.missing;
    CHECK(std::find(missing.begin(), missing.end(), "globex-gov") != missing.end());
    fixture.approve("globex", fixture.digest());
    CHECK(fixture.sign_plan().verdict.allowed());
}

TEST_CASE("a roster names officers who are there and can approve, and a threshold that they can reach") {
    RotationFixture fixture;
    CHECK_FALSE(rotate(fixture, {"nobody-gov", "globex-gov"}, 2).verdict.allowed());
    CHECK_FALSE(rotate(fixture, {"globex-gov", "globex-gov"}, 2).verdict.allowed());
    CHECK_FALSE(rotate(fixture, {"globex-gov", "initech-gov"}, 3).verdict.allowed());
    CHECK_FALSE(rotate(fixture, {"globex-gov", "initech-gov"}, 1).verdict.allowed());
    CHECK(rotate(fixture, {"globex-gov", "initech-gov"}, 2).verdict.allowed());
}
