#include "core/policy/gate.h"

#include "tests/policy/sample.h"

#include <doctest/doctest.h>

using namespace consortium;
using model::Verdict;
using Ruling = Verdict::Ruling;

namespace {

base::Digest const submission_id = base::sha256("submission");

struct Case {
    model::Epoch epoch = test::sample_epoch();
    model::Submission submission;
    std::vector<policy::SignedCheck> checks;

    Case() {
        submission.applicant.member.id = "newco";
        for (auto const& [gate, item] :
             {std::pair{"legal", "agreement"}, {"legal", "dpa"}, {"technical", "drill"}}) {
            submission.evidence.push_back({gate, item, base::sha256(item)});
        }
    }
    Case& check(char const* officer, char const* gate, char const* result = "pass",
                base::Digest const& of = submission_id) {
        checks.push_back({{of, gate, result, {}},
                          std::string(officer).substr(0, std::string(officer).find('-')),
                          officer});
        return *this;
    }
    Verdict verdict() const { return policy::onboarding(epoch, submission, submission_id, checks); }
};

}  // namespace

TEST_CASE("all gates green admit; until then what is missing is named") {
    Case given;
    CHECK(given.verdict().ruling == Ruling::pending);
    CHECK(given.verdict().missing == std::vector<std::string>{"legal", "technical"});
    given.check("acme-2", "legal");
    CHECK(given.verdict().state == "1 of 2 gates");
    CHECK(given.verdict().missing == std::vector<std::string>{"technical"});
    given.check("globex-1", "technical");
    CHECK(given.verdict().allowed());
    given.submission.evidence.pop_back();
    CHECK(given.verdict().ruling == Ruling::pending);
    CHECK(given.verdict().missing == std::vector<std::string>{"technical/drill"});
}

TEST_CASE("a checker is never of the applicant, nor under its control") {
    Case given;
    given.check("acme-2", "legal").check("globex-1", "technical");
    given.submission.applicant.member.id = "acme";
    CHECK(given.verdict().ruling == Ruling::pending);
    given.submission.applicant.member.id = "newco";
    given.submission.applicant.member.control_group = given.epoch.members[0].control_group = "holding";
    CHECK(given.verdict().ruling == Ruling::pending);
    CHECK_FALSE(policy::may_check(given.epoch, given.submission, "acme-2", "legal").allowed());
    CHECK(policy::may_check(given.epoch, given.submission, "globex-2", "legal").allowed());
    given.epoch.members[0].control_group = "";
    CHECK(given.verdict().allowed());
}

TEST_CASE("only the gate's roles, and only this submission, count") {
    Case given;
    given.check("acme-1", "legal").check("globex-1", "technical");
    CHECK(given.verdict().missing == std::vector<std::string>{"legal"});
    given.check("acme-2", "legal", "pass", base::sha256("an earlier submission"));
    CHECK(given.verdict().missing == std::vector<std::string>{"legal"});
    CHECK_FALSE(policy::may_check(given.epoch, given.submission, "acme-1", "legal").allowed());
    CHECK_FALSE(policy::may_check(given.epoch, given.submission, "acme-2", "lunar").allowed());
}

TEST_CASE("one entitled 'fail' refuses; an applicant's own does not") {
    Case given;
    given.check("acme-2", "legal").check("globex-1", "technical").check("stranger-1", "legal", "fail");
    CHECK(given.verdict().allowed());
    given.check("initech-2", "legal", "fail");
    CHECK(given.verdict().ruling == Ruling::refused);
}
