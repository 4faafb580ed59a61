#include "core/flow/root.h"
#include "core/flow/root_approval.h"
#include "tests/support/kept_rotation.h"

#include <doctest/doctest.h>

using namespace consortium;
using Names = std::vector<std::string>;
using Ruling = model::Verdict::Ruling;

namespace {

void keep_shares(KeptRotation& fixture, std::string const& key, Names const& members) {
    fixture.carry_out(fixture.deal_plan(key, members));
    for (auto const& member : members) fixture.accept(key, member);
}

}  // namespace

TEST_CASE("who is to keep the new key is among those who approve it") {
    KeptRotation fixture;
    fixture.prepare_for({"acme-gov", "initech-gov", "umbrella-gov"}, 3);
    fixture.approve_all();  // three officers of three members, two of them custodians
    auto plan = fixture.sign_plan();
    CHECK(plan.verdict.ruling == Ruling::pending);
    CHECK(plan.verdict.missing == Names{"acme-gov"});
    fixture.approve("acme", fixture.digest());
    CHECK(fixture.sign_plan().verdict.allowed());
}

TEST_CASE("where custodians change, a threshold of the old ones agrees, too") {
    KeptRotation fixture;
    fixture.prepare_for({"globex-gov", "initech-gov", "umbrella-gov"}, 3);
    fixture.approve_all();
    fixture.carry_out(fixture.sign_plan());
    keep_shares(fixture, "ca-root-g2", {"globex", "initech", "umbrella"});
    fixture.destroy_old_root();
    fixture.prepare_for({"acme-gov", "initech-gov", "umbrella-gov"}, 3);
    CHECK(flow::old_custodians(fixture.state(), flow::rotation_plan(fixture.store(), fixture.now())) ==
          flow::Custodians{{"globex-gov", "initech-gov", "umbrella-gov"}, 3});
    for (char const* member : {"acme", "initech", "umbrella"}) fixture.approve(member, fixture.digest());
    auto const plan = fixture.sign_plan();
    CHECK(plan.verdict.ruling == Ruling::pending);
    auto const& missing = plan.verdict.missing;
    CHECK(std::find(missing.begin(), missing.end(), "globex-gov") != missing.end());
    fixture.approve("globex", fixture.digest());
    CHECK(fixture.sign_plan().verdict.allowed());
}

TEST_CASE("a roster names officers who are there and can approve, and a threshold that they can reach") {
    KeptRotation fixture;
    Names const three{"acme-gov", "globex-gov", "initech-gov"};
    CHECK_FALSE(fixture.rotate_plan({"nobody-gov", "globex-gov", "initech-gov"}, 3).verdict.allowed());
    CHECK_FALSE(fixture.rotate_plan({"globex-gov", "globex-gov", "acme-gov"}, 3).verdict.allowed());
    CHECK_FALSE(fixture.rotate_plan(three, 4).verdict.allowed());
    CHECK_FALSE(fixture.rotate_plan(three, 1).verdict.allowed());
    CHECK(fixture.rotate_plan(three, 3).verdict.allowed());
}
