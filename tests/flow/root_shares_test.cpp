#include "core/flow/root_shares.h"

#include "tests/support/code_of.h"
#include "tests/support/error_of.h"
#include "tests/support/kept_rotation.h"

#include <algorithm>

using namespace consortium;
using base::Code;
using base::Json;
using Names = std::vector<std::string>;
using Ruling = model::Verdict::Ruling;

namespace {

Names const custodians{"acme-gov", "globex-gov", "initech-gov"};
Names const keepers{"acme", "globex", "initech"};

bool has(std::string const& text, std::string_view part) {
    return text.find(part) != std::string::npos;
}

bool has(Names const& texts, std::string_view part) {
    return std::ranges::any_of(texts, [&](std::string const& each) { return has(each, part); });
}

model::Plan open(KeptRotation& fixture, char const* purpose) {
    return flow::plan_share_open(
        fixture.state(), fixture.services(),
        fixture.with("share open",
                     {{"operand", "ca-root-g1"}, {"purpose", purpose}, {"no-passphrase", true}}));
}

model::Plan forget(KeptRotation& fixture) {
    return flow::plan_share_destroy(fixture.state(), fixture.services(),
                                    fixture.with("share destroy", {{"operand", "ca-root-g1"}}));
}

void deal_old_root(KeptRotation& fixture) {
    fixture.carry_out(fixture.deal_plan("ca-root-g1", keepers));
    for (auto const& member : keepers) fixture.accept("ca-root-g1", member);
}

}  // namespace

TEST_CASE("members are asked to trust a new root once every agreed custodian keeps a share of it") {
    KeptRotation fixture;
    fixture.prepare_for(custodians, 3);
    auto shown = fixture.shown();
    CHECK(shown.at("shares").at("have") == Json(0));
    CHECK(shown.at("shares").at("deal").is_null());
    CHECK(shown.at("old_shares").is_null());
    fixture.approve_by_all();
    fixture.carry_out(fixture.sign_plan());
    auto plan = fixture.distribute_plan();
    CHECK(plan.verdict.ruling == Ruling::pending);
    CHECK(plan.verdict.missing == custodians);
    CHECK(plan.verdict.next == "consortium share deal ca-root-g2");
    CHECK(plan.steps.empty());

    fixture.carry_out(fixture.deal_plan("ca-root-g2", keepers));
    CHECK(fixture.deal_of("ca-root-g2").deal.threshold == 3);
    CHECK(fixture.distribute_plan().verdict.next == "consortium share accept FILE");
    fixture.accept("ca-root-g2", "acme");
    fixture.accept("ca-root-g2", "globex");
    fixture.pretend("ca-root-g2", "initech");
    plan = fixture.distribute_plan();
    CHECK(plan.verdict.ruling == Ruling::pending);
    CHECK(plan.verdict.state == "2 of 3 custodians");
    CHECK(plan.verdict.missing == Names{"initech-gov"});
    shown = fixture.shown();
    CHECK(shown.at("shares").at("missing") == Json(Names{"initech-gov"}));
    CHECK(shown.at("verdict").at("missing") == Json(Names{"initech-gov"}));
    fixture.accept("ca-root-g2", "initech");
    CHECK(fixture.shown().at("shares").at("missing") == Json::array());
    CHECK(fixture.distribute_plan().verdict.allowed());
}

TEST_CASE("who keeps the new key is who the members agreed on, and so is the threshold") {
    KeptRotation fixture;
    fixture.prepare_for(custodians, 3);
    auto plan = fixture.deal_plan("ca-root-g2", {"acme", "globex", "umbrella"});
    CHECK(plan.verdict.ruling == Ruling::refused);
    CHECK(has(plan.verdict.rules.back().words, "agreed on acme-gov, globex-gov, initech-gov, any 3 of whom"));
    CHECK_FALSE(fixture.deal_plan("ca-root-g2", {"acme", "globex", "initech", "umbrella"}).verdict.allowed());
    CHECK_FALSE(fixture.deal_plan("ca-root-g2", keepers, 2).verdict.allowed());
    // Nobody's key is guessed.
    auto const error = error_of([&] { (void)fixture.deal_plan("ca-root-g2", {"globex"}); });
    CHECK(error.code() == Code::usage);
    CHECK(has(error.message(), "no key of theirs is known here: acme-gov, initech-gov"));
    // Another key of this workspace has nothing to do with it.
    CHECK(fixture.deal_plan("ca-root-g1", {"acme", "globex", "umbrella"}).verdict.allowed());
    fixture.carry_out(fixture.deal_plan("ca-root-g2", keepers));
    CHECK_FALSE(fixture.refresh_plan("ca-root-g2", {"acme", "globex", "umbrella"}).verdict.allowed());
    CHECK(fixture.refresh_plan("ca-root-g2", keepers).verdict.allowed());
    for (auto const& member : keepers) fixture.accept("ca-root-g2", member);
    fixture.approve_by_all();
    fixture.carry_out(fixture.sign_plan());
    fixture.distribute();
    // People come and go in the years of a root: from here on it is said, and for the charter to bound.
    plan = fixture.refresh_plan("ca-root-g2", {"acme", "globex", "umbrella"});
    CHECK(plan.verdict.allowed());
    CHECK(has(plan.warnings, "that is not what was agreed: with the rotation to g2"));
}

