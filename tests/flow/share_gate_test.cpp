// The charter's rule [approval.recovery]: a recovery waits for its approvals, each session for its own.

#include "core/model/approval.h"
#include "tests/support/code_of.h"
#include "tests/support/custodians.h"

#include <algorithm>

using namespace consortium;
using test::Custodians;
using Names = std::vector<std::string>;
using Ruling = model::Verdict::Ruling;

namespace {

/// Two approvals of two members, by the role security, and not by who opened the session.
class Gated : public Custodians {
public:
    explicit Gated(std::function<void(model::Epoch&)> const& change = [](model::Epoch&) {}) {
        deal();
        accept();
        lose_key();
        auto epoch = *acme.state().epoch;
        epoch.charter.approvals.push_back({"recovery", 2, 2, {"security"}, true});
        change(epoch);
        for (auto* one : {&acme, &globex, &initech}) one->organization.enact(epoch);
    }

    void approve(std::string const& member, base::Digest const& digest, std::string const& session) {
        model::Approval const approval{digest, "recovery", "recovery " + session};
        of(member).organization.say("approval", model::to_json(approval));
        sync();
    }
    base::Digest act_of(std::string const& session) {
        return flow::share_session(acme.state(), acme.services(), session).second.act;
    }
    model::Plan submit_plan(std::string const& member, std::string const& session) {
        auto& one = of(member);
        return flow::plan_share_submit(one.state(), one.services(),
                                       request("share submit", {{"operand", session}}));
    }
};

}  // namespace

TEST_CASE("a recovery waits for the approvals that the charter asks for, and goes on with them") {
    Gated all;
    auto const session = all.open("recovery");
    auto const act = all.act_of(session);
    auto plan = all.submit_plan("globex", session);
    CHECK(plan.verdict.ruling == Ruling::pending);
    CHECK(plan.verdict.state == "0 of 2 approvals");
    CHECK(plan.verdict.missing == Names{"globex", "initech"});
    CHECK(plan.verdict.next ==
          "consortium approval sign " + act.hex() + " --rule recovery --about 'recovery " + session + "'");
    CHECK(plan.steps.empty());
    CHECK(all.recover_plan(session, {"globex", "initech"}).verdict.ruling == Ruling::pending);
    all.approve("acme", act, session);  // who opened it
    CHECK(all.submit_plan("globex", session).verdict.state == "0 of 2 approvals");
    all.approve("globex", act, session);
    plan = all.submit_plan("globex", session);
    CHECK(plan.verdict.ruling == Ruling::pending);
    CHECK(plan.verdict.missing == Names{"initech"});
    all.approve("initech", act, session);
    all.submit("globex", session);
    all.submit("initech", session);
    all.recover(session, {"globex", "initech"});
    CHECK(base::exists(all.acme.keys() / "ca-root-g1.pem"));
}

TEST_CASE("what was approved of one session counts for no other") {
    Gated all;
    auto const first = all.open("recovery");
    for (char const* member : {"globex", "initech"}) all.approve(member, all.act_of(first), first);
    REQUIRE(all.submit_plan("globex", first).verdict.allowed());
    auto const second = all.open("recovery");
    CHECK(all.submit_plan("globex", second).verdict.state == "0 of 2 approvals");
    // Nor does an approval that says it is of the new one, and names the old.
    for (char const* member : {"globex", "initech"}) all.approve(member, all.act_of(first), second);
    CHECK_FALSE(all.submit_plan("globex", second).verdict.allowed());
    CHECK_FALSE(all.recover_plan(second, {}).verdict.allowed());
}

TEST_CASE("an approval of a recovery is by the role that the rule names") {
    Gated all([](model::Epoch& epoch) {
        for (auto& officer : epoch.officers)
            if (officer.member == "initech") officer.roles = {"governance"};
    });
    auto const session = all.open("recovery");
    for (char const* member : {"globex", "initech"}) all.approve(member, all.act_of(session), session);
    auto const plan = all.submit_plan("globex", session);
    CHECK_FALSE(plan.verdict.allowed());
    CHECK(plan.verdict.state == "1 of 2 approvals");
}

TEST_CASE("a drill waits for nobody: it recovers no key") {
    Gated all;
    auto const session = all.open("drill");
    CHECK(all.submit_plan("globex", session).verdict.allowed());
}
