#include "core/flow/officer.h"

#include "core/flow/own_change.h"
#include "core/flow/role.h"
#include "core/flow/tier.h"
#include "core/model/public_key.h"
#include "tests/support/code_of.h"
#include "tests/support/town.h"

#include <doctest/doctest.h>

using namespace consortium;
using base::Code;
using base::Json;

namespace {

struct Staff : Town {
    Staff() { found(); }

    /// The public key of a signer named so, in a file.
    std::string key_file(std::string const& name) {
        auto const path = acme().self.workspace / (name + ".pub.pem");
        base::write_file(path, model::public_pem(TestSigner(name).public_key()));
        return path.string();
    }
    model::Plan add(std::string const& id, Json more = Json::object()) {
        Json arguments{{"operand", id}, {"key", key_file(id)}, {"role", {"legal"}}};
        arguments.update(more);
        return flow::plan_officer_add(state(acme()), request("officer add", arguments));
    }
    model::Plan grant(std::string const& id, Json more) {
        Json arguments{{"operand", id}};
        arguments.update(more);
        return flow::plan_role_grant(state(acme()), request("role grant", arguments));
    }
    static std::string refusal(model::Plan const& plan) {
        for (auto const& rule : plan.verdict.rules)
            if (!rule.holds) return rule.words;
        return {};
    }
    void settle() {
        sync(1);
        pass("P1D");
        pass("PT1H");
        decide();
    }
};

}  // namespace

TEST_CASE("changes of officers follow each other before any is enacted, and are true everywhere after") {
    Staff staff;
    Staff::apply(staff.acme(), staff.add("eve"));
    CHECK(staff.state(staff.acme()).epoch->officer("eve") == nullptr);
    CHECK(flow::with_own_changes(staff.state(staff.acme())).officer("eve") != nullptr);
    Staff::apply(staff.acme(), staff.grant("eve", {{"role", "auditor"}, {"for", "P30D"}}));
    CHECK(flow::waiting_own(staff.state(staff.acme())).size() == 2);
    CHECK(Staff::refusal(staff.add("eve")).find("exists already") != std::string::npos);
    staff.settle();
    for (auto const& one : staff.all) {
        auto const* eve = one->store().latest()->officer("eve");
        REQUIRE(eve != nullptr);
        CHECK(eve->roles == std::vector<std::string>{"auditor", "legal"});
        CHECK(eve->ends.at("auditor").text() == "2026-10-31T00:00:00Z");
    }
    CHECK(flow::waiting_own(staff.state(staff.acme())).empty());
}

TEST_CASE("a plan whose grant lasts weeks is the same a second later, so that it can be saved") {
    Staff staff;
    auto const before = model::digest(staff.add("eve", {{"for", "P30D"}}));
    staff.pass("PT1S");
    CHECK(model::digest(staff.add("eve", {{"for", "P30D"}})) == before);
    CHECK(code_of([&] {
              (void)staff.add("eve", {{"for", "P30D"}, {"until", "2027-01-01T00:00:00Z"}});
          }) == Code::usage);
    CHECK(code_of([&] {
              (void)staff.grant("acme-ada", {{"role", "legal"}, {"until", "2026-01-01"}});
          }) == Code::usage);
}

TEST_CASE("G25 an officer whose person is another member's is not added unnoticed") {
    Staff staff;
    auto const person = staff.state(staff.acme()).epoch->officer("globex-ada")->person;
    auto const plan = staff.add("eve", {{"person", person}});
    CHECK(plan.verdict.allowed());  // a finding, not a veto: else anybody could reserve others' names
    REQUIRE(plan.warnings.size() == 1);
    CHECK(plan.warnings[0].find("is an officer of acme and globex") != std::string::npos);
    CHECK(staff.add("eve").warnings.empty());
}

TEST_CASE("each member changes its own officers only, and a key's owner does not suspend it") {
    Staff staff;
    auto const suspend = [&](std::string const& id) {
        return flow::plan_officer_suspend(staff.state(staff.acme()),
                                          Town::request("officer suspend", {{"operand", id}}));
    };
    CHECK(code_of([&] { (void)suspend("globex-ada"); }) == Code::refused);
    CHECK(code_of([&] { (void)suspend("nobody"); }) == Code::not_found);
    CHECK(Staff::refusal(suspend("acme-ada")).find("not its owner") != std::string::npos);
    Staff::apply(staff.acme(), staff.add("eve"));
    staff.settle();
    Staff::apply(staff.acme(), suspend("eve"));
    staff.settle();
    CHECK(staff.state(staff.globex()).epoch->officer("eve")->status == "suspended");
}

TEST_CASE("what a charter does not decide cannot be proposed: the error names the action") {
    Staff staff;
    auto const set = [&] {
        return flow::plan_tier_set(staff.state(staff.acme()),
                                   Town::request("tier set", {{"operand", "globex"}, {"tier", "validator"}}));
    };
    CHECK(code_of(set) == Code::conflict);  // it is in that tier
    auto const reinstate = [&] {
        return flow::plan_member_reinstate(staff.state(staff.acme()),
                                           Town::request("member reinstate", {{"operand", "globex"}}));
    };
    CHECK(code_of(reinstate) == Code::refused);
}
