#include "tests/policy/linted.h"

#include <doctest/doctest.h>

using namespace consortium;
using namespace consortium::test::linted;

TEST_CASE("a sound charter has no refusals, and says what n, f and q mean") {
    auto const findings = policy::lint(charter(), parties(7));
    CHECK_FALSE(refuses(charter(), parties(7)));
    REQUIRE(find(findings, "sizes") != nullptr);
    CHECK(find(findings, "sizes")->severity == Severity::note);
    CHECK(find(findings, "sizes")->words ==
          "7 voting members: 5 of them must agree on each epoch; up to 2 may lie or be lost; 3 that stay "
          "away stall it");
    auto const three = policy::lint(charter(), parties(3));
    CHECK(find(three, "sizes")->severity == Severity::warning);
    CHECK(find(three, "sizes")->words ==
          "3 voting members: 2 of them must agree on each epoch; none may lie: one "
          "cheat can fork, provably; 2 that stay away stall it");
}

TEST_CASE("an amendment rule weaker than what it amends is refused") {
    model::Charter weak = charter();
    weak.decisions[0].pass = model::Bound::from_text(">=2/3");
    CHECK(refuses(weak, {}));
    CHECK(find(policy::lint(weak, {}), "amendment-weaker") != nullptr);
    weak.decisions[0].pass = model::Bound::from_text(">2/3");
    CHECK_FALSE(refuses(weak, {}));
    weak.decisions[1].pass_of = "eligible";
    CHECK(refuses(weak, {}));
}

TEST_CASE("one member that can stop or decide alone is named") {
    auto const two = policy::lint(charter(), parties(2));
    REQUIRE(find(two, "one-member-veto", "/decision/upgrade") != nullptr);
    CHECK(find(two, "one-member-veto", "/decision/upgrade")->words ==
          "any one member can stop 'upgrade' by voting no");
    CHECK(find(policy::lint(charter(), parties(7)), "one-member-veto") == nullptr);
    model::Charter founder = charter();
    founder.decisions[1].weight = "custom";
    founder.decisions[1].weights = {{"a", 10}, {"b", 1}, {"c", 1}, {"d", 1}};
    auto const findings = policy::lint(founder, parties(4));
    REQUIRE(find(findings, "one-member-control") != nullptr);
    CHECK(find(findings, "one-member-control")->words == "a decides 'upgrade' alone, against all others");
    CHECK(find(findings, "one-member-quorum", "/decision/upgrade")->words ==
          "a can stop 'upgrade' by staying away");
}

TEST_CASE("what these members can never reach is refused") {
    model::Charter lonely = charter();
    lonely.decisions[1].weight = "custom";
    lonely.decisions[1].weights = {{"somebody-else", 1}};
    CHECK(refuses(lonely, parties(4)));
    CHECK_FALSE(refuses(lonely, {}));
    model::Charter rooted = charter();
    rooted.approvals = {{"root", 3, 3, {"security"}, false}};
    CHECK(refuses(rooted, parties(2)));
    CHECK_FALSE(refuses(rooted, parties(3)));
    model::Charter raised = charter();
    raised.raised_quorum = 5;
    CHECK(refuses(raised, parties(4)));
    CHECK_FALSE(refuses(raised, parties(5)));
    CHECK(refuses(charter(), {{"a", "observer"}}));
    auto with_stranger = parties(4);
    with_stranger.push_back({"z", "steward"});
    CHECK(find(policy::lint(charter(), with_stranger), "tier-missing") != nullptr);
}

TEST_CASE("gaps, short windows, missing quorums and concentrated costs are pointed out") {
    model::Charter loose = charter();
    loose.decisions.erase(loose.decisions.begin());
    loose.decisions[0].window = {3600};
    loose.decisions[0].quorum = model::Bound::from_text(">=0");
    loose.pools = {{"base", "weighted", "", {{"a", 3}, {"b", 1}}, ""}};
    auto const findings = policy::lint(loose, {});
    CHECK(find(findings, "action-uncovered")->severity == Severity::warning);
    CHECK(find(findings, "window-short", "/decision/upgrade/time/window") != nullptr);
    CHECK(find(findings, "no-quorum") != nullptr);
    CHECK(find(findings, "cost-concentration", "/pool/base/weights/a")->words.find("75 %") !=
          std::string::npos);
}
