// Every rule of `charter check` that is not in charter_lint_test: what calls it up, and what does not.

#include "tests/policy/linted.h"

#include <doctest/doctest.h>

using namespace consortium;
using namespace consortium::test::linted;

namespace {

constexpr std::int64_t day = 86'400;

model::Bound bound(char const* text) {
    return model::Bound::from_text(text);
}

model::Emergency emergency() {
    return {bound(">=3/4"), {"patch"}, {day}, {7 * day}, {30 * day}, {30 * day}};
}

std::string words(model::Charter const& charter, std::vector<Party> const& parties, std::string_view rule) {
    auto const findings = policy::lint(charter, parties);
    Finding const* found = find(findings, rule);
    return found == nullptr ? "" : found->words;
}

Severity severity(model::Charter const& charter, std::vector<Party> const& parties, std::string_view rule) {
    auto const findings = policy::lint(charter, parties);
    Finding const* found = find(findings, rule);
    REQUIRE_MESSAGE(found != nullptr, rule);
    return found->severity;
}

bool is_silent(model::Charter const& charter, std::vector<Party> const& parties, std::string_view rule) {
    return words(charter, parties, rule).empty();
}

/// Stewards and validators, both of which vote.
model::Charter two_tiers() {
    model::Charter out = charter();
    out.tiers.push_back({"steward", {"read", "write", "vote"}, 1});
    for (model::Decision& decision : out.decisions) decision.electorate = {"steward", "validator"};
    return out;
}

std::vector<Party> with_stewards(int stewards, int validators) {
    auto out = parties(validators);
    for (int i = 0; i < stewards; ++i) out.push_back({"s" + std::to_string(i), "steward"});
    return out;
}

}  // namespace

TEST_CASE("an amendment may not do away with a veto or the majority of a tier") {
    model::Charter vetoed = charter();
    vetoed.decisions[1].veto = model::Veto{"cast", "no", bound(">=1/5")};
    CHECK(severity(vetoed, {}, "amendment-weaker") == Severity::refused);
    CHECK(words(vetoed, {}, "amendment-weaker") ==
          ">=1/5 of cast stop 'upgrade', but not an amendment: the veto is amended away");
    vetoed.decisions[1].veto->min = bound(">1/4");  // who has three quarters leaves no more than that
    CHECK(is_silent(vetoed, {}, "amendment-weaker"));
    vetoed.decisions[1].veto->min = bound(">=1/4");
    CHECK_FALSE(is_silent(vetoed, {}, "amendment-weaker"));
    vetoed.decisions[0].pass = bound(">3/4");
    CHECK(is_silent(vetoed, {}, "amendment-weaker"));

    model::Charter classes = two_tiers();
    classes.decisions[1].classes = {{"steward", "yes+no", bound(">1/2")}};
    CHECK(words(classes, {}, "amendment-weaker") ==
          "'upgrade' needs >1/2 of the tier 'steward', an amendment does not: it is amended away");
    classes.decisions[0].classes = {{"steward", "yes+no", bound(">=2/3")}};
    CHECK(is_silent(classes, {}, "amendment-weaker"));
}

TEST_CASE("an amendment with a lower quorum, without a tier, or within reach of fewer is pointed out") {
    model::Charter quorum = charter();
    quorum.decisions[1].quorum = bound(">=2/3");
    CHECK(severity(quorum, {}, "amendment-quorum") == Severity::warning);
    quorum.decisions[0].quorum = bound(">=2/3");
    CHECK(is_silent(quorum, {}, "amendment-quorum"));

    model::Charter unasked = two_tiers();
    CHECK(is_silent(unasked, {}, "amendment-electorate"));
    unasked.decisions[0].electorate = {"validator"};
    CHECK(words(unasked, {}, "amendment-electorate") ==
          "'upgrade' asks steward, an amendment does not: their say is amended away without them");

    model::Charter cheap = charter();
    cheap.decisions[0].weight = "custom";
    cheap.decisions[0].weights = {{"a", 30}, {"b", 1}, {"c", 1}, {"d", 1}};
    CHECK(words(cheap, parties(4), "amendment-cheaper") ==
          "1 of these members amend the charter against all others, 'upgrade' takes 3");
    CHECK(is_silent(charter(), parties(4), "amendment-cheaper"));
}

