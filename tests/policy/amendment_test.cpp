#include "core/policy/amendment.h"

#include "tests/policy/linted.h"

#include <doctest/doctest.h>

using namespace consortium;
using namespace consortium::test::linted;

namespace {

std::vector<Finding> amend(model::Charter const& next, model::Charter const& now = charter()) {
    return policy::weakened(now, next, parties(4));
}

bool says(std::vector<Finding> const& findings, std::string_view words) {
    return std::any_of(findings.begin(), findings.end(),
                       [&](Finding const& one) { return one.words.find(words) != std::string::npos; });
}

}  // namespace

TEST_CASE("an amendment that changes nothing, or asks for more, weakens nothing") {
    CHECK(amend(charter()).empty());
    auto stricter = charter();
    stricter.decisions[1].pass = model::Bound::from_text(">=3/4");
    stricter.decisions[1].timelock = {86'400};
    CHECK(amend(stricter).empty());
}

TEST_CASE("a lower share is told with the members that it then takes") {
    auto next = charter();
    next.decisions[1].pass = model::Bound::from_text(">1/3");
    auto const findings = amend(next);
    CHECK(says(findings, "release.upgrade: the share of yes that passes it falls from >2/3 to >1/3"));
    CHECK(says(findings, "release.upgrade: 2 members could pass it against all others, now it takes 3"));
    for (auto const& one : findings) CHECK(one.pointer == "/decision/upgrade");
    // ">=1/2" asks for less than ">1/2".
    auto now = charter(), reached = charter();
    now.decisions[1].pass = model::Bound::from_text(">3/4");
    reached.decisions[1].pass = model::Bound::from_text(">=3/4");
    CHECK(says(amend(reached, now), "falls from >3/4 to >=3/4"));
}

TEST_CASE("an action that is moved to an easier decision is seen, though no decision changed its rule") {
    auto now = charter();
    now.decisions.push_back(decision("routine", {"network.add"}, ">1/2"));
    auto next = now;
    next.decisions[1].actions.clear();
    next.decisions[2].actions = {"network.add", "release.upgrade"};
    auto const findings = amend(next, now);
    CHECK(says(findings, "release.upgrade: the share of yes that passes it falls from >2/3 to >1/2"));
    CHECK_FALSE(says(findings, "network.add: "));
}

TEST_CASE("what several actions lose alike is said once") {
    auto now = charter();
    now.decisions[1].actions = {"network.add", "release.upgrade"};
    now.decisions[1].timelock = {7 * 86'400};
    auto next = now;
    next.decisions[1].timelock = {};
    auto const findings = amend(next, now);
    REQUIRE(findings.size() == 1);
    CHECK(findings[0].words ==
          "network.add, release.upgrade: the wait before it is carried out falls from P7D to PT0S");
}

TEST_CASE("vetoes, classes, findings, tracks, approvals and gates that ask for less") {
    auto now = charter();
    auto& rule = now.decisions[1];
    rule.veto = model::Veto{"cast", "no", model::Bound::from_text(">1/3")};
    rule.classes = {{"validator", "yes+no", model::Bound::from_text(">1/2")}};
    rule.finding = true;
    now.approvals = {{"root", 3, 2, {"security"}, true}, {"step", 2, 2, {"operator"}, false}};
    now.gates = {{"legal", {"articles"}, {"legal"}}};
    auto next = now;
    next.decisions[1].veto.reset();
    next.decisions[1].classes.clear();
    next.decisions[1].finding = false;
    model::Emergency emergency;
    emergency.min = model::Bound::from_text(">=3/4");
    emergency.scope = {"patch"};
    next.decisions[1].emergency = emergency;
    next.approvals = {{"root", 2, 2, {"security"}, false}};
    next.gates.clear();
    auto const findings = amend(next, now);
    for (auto const* words :
         {"nobody can veto it any more", "no majority among validator is needed any more",
          "needs no finding of the panel any more", "can be done at once in an emergency",
          "'root' takes 2 officers of 2 members, now 3 of 2", "whoever proposes may approve 'root'",
          "the approval rule 'step' is dropped", "the gate 'legal' is dropped for applicants"})
        CHECK_MESSAGE(says(findings, words), words);
    CHECK(amend(now, next).size() < findings.size());
}

TEST_CASE("clauses that nobody may change come first; findings that were there before are not told again") {
    auto now = charter();
    now.unamendable = {"/decision/charter/pass"};
    auto next = now;
    next.decisions[0].pass = model::Bound::from_text(">1/2");  // below what it amends: refused by lint too
    auto const findings = amend(next, now);
    REQUIRE(findings.size() >= 2);
    CHECK(findings[0].severity == Severity::refused);
    CHECK(says(findings, "the charter in force lets nobody change '/decision/charter/pass'"));
    CHECK(find(findings, "amendment-weaker") != nullptr);
    auto const kept = amend(next, next);
    CHECK(kept.empty());
}
