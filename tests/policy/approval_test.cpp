#include "core/policy/approval.h"

#include "tests/policy/sample.h"

#include <algorithm>
#include <doctest/doctest.h>

using namespace consortium;
using model::Verdict;
using policy::Signature;
using policy::Subject;

namespace {

base::Digest const wanted = base::sha256("the new root");
base::Digest const other = base::sha256("another root");

struct Case {
    model::Epoch epoch = test::sample_epoch();
    model::ApprovalRule rule{"root", 3, 3, {"security"}, false};
    Subject subject{wanted, "acme-1"};

    Verdict of(std::vector<std::string> const& officers) const {
        std::vector<Signature> signatures;
        for (auto const& officer : officers) signatures.push_back({officer, wanted});
        return policy::approved(epoch, rule, subject, signatures);
    }
};

using Ruling = Verdict::Ruling;

}  // namespace

TEST_CASE("three officers of three members are enough; fewer are pending and the others are named") {
    Case const given;
    CHECK(given.of({"acme-1", "globex-1", "initech-2"}).allowed());
    Verdict const two = given.of({"acme-1", "globex-1"});
    CHECK(two.ruling == Ruling::pending);
    CHECK(two.state == "2 of 3 approvals");
    CHECK(two.missing == std::vector<std::string>{"initech", "umbrella"});
    CHECK(given.of({}).missing.size() == 4);
}

TEST_CASE("G25 two approvals of one member or one person never count twice") {
    Case given;
    CHECK(given.of({"acme-1", "acme-2"}).ruling == Ruling::refused);
    CHECK(given.of({"acme-1", "acme-2", "globex-1"}).ruling == Ruling::refused);
    CHECK(given.of({"acme-1", "acme-1"}).ruling == Ruling::pending);  // the same approval, imported again
    // A surplus does not spoil what is enough without it.
    CHECK(given.of({"acme-1", "acme-2", "globex-1", "initech-1"}).allowed());
    // One person who is an officer of two members.
    given.epoch.officers[2].person = given.epoch.officers[0].person;
    CHECK(given.of({"acme-1", "globex-1", "initech-1"}).ruling == Ruling::pending);
    CHECK(given.of({"acme-1", "globex-2", "initech-1"}).allowed());
}

TEST_CASE("G25 a person counts for the member that had it first, and nobody takes it from there") {
    Case given;
    auto const since = [&](std::string const& officer, std::uint64_t number) {
        for (auto& key : given.epoch.keys)
            if (key.owner == officer) key.since = number;
    };
    given.epoch.officers[0].person = "globex-1";  // acme-1, later than globex-1
    since("acme-1", 2);
    since("globex-1", 1);
    CHECK_FALSE(given.of({"acme-1", "initech-1", "umbrella-1"}).allowed());
    CHECK(given.of({"acme-1", "initech-1", "umbrella-1"})
              .rules.back()
              .words.find("acme-1 is the person of 'globex-1' of 'globex'") != std::string::npos);
    given.rule.exclude_proposer = true;  // acme-1, who is not globex-1 for having said so
    CHECK(given.of({"globex-1", "initech-1", "umbrella-1"}).allowed());
    given.epoch.officers[2].status = "removed";  // globex-1 had it before nevertheless
    CHECK_FALSE(given.of({"acme-1", "initech-1", "umbrella-1"}).allowed());
}

TEST_CASE("G25 organizations under one control count once") {
    Case given;
    given.epoch.members[0].control_group = given.epoch.members[1].control_group = "holding";
    Verdict const verdict = given.of({"acme-1", "globex-1", "initech-1"});
    CHECK(verdict.ruling == Ruling::refused);
    CHECK_FALSE(test::holds(verdict, "distinct members"));
    CHECK(verdict.missing == std::vector<std::string>{"umbrella"});
    CHECK(given.of({"acme-1", "umbrella-1", "initech-1"}).allowed());
}

TEST_CASE("G25 the proposer does not approve where the charter says so") {
    Case given;
    CHECK(given.of({"acme-1", "globex-1", "initech-1"}).allowed());
    given.rule.exclude_proposer = true;
    CHECK(given.of({"acme-1", "globex-1", "initech-1"}).ruling == Ruling::pending);
    CHECK(given.of({"acme-2", "globex-1", "initech-1"}).allowed());
    given.epoch.officers[1].person = given.epoch.officers[0].person;  // acme-2 is the proposer again
    CHECK(given.of({"acme-2", "globex-1", "initech-1"}).ruling == Ruling::pending);
    CHECK_FALSE(policy::may_approve(given.epoch, given.rule, given.subject, {}, "acme-2").allowed());
}

TEST_CASE("G26 an approval of another digest is refused, not counted") {
    Case const given;
    Verdict const verdict =
        policy::approved(given.epoch, given.rule, given.subject,
                         {{"acme-1", wanted}, {"globex-1", other}, {"initech-1", wanted}});
    CHECK(verdict.ruling == Ruling::refused);
    CHECK_FALSE(test::holds(verdict, "digest"));
    CHECK(verdict.state == "2 of 3 approvals");
}