TEST_CASE("an emergency that extends itself, asks for less, or is for nothing") {
    model::Charter one = charter();
    one.decisions[1].emergency = emergency();
    for (char const* rule : {"emergency-extends", "emergency-weaker", "emergency-idle"})
        CHECK(is_silent(one, {}, rule));
    one.decisions[1].emergency->cooldown = {6 *
                                            day};  // and a day of voting: the first ends as the next begins
    CHECK(severity(one, {}, "emergency-extends") == Severity::refused);
    one.decisions[1].emergency->cooldown = {6 * day + 1};
    CHECK(is_silent(one, {}, "emergency-extends"));
    one.decisions[1].emergency->min = bound(">=1/2");
    CHECK(severity(one, {}, "emergency-weaker") == Severity::refused);
    one.decisions[1].emergency->scope = {"pause"};
    CHECK(severity(one, {}, "emergency-idle") == Severity::warning);
}

TEST_CASE("silence is no consent to grave things, and saying yes never hurts") {
    model::Charter silent = charter();
    silent.decisions[1].optimistic = model::Share{"eligible", bound(">=1/3")};
    CHECK(is_silent(silent, {}, "optimistic-grave"));
    silent.decisions[0].optimistic = silent.decisions[1].optimistic;
    CHECK(severity(silent, {}, "optimistic-grave") == Severity::refused);
    for (auto const* action : {"member.suspend", "officer.recover"}) {
        silent.decisions[0].actions = {action};
        CHECK_MESSAGE(severity(silent, {}, "optimistic-grave") == Severity::refused, action);
    }
    model::Charter odd = charter();
    odd.decisions[1].quorum_counts = {"abstain", "no"};
    CHECK(severity(odd, {}, "quorum-without-yes") == Severity::refused);
}

TEST_CASE("times that do nothing or too much") {
    model::Charter short_one = charter();
    short_one.decisions[1].expedited = model::Expedited{{3600}, {}, std::nullopt, bound(">=3/4")};
    CHECK(find(policy::lint(short_one, {}), "window-short", "/decision/upgrade/expedited/window") != nullptr);
    model::Charter idle = charter();
    idle.decisions[1].late_quorum = {day};
    CHECK(is_silent(idle, {}, "late-quorum-idle"));
    idle.decisions[1].quorum = bound(">=0");
    CHECK_FALSE(is_silent(idle, {}, "late-quorum-idle"));
}

TEST_CASE("a decision without an action, a ladder without its last rung") {
    model::Charter one = charter();
    one.decisions[1].actions.clear();
    CHECK(severity(one, {}, "decision-idle") == Severity::note);
    one.sanctions = {{"warn", {}}, {"suspend_vote", {day}}, {"expel", {}}};
    for (auto const* rung : {"/sanctions/1", "/sanctions/2"})
        CHECK(find(policy::lint(one, {}), "sanction-idle", rung) != nullptr);
    one.decisions[1].actions = {"member.remove", "member.suspend"};
    CHECK(is_silent(one, {}, "sanction-idle"));
}

TEST_CASE("names that a decision uses and the members do not bear out") {
    model::Charter one = charter();
    one.decisions[1].casting = "z";
    CHECK(severity(one, parties(4), "casting-unknown") == Severity::warning);
    one.decisions[1].casting = "a";
    CHECK(is_silent(one, parties(4), "casting-unknown"));
    one.decisions[1].weight = "custom";
    one.decisions[1].weights = {{"a", 1}, {"b", 1}, {"c", 1}, {"y", 1}};
    CHECK(words(one, parties(4), "weight-unknown") == "y have a weight in 'upgrade', but no vote");
    CHECK(words(one, parties(4), "no-weight") == "d may vote on 'upgrade', with no weight");
    model::Charter empty = two_tiers();
    empty.decisions[1].classes = {{"steward", "yes+no", bound(">1/2")}};
    CHECK(severity(empty, parties(4), "class-empty") == Severity::warning);
    CHECK(is_silent(empty, with_stewards(2, 4), "class-empty"));
}