TEST_CASE("a custodian's key is known once a share was opened with it, and not before") {
    KeptRotation fixture;
    fixture.carry_out(fixture.deal_plan("ca-root-g1", keepers));
    for (char const* member : {"acme", "globex"}) fixture.accept("ca-root-g1", member);
    fixture.pretend("ca-root-g1", "initech");
    fixture.prepare_for(custodians, 3);
    auto const error = error_of([&] { (void)fixture.deal_plan("ca-root-g2", {}); });
    CHECK(has(error.message(), "known here: initech-gov"));
    // The same line again is the same deal, whatever was known meanwhile.
    for (int again = 0; again < 2; ++again) {
        auto const plan = fixture.deal_plan("ca-root-g2", {"initech"});
        REQUIRE(plan.verdict.allowed());
        CHECK(has(plan.warnings, "accepted shares before"));
        fixture.carry_out(plan);
    }
    auto const old = fixture.deal_of("ca-root-g1").deal, deal = fixture.deal_of("ca-root-g2").deal;
    CHECK(deal.version == 1);
    for (auto const& officer : custodians)
        CHECK(deal.custodian(deal.index_of(officer))->key == old.custodian(old.index_of(officer))->key);
}

TEST_CASE("an emergency waits for no custodian") {
    KeptRotation fixture;
    Names roster;
    for (auto const& each : custodians) roster.push_back("custodian=" + each);
    fixture.carry_out(flow::plan_root_rotate(
        fixture.state(),
        fixture.with("root rotate",
                     {{"emergency", true}, {"reason", "stolen"}, {"roster", roster}, {"threshold", 3}})));
    fixture.prepare();
    fixture.approve_by_all();
    fixture.carry_out(fixture.sign_plan());
    CHECK(fixture.distribute_plan().verdict.allowed());
    CHECK(fixture.shown().at("shares").at("have") == Json(0));
}

TEST_CASE("a roster can do what the charter asks of a recovery") {
    KeptRotation fixture;
    auto const plan = fixture.rotate_plan(custodians, 2);
    CHECK(plan.verdict.ruling == Ruling::refused);
    CHECK(std::ranges::any_of(plan.verdict.rules, [](model::Rule const& rule) {
        return !rule.holds && has(rule.words, "the charter's rule 'root' asks for 3 members");
    }));
}

TEST_CASE("a destroyed root does not come back by its shares") {
    KeptRotation fixture;
    deal_old_root(fixture);
    auto const deal = fixture.deal_of("ca-root-g1");
    auto const session = fixture.carry_out(open(fixture, "drill"))["results"][0]["name"].get<std::string>();
    fixture.carry_out(flow::plan_share_accept(
        fixture.state(), fixture.services(),
        fixture.with("share accept", {{"operand", fixture.sealed("ca-root-g1", "acme")}})));
    auto const kept = flow::kept_file(fixture.folder(), deal.deal.id, 1);
    REQUIRE(base::exists(kept));
    CHECK_FALSE(forget(fixture).verdict.allowed());  // it is in force
    fixture.agree_on_plan();
    fixture.prepare();
    fixture.sign();
    fixture.go_to_destruction();
    auto const plan = fixture.destroy_plan();
    REQUIRE(plan.steps.size() == 3);
    CHECK(plan.steps[1].action == "share.destroy");
    CHECK(has(plan.steps[1].summary, deal.name()));
    CHECK(has(plan.warnings,
              "'consortium share destroy " + deal.name() + "': acme-gov, globex-gov, initech-gov"));
    CHECK(has(plan.warnings, "wrapped-key.json"));
    fixture.carry_out(plan);

    CHECK_FALSE(base::exists(flow::dealt_folder(fixture.folder(), deal.deal.id)));
    CHECK_FALSE(base::exists(flow::out_folder(fixture.folder()) / deal.name()));
    for (char const* purpose : {"recovery", "drill"}) {
        auto const opened = open(fixture, purpose);
        CHECK(opened.verdict.ruling == Ruling::refused);
        CHECK(has(opened.verdict.rules.front().words, "destroyed with its root"));
        CHECK(opened.verdict.next == "consortium share destroy " + deal.name());
    }
    auto const in_session = fixture.with("share submit", {{"operand", session}});
    CHECK_FALSE(flow::plan_share_submit(fixture.state(), fixture.services(), in_session).verdict.allowed());
    CHECK_FALSE(flow::plan_share_drill(fixture.state(), fixture.services(), in_session).verdict.allowed());
    auto const shown = [&] {
        return *flow::share_show(fixture.state(), fixture.services(),
                                 fixture.with("share show", {{"operand", "ca-root-g1"}}))
                    .data;
    };
    CHECK(has(shown().at("state").get<std::string>(), "the key was destroyed with its root"));
    CHECK(shown().at("have") == Json(0));

    // Each custodian destroys the own share, and says so.
    CHECK(fixture.shown().at("old_shares").at("missing") == Json(custodians));
    fixture.carry_out(forget(fixture));
    CHECK_FALSE(base::exists(kept));
    CHECK(forget(fixture).steps.empty());
    fixture.destroy_share("ca-root-g1", "globex");
    CHECK(fixture.shown().at("old_shares").at("missing") == Json(Names{"initech-gov"}));
    CHECK(shown().at("have") == Json(2));
    CHECK(shown().at("missing") == Json(Names{"initech-gov"}));
    CHECK(shown().at("custodians")[0].at("destroyed").is_string());
    CHECK(shown().at("custodians")[2].at("destroyed").is_null());
}

TEST_CASE("another member's word ends no key") {
    KeptRotation fixture;
    deal_old_root(fixture);
    fixture.agree_on_plan();
    fixture.prepare();
    fixture.state_as("globex", "destroyed", 1, {{"stage", "destroy"}, {"witnesses", Json::array()}});
    CHECK_FALSE(fixture.deal_of("ca-root-g1").key_destroyed);
    CHECK(open(fixture, "drill").verdict.allowed());
}