TEST_CASE("a rule with room for two officers of a member uses it") {
    Case given;
    given.rule = {"ceremony", 3, 2, {"security"}, false};
    CHECK(given.of({"acme-1", "acme-2", "globex-1"}).allowed());
    CHECK(given.of({"acme-1", "acme-2"}).ruling == Ruling::pending);
    CHECK(given.of({"acme-1", "globex-1"}).ruling == Ruling::pending);
}

TEST_CASE("strangers, removed officers, lost keys and wrong roles do not count") {
    Case given;
    CHECK(given.of({"acme-1", "globex-1", "stranger"}).ruling == Ruling::pending);
    given.rule.roles = {"legal"};
    CHECK(given.of({"acme-1", "globex-1", "initech-1"}).ruling == Ruling::pending);
    CHECK(given.of({"acme-2", "globex-2", "initech-2"}).allowed());
    given.epoch.officers[1].status = "suspended";
    CHECK(given.of({"acme-2", "globex-2", "initech-2"}).ruling == Ruling::pending);
    given.epoch.officers[1].status = "active";
    for (model::Key& key : given.epoch.keys) {
        if (key.owner == "globex-2") key.status = "removed";
    }
    CHECK(given.of({"acme-2", "globex-2", "initech-2"}).ruling == Ruling::pending);
}

TEST_CASE("a rule that too few members could ever meet is refused at once") {
    Case given;
    for (std::size_t i : {4U, 5U, 6U, 7U}) given.epoch.officers[i].status = "removed";
    Verdict const verdict = given.of({"acme-1"});
    CHECK(verdict.ruling == Ruling::refused);
    CHECK_FALSE(test::holds(verdict, "reachable"));
}

TEST_CASE("before signing one hears whether it would count") {
    Case const given;
    std::vector<Signature> const held{{"acme-1", wanted}};
    CHECK(policy::may_approve(given.epoch, given.rule, given.subject, held, "globex-1").allowed());
    CHECK_FALSE(policy::may_approve(given.epoch, given.rule, given.subject, held, "acme-1").allowed());
    CHECK_FALSE(policy::may_approve(given.epoch, given.rule, given.subject, held, "acme-2").allowed());
    CHECK_FALSE(policy::may_approve(given.epoch, given.rule, given.subject, held, "nobody").allowed());
}

TEST_CASE("an expired approval does not count, from that very second on, and is named") {
    Case const given;
    auto const end = base::Instant::from_text("2026-12-02T11:00:00Z");
    std::vector<Signature> signatures{
        {"acme-1", wanted, {}, end}, {"globex-1", wanted}, {"initech-2", wanted}};
    auto const at = [&](base::Instant now) {
        return policy::approved(given.epoch, given.rule, given.subject, signatures, now);
    };
    CHECK(at({end.seconds - 1}).allowed());
    auto const late = at(end);
    CHECK(late.ruling == Ruling::pending);
    CHECK(late.state == "2 of 3 approvals");
    CHECK(late.missing == std::vector<std::string>{"acme", "umbrella"});
    CHECK(late.rules.back().words.find("the approval of acme-1 expired 2026-12-02T11:00:00Z") !=
          std::string::npos);
    // It stands in nobody's way: the same officer approves anew.
    auto const again = [&](base::Instant now) {
        return policy::may_approve(given.epoch, given.rule, given.subject, signatures, "acme-1", now);
    };
    CHECK_FALSE(again({end.seconds - 1}).allowed());
    CHECK(again(end).allowed());
}

TEST_CASE("what a key signed that was removed for a cause does not count; what a retired one signed stands") {
    Case given;
    auto& officer = given.epoch.officers[0];
    auto& key = *std::find_if(given.epoch.keys.begin(), given.epoch.keys.end(),
                              [&](model::Key const& one) { return one.id == officer.key; });
    auto const old = key.id;
    auto const add_new = [&] {
        model::Key fresh = key;
        fresh.id = base::sha256("a new key");
        officer.key = fresh.id;
        return fresh;
    };
    auto const fresh = add_new();
    std::vector<Signature> const signatures{
        {officer.id, wanted, {}, {1}, old}, {"globex-1", wanted}, {"initech-2", wanted}};
    auto const with = [&](std::string const& status) {
        key.status = status;
        key.cause = status == "removed" ? "compromise" : "";
        auto epoch = given.epoch;
        epoch.keys.push_back(fresh);
        std::sort(epoch.keys.begin(), epoch.keys.end(),
                  [](auto const& left, auto const& right) { return left.id < right.id; });
        return policy::approved(epoch, given.rule, given.subject, signatures);
    };
    CHECK(with("retired").allowed());
    auto const removed = with("removed");
    CHECK(removed.ruling == Ruling::pending);
    CHECK(removed.state == "2 of 3 approvals");
    CHECK(removed.rules.back().words.find(
              officer.id + " approved with a key that was removed since (compromise)") != std::string::npos);
}