TEST_CASE("concentrated power, and a cap that these members cannot keep") {
    model::Charter one = charter();
    one.decisions[1].weight = "custom";
    one.decisions[1].weights = {{"a", 2}, {"b", 1}, {"c", 1}, {"d", 1}};
    CHECK(words(one, parties(4), "power-concentration") == "'a' has 40 % of the votes on 'upgrade'");
    one.decisions[1].weight_cap = base::Rational::of(1, 3);
    CHECK(is_silent(one, parties(4), "power-concentration"));
    CHECK(is_silent(one, parties(4), "cap-unattainable"));
    one.decisions[1].weight_cap = base::Rational::of(1, 5);
    CHECK(severity(one, parties(4), "cap-unattainable") == Severity::warning);
}

TEST_CASE("organizations under one control are one power, and one approval (G25)") {
    auto members = parties(7);
    for (std::size_t i = 0; i < 3; ++i) members[i].group = "holding";
    CHECK(words(charter(), members, "one-group-veto") ==
          "the group 'holding' (a, b, c) can stop 'charter' by voting no");
    CHECK(is_silent(charter(), members, "one-group-control"));
    for (std::size_t i = 3; i < 6; ++i) members[i].group = "holding";
    CHECK_FALSE(is_silent(charter(), members, "one-group-control"));
    CHECK(is_silent(charter(), parties(7), "one-group-veto"));
    model::Charter rooted = charter();
    rooted.approvals = {{"root", 3, 3, {"security"}, false}};
    CHECK(is_silent(rooted, parties(7), "unreachable"));
    CHECK(words(rooted, members, "unreachable") ==
          "'root' needs 3 members, there are 2, those under one control counting once");
}

TEST_CASE("a panel needs enough members that are no party") {
    model::Charter one = charter();
    one.arbitration = model::Arbitration{};
    one.arbitration->tiers = {"validator"};
    CHECK(severity(one, parties(4), "panel-too-large") == Severity::refused);
    CHECK(is_silent(one, parties(5), "panel-too-large"));
    one.arbitration->strikes = 1;
    CHECK(severity(one, parties(5), "panel-too-large") == Severity::warning);
    CHECK(words(one, parties(5), "panel-too-large") ==
          "two parties excluded, 3 members are left for a panel of 3 with 1 strikes each");
    CHECK(is_silent(one, parties(7), "panel-too-large"));
}

TEST_CASE("what f and q mean, and a quorum raised") {
    model::Charter raised = charter();
    raised.raised_quorum = 7;
    CHECK(words(raised, parties(7), "sizes") ==
          "7 voting members: 7 of them must agree on each epoch; up to 2 may lie or be lost; one that stays "
          "away "
          "stalls it");
    CHECK(severity(charter(), parties(1), "sizes") == Severity::warning);
}

TEST_CASE("the ledger's own majority against the charter's decision") {
    model::Charter one = charter();
    one.decisions.push_back(decision("validators", {"validator.add", "validator.remove"}, ">=2/3"));
    auto const found = policy::lint_ledger(one, parties(4), {"main", {"a", "b", "c", "d"}});
    Finding const* same = find(found, "ledger-rule");
    REQUIRE(same != nullptr);
    CHECK(
        same->words ==
        "on 'main' more than half of 4 validators change the validators: 3 (a, b, c) can; 'validators' takes "
        "3");
    auto const owned = policy::lint_ledger(one, parties(4), {"main", {"a", "a", "a", "b", "c", ""}});
    REQUIRE(find(owned, "ledger-weaker") != nullptr);
    CHECK(find(owned, "ledger-weaker")
              ->words.ends_with("2 (a, b) can; 'validators' takes 3: they do not need the decision"));
    CHECK(find(owned, "ledger-stranger") != nullptr);
    CHECK(find(owned, "ledger-right") != nullptr);  // the tier may vote, not validate
    CHECK(find(owned, "ledger-idle") == nullptr);
    one.tiers[1].rights = {"read", "validate", "vote"};
    auto const idle = policy::lint_ledger(one, parties(4), {"main", {"a", "b", "c"}});
    REQUIRE(find(idle, "ledger-idle") != nullptr);
    CHECK(find(idle, "ledger-idle")->words == "d may validate on 'main' and run no validator");
}
