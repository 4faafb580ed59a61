#include "core/policy/permission.h"

#include "tests/policy/sample.h"

#include <doctest/doctest.h>

using namespace consortium;

TEST_CASE("an officer signs what its role and its member's tier allow") {
    model::Epoch epoch = test::sample_epoch();
    CHECK(policy::may_sign(epoch, "acme-1", "ballot").allowed());
    CHECK_FALSE(policy::may_sign(epoch, "acme-2", "ballot").allowed());  // legal and security only
    CHECK(policy::may_sign(epoch, "acme-2", "check").allowed());
    CHECK_FALSE(policy::may_sign(epoch, "nobody", "ballot").allowed());
    CHECK_FALSE(policy::may_sign(epoch, "acme-1", "commit").allowed());  // a seat's
    CHECK_FALSE(policy::may_sign(epoch, "acme-1", "unheard-of").allowed());
    epoch.members[0].tier = "observer";
    CHECK_FALSE(test::holds(policy::may_sign(epoch, "acme-1", "ballot"), "tier"));
    CHECK_FALSE(test::holds(policy::may_sign(epoch, "acme-1", "proposal"), "tier"));
    CHECK(policy::may_sign(epoch, "acme-1", "own").allowed());  // one's own keys are one's own
    epoch.members[0].tier = "validator";
    epoch.members[0].status = "suspended";
    CHECK_FALSE(policy::may_sign(epoch, "acme-1", "ballot").allowed());
    epoch.members[0].status = "active";
    epoch.officers[0].status = "suspended";
    CHECK_FALSE(policy::may_sign(epoch, "acme-1", "ballot").allowed());
}

TEST_CASE("a removed key signs nothing") {
    model::Epoch epoch = test::sample_epoch();
    for (model::Key& key : epoch.keys) {
        if (key.owner == "acme-1") key.status = "removed";
    }
    CHECK_FALSE(test::holds(policy::may_sign(epoch, "acme-1", "ballot"), "key"));
}

TEST_CASE("automation neither votes nor approves") {
    model::Epoch epoch = test::sample_epoch();
    epoch.officers[0].roles = {"automation"};
    CHECK_FALSE(policy::may_sign(epoch, "acme-1", "ballot").allowed());
    CHECK_FALSE(policy::may_sign(epoch, "acme-1", "approval").allowed());
    CHECK_FALSE(policy::may_sign(epoch, "acme-1", "proposal").allowed());
    CHECK(policy::may_sign(epoch, "acme-1", "attest").allowed());
}

TEST_CASE("the charter says who proposes and who votes") {
    model::Epoch epoch = test::sample_epoch();
    CHECK(policy::may_propose(epoch, "acme-1", "release.upgrade").allowed());
    CHECK_FALSE(test::holds(policy::may_propose(epoch, "acme-2", "release.upgrade"), "proposer"));
    CHECK_FALSE(test::holds(policy::may_propose(epoch, "acme-1", "charter.amend"), "decision"));
    auto chosen = epoch;
    chosen.charter.decisions[0].proposer.tiers = {"observer"};
    CHECK_FALSE(test::holds(policy::may_propose(chosen, "acme-1", "release.upgrade"), "proposer tier"));
    chosen.charter.decisions[0].proposer.tiers = {"observer", "validator"};
    CHECK(policy::may_propose(chosen, "acme-1", "release.upgrade").allowed());
    CHECK(policy::may_vote(epoch, epoch, "acme-1", "release.upgrade").allowed());
    epoch.charter.decisions[0].weight = "custom";
    epoch.charter.decisions[0].weights = {{"globex", 1}};
    CHECK_FALSE(test::holds(policy::may_vote(epoch, epoch, "acme-1", "release.upgrade"), "electorate"));
    CHECK(policy::may_vote(epoch, epoch, "globex-1", "release.upgrade").allowed());
}

TEST_CASE("officers of now vote for the members of then") {
    auto const base = test::sample_epoch();
    auto current = base;
    current.officers[0].id = "acme-9";  // came after the proposal was opened
    std::sort(current.officers.begin(), current.officers.end(),
              [](auto const& left, auto const& right) { return left.id < right.id; });
    CHECK(policy::may_vote(current, base, "acme-9", "release.upgrade").allowed());
    CHECK_FALSE(policy::may_vote(current, base, base.officers[0].id, "release.upgrade").allowed());
    auto late = base;  // a member that joined later has no vote
    std::erase_if(late.members, [](model::Member const& member) { return member.id == "acme"; });
    CHECK_FALSE(test::holds(policy::may_vote(current, late, "acme-9", "release.upgrade"), "electorate"));
}
