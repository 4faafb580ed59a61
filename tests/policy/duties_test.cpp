#include "core/policy/duties.h"

#include "core/policy/approval.h"
#include "core/policy/permission.h"
#include "tests/policy/sample.h"

#include <algorithm>
#include <doctest/doctest.h>

using namespace consortium;

namespace {

model::Officer officer(std::string id, std::vector<std::string> roles, std::string person = {}) {
    model::Officer out;
    out.person = person.empty() ? id : std::move(person);
    out.id = std::move(id);
    out.member = "acme";
    out.roles = std::move(roles);
    return out;
}

std::vector<std::string> rules(std::vector<policy::DutyFinding> const& findings) {
    std::vector<std::string> out;
    for (auto const& finding : findings) out.push_back(finding.rule);
    std::sort(out.begin(), out.end());
    return out;
}

model::Charter charter_with(std::vector<model::RoleRule> roles) {
    model::Charter charter;
    charter.roles = std::move(roles);
    return charter;
}

}  // namespace

TEST_CASE("what the charter asks of roles is found where a member's officers do not fit it") {
    auto const charter = charter_with(
        {{"auditor", {"operator"}, base::Duration::from_text("P1D"), 0, 1}, {"legal", {}, {}, 2, 0}});
    CHECK(policy::duty_findings(charter, {}).empty());
    auto alone = officer("a", {"auditor"});
    alone.ends["auditor"] = base::Instant{1};
    CHECK(policy::duty_findings(charter, {alone}).empty());
    CHECK(rules(policy::duty_findings(
              charter, {officer("a", {"auditor", "operator"}), officer("b", {"auditor", "legal"})})) ==
          std::vector<std::string>{"apart", "least", "most", "term", "term"});
    // Two officers of one person have their roles together; a removed officer has none.
    CHECK(rules(policy::duty_findings(charter, {alone, officer("b", {"operator"}, "a")})) ==
          std::vector<std::string>{"apart"});
    auto removed = officer("b", {"operator"}, "a");
    removed.status = "removed";
    CHECK(policy::duty_findings(charter, {alone, removed}).empty());
}

TEST_CASE("G25 a person who is an officer of two members is found, and named with both") {
    auto epoch = test::sample_epoch();
    CHECK(policy::members_with_person(epoch, epoch.officer("acme-1")->person, "acme").empty());
    for (auto& one : epoch.officers)
        if (one.id == "globex-1") one.person = epoch.officer("acme-1")->person;
    auto const findings = policy::duty_findings(epoch);
    auto const person = std::find_if(findings.begin(), findings.end(),
                                     [](auto const& finding) { return finding.rule == "person"; });
    REQUIRE(person != findings.end());
    CHECK(person->officers == std::vector<std::string>{"acme-1", "globex-1"});
    CHECK(person->words.find("acme and globex") != std::string::npos);
    CHECK(policy::members_with_person(epoch, epoch.officer("acme-1")->person, "acme") ==
          std::vector<std::string>{"globex"});
}

TEST_CASE("a member of whom nobody may change officers is found, and one that will be so") {
    auto epoch = test::sample_epoch();
    for (auto& one : epoch.officers)
        if (one.member == "acme") one.roles = {"legal"};
    auto const has_keeper_finding = [&] {
        auto const findings = policy::duty_findings(epoch);
        return std::any_of(findings.begin(), findings.end(), [](auto const& finding) {
            return finding.rule == "keeper" && finding.member == "acme";
        });
    };
    CHECK(has_keeper_finding());
    for (auto& one : epoch.officers)
        if (one.member == "acme") one.roles = {"security"};
    CHECK_FALSE(has_keeper_finding());
    for (auto& one : epoch.officers)
        if (one.member == "acme") one.ends["security"] = base::Instant{1'800'000'000};
    CHECK(has_keeper_finding());
}

TEST_CASE("roles that have ended by now do not count in what an officer may sign, propose or approve") {
    auto epoch = test::sample_epoch();
    for (auto& one : epoch.officers)
        if (one.id == "acme-1")
            for (auto const& role : one.roles) one.ends[role] = base::Instant{1'000};
    CHECK(policy::may_sign(epoch, "acme-1", "ballot", base::Instant{999}).allowed());
    auto const late = policy::may_sign(epoch, "acme-1", "ballot", base::Instant{1'000});
    CHECK_FALSE(late.allowed());
    CHECK_FALSE(test::holds(late, "role"));
    CHECK(std::any_of(late.rules.begin(), late.rules.end(), [](model::Rule const& rule) {
        return rule.words.find("governance ended 1970-01-01") != std::string::npos;
    }));
    CHECK(policy::may_sign(epoch, "acme-1", "ballot").allowed());  // nobody said when
    CHECK_FALSE(policy::may_propose(epoch, "acme-1", "release.upgrade", base::Instant{1'000}).allowed());
    CHECK_FALSE(policy::may_vote(epoch, epoch, "acme-1", "release.upgrade", base::Instant{1'000}).allowed());
}

TEST_CASE("an approval that was signed when its role had ended does not count, though it was accepted") {
    auto epoch = test::sample_epoch();
    for (auto& one : epoch.officers)
        if (one.id == "initech-2") one.ends["security"] = base::Instant{1'000};  // legal has no end
    auto const digest = base::sha256(std::string_view("plan"));
    auto const approved = [&](std::int64_t third) {
        return policy::approved(epoch, epoch.charter.approvals[0], {digest, ""},
                                {{"acme-1", digest, base::Instant{900}},
                                 {"globex-1", digest, base::Instant{2'000}},
                                 {"initech-2", digest, base::Instant{third}}});
    };
    CHECK(approved(999).allowed());
    CHECK_FALSE(approved(1'000).allowed());
    CHECK_FALSE(policy::may_approve(epoch, epoch.charter.approvals[0], {digest, ""}, {}, "initech-2",
                                    base::Instant{1'000})
                    .allowed());
}

TEST_CASE("the last officer who may change officers stays, though another once had such a role") {
    auto const when = base::Instant::from_text("2026-10-01T00:00:00Z");
    auto alice = officer("alice", {"governance"}), bob = officer("bob", {"governance"});
    auto removed = alice;
    removed.status = "removed";
    auto const refused = [&](base::Instant end) {
        bob.ends["governance"] = end;
        return policy::broken_duty({}, {{alice, bob}, {removed, bob}, when, {}});
    };
    CHECK(refused(when).find("nobody would be left") == 0);
    CHECK(refused(when + base::Duration{1}).empty());
    // Where nobody could before, nothing is lost: who is left may still go.
    alice.ends["governance"] = when;
    CHECK(refused(when).empty());
}
