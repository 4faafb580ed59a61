#include "core/base/error.h"
#include "core/driver/guide.h"
#include "core/flow/root.h"
#include "core/flow/root_acknowledge.h"
#include "core/flow/root_soak.h"
#include "core/flow/trust.h"
#include "tests/support/code_of.h"
#include "tests/support/rotation.h"

#include <doctest/doctest.h>

using namespace consortium;
using base::Json;
using Names = std::vector<std::string>;
using Ruling = model::Verdict::Ruling;

namespace {

/// Whether a leaf verifies with what the members agree on, and the lists that are held.
bool holds(RotationFixture& fixture, base::Bytes const& leaf) {
    fixture.carry_out(flow::plan_crl_issue(fixture.state(), RotationFixture::plain("crl issue")));
    return fixture.services().certifier.verify(flow::question_about(fixture.state(), leaf)).holds;
}

base::Bytes issue(RotationFixture& fixture, std::string const& name) {
    auto const pem = fixture.issue(name)["certificate"].get<std::string>();
    return fixture.services().certifier.read_certificates(base::as_bytes(pem)).front();
}

std::string shown_under(RotationFixture& fixture) {
    return flow::authority(fixture.store(), "issuing-1").certificates.front().issuer;
}

model::Plan rollback(RotationFixture& fixture) {
    return flow::plan_root_rollback(fixture.state(), fixture.with("root rollback", {{"reason", "why not"}}));
}

void prepare_destruction(RotationFixture& fixture) {
    fixture.carry_out(flow::plan_root_prepare(fixture.state(), RotationFixture::plain("root prepare")));
}

model::Plan destroy(RotationFixture& fixture) {
    return flow::plan_root_destroy(fixture.state(), fixture.services(),
                                   RotationFixture::plain("root destroy"));
}

}  // namespace

TEST_CASE("a rotation goes through all its phases, and certificates hold in each") {
    RotationFixture fixture;
    auto const before = issue(fixture, "before.example");
    fixture.agree_on_trust();
    CHECK(fixture.trusted_roots() == Names{"root-g1", "root-g2"});
    CHECK(fixture.in_force().present == "root-g1");
    CHECK(shown_under(fixture) == "root-g1");
    CHECK(holds(fixture, before));
    fixture.switch_over();
    CHECK(fixture.in_force().version == 3);
    CHECK(fixture.in_force().present == "root-g2");
    CHECK(shown_under(fixture) == "root-g2");
    auto const after = issue(fixture, "after.example");
    CHECK(holds(fixture, before));
    CHECK(holds(fixture, after));
    fixture.distrust();
    CHECK(fixture.in_force().version == 4);
    CHECK(fixture.trusted_roots() == Names{"root-g2"});
    CHECK(fixture.in_force().links.empty());
    CHECK(fixture.in_force().intermediates.size() == 1);
    CHECK(holds(fixture, before));
    CHECK(holds(fixture, after));
    auto const old_list = flow::current_crl(fixture.store(), "root-g1");
    auto const& certifier = fixture.services().certifier;
    CHECK(certifier.describe_crl(*old_list).content.next_update ==
          flow::authority(fixture.store(), "root-g1").certificates.front().not_after);

    prepare_destruction(fixture);
    auto plan = destroy(fixture);
    CHECK(plan.verdict.ruling == Ruling::pending);
    fixture.approve_all();
    CHECK(destroy(fixture).verdict.missing == Names{"a witness"});
    fixture.state_as("globex", "witnessed", fixture.now().attempt,
                     {{"manifest", fixture.digest().hex()}, {"words", "in the vault"}});
    plan = destroy(fixture);
    REQUIRE(plan.verdict.allowed());
    CHECK(plan.danger == "root-g1");
    auto const key = flow::authority(fixture.store(), "root-g1").key;
    fixture.carry_out(plan);
    CHECK(fixture.now().state == "destroyed");
    CHECK(code_of([&] { fixture.services().keys.open(key); }) == base::Code::not_found);
    CHECK_FALSE(base::exists(fixture.folder() / "keys" / (key + ".pem")));
    CHECK(holds(fixture, after));
    CHECK(rollback(fixture).verdict.ruling == Ruling::refused);
    // And the next generation can be begun.
    CHECK(flow::plan_root_rotate(fixture.state(), RotationFixture::plain("root rotate")).verdict.allowed());
}

TEST_CASE("nothing is switched or distrusted before every member's nodes have followed") {
    RotationFixture fixture;
    fixture.agree_on_plan();
    fixture.prepare();
    auto const early = flow::plan_root_switch(fixture.state(), RotationFixture::plain("root switch"));
    CHECK(early.verdict.ruling == Ruling::refused);
    fixture.sign();
    fixture.distribute();
    fixture.acknowledge({"acme", "globex", "initech"});
    auto plan = flow::plan_root_switch(fixture.state(), RotationFixture::plain("root switch"));
    CHECK(plan.verdict.ruling == Ruling::pending);
    CHECK(plan.verdict.state == "3 of 4 nodes");
    CHECK(plan.verdict.missing == Names{"umbrella"});
    plan = flow::plan_root_switch(fixture.state(),
                                  fixture.with("root switch", {{"waive", {"umbrella: on holiday"}}}));
    REQUIRE(plan.verdict.allowed());
    fixture.carry_out(plan);
    // What is waived stands in what officers approve.
    CHECK(flow::manifest(fixture.store(), fixture.now()).waived == Names{"umbrella: on holiday"});
    auto const gate = [&](Names const& waived) {
        return flow::trust_gate(fixture.state(), fixture.now(), waived).allowed();
    };
    CHECK(gate({"umbrella: on holiday"}));
    CHECK_FALSE(gate({"umbrella: on holiday", "nobody: x"}));
}

TEST_CASE("what was acknowledged of one bundle is not of the next") {
    RotationFixture fixture;
    fixture.agree_on_trust();
    fixture.carry_out(flow::plan_root_switch(fixture.state(), RotationFixture::plain("root switch")));
    fixture.sign();
    fixture.distribute();
    auto const plan = flow::plan_root_distrust(fixture.state(), RotationFixture::plain("root distrust"));
    CHECK(plan.verdict.ruling == Ruling::pending);
    CHECK(plan.verdict.state == "0 of 4 nodes");
    CHECK(*flow::root_soak(fixture.state(), fixture.services(), driver::node_guide(),
                           RotationFixture::plain("root soak"))
               .status == base::Code::verification_failed);
    fixture.acknowledge();
    CHECK_FALSE(flow::root_soak(fixture.state(), fixture.services(), driver::node_guide(),
                                RotationFixture::plain("root soak"))
                    .status);
}

TEST_CASE("each phase has a way back, as a higher version, until the key is destroyed") {
    RotationFixture fixture;
    auto const leaf = issue(fixture, "node.example");
    fixture.agree_on_trust();
    fixture.switch_over();
    fixture.go_back();
    CHECK(fixture.in_force().version == 4);
    CHECK(fixture.in_force().present == "root-g1");
    CHECK(shown_under(fixture) == "root-g1");
    CHECK(fixture.now().is_at("trust", "agreed"));
    CHECK(holds(fixture, leaf));
    fixture.switch_over();
    fixture.distrust();
    CHECK(fixture.trusted_roots() == Names{"root-g2"});
    fixture.go_back();
    CHECK(fixture.in_force().version == 7);
    CHECK(fixture.trusted_roots() == Names{"root-g1", "root-g2"});
    CHECK(fixture.in_force().links.size() == 2);
    CHECK(fixture.now().is_at("switch", "agreed"));
    CHECK(holds(fixture, leaf));
    fixture.go_back();
    fixture.go_back();
    CHECK(fixture.trusted_roots() == Names{"root-g1"});
    CHECK(fixture.now().state == "withdrawn");
    CHECK(holds(fixture, leaf));
    CHECK(rollback(fixture).verdict.ruling == Ruling::refused);
    // Another generation gets another name (G21).
    auto const again = flow::plan_root_rotate(fixture.state(), RotationFixture::plain("root rotate"));
    REQUIRE(again.verdict.allowed());
    CHECK(again.steps[0].summary.find("generation 1 to 3") != std::string::npos);
}

TEST_CASE("a stage of which nothing is signed is given up without a vote") {
    RotationFixture fixture;
    fixture.agree_on_trust();
    fixture.carry_out(flow::plan_root_switch(fixture.state(), RotationFixture::plain("root switch")));
    fixture.carry_out(rollback(fixture));
    CHECK(fixture.now().is_at("trust", "agreed"));
    fixture.switch_over();
    fixture.distrust();
    prepare_destruction(fixture);
    fixture.carry_out(rollback(fixture));
    CHECK(fixture.now().is_at("distrust", "agreed"));
    CHECK(destroy(fixture).verdict.ruling == Ruling::refused);
}

TEST_CASE("a plan that the members turn down does not stand in the way of the next") {
    RotationFixture fixture;
    fixture.carry_out(flow::plan_root_rotate(fixture.state(), RotationFixture::plain("root rotate")));
    fixture.decide("root.rotate", "failed");
    fixture.agree_on_plan();
    fixture.prepare();
    fixture.sign();
    CHECK(fixture.now().is_at("trust", "signed"));
}

TEST_CASE("G26 approvals of what was prepared before do not count for what is prepared again") {
    RotationFixture fixture;
    fixture.agree_on_plan();
    fixture.prepare();
    fixture.approve_all();
    REQUIRE(fixture.sign_plan().verdict.allowed());
    fixture.carry_out(flow::plan_root_prepare(fixture.state(), RotationFixture::plain("root prepare")));
    CHECK(fixture.now().attempt == 2);
    auto const plan = fixture.sign_plan();
    CHECK(plan.verdict.ruling == Ruling::pending);
    CHECK(plan.verdict.state == "0 of 3 approvals");
}

TEST_CASE("an intermediate that was made while a rotation is prepared is in it once that is prepared again") {
    RotationFixture fixture;
    fixture.agree_on_plan();
    fixture.prepare();
    auto const added =
        flow::plan_ca_add(fixture.state(), fixture.services().certifier,
                          fixture.with("ca add", {{"operand", "node-tls"}, {"no-passphrase", true}}));
    REQUIRE(added.warnings.size() == 1);
    fixture.carry_out(added);
    fixture.approve_all();
    CHECK(code_of([&] { fixture.carry_out(fixture.sign_plan()); }) == base::Code::conflict);
    CHECK_FALSE(flow::find_authority(fixture.store(), "root-g2"));
    fixture.carry_out(flow::plan_root_prepare(fixture.state(), RotationFixture::plain("root prepare")));
    fixture.sign();
    CHECK(flow::authority(fixture.store(), "node-tls").certificates.size() == 2);
}

TEST_CASE("in an emergency the new root stands alone, and what the old one has certified is revoked") {
    RotationFixture fixture;
    auto const leaf = issue(fixture, "node.example");
    fixture.carry_out(flow::plan_root_rotate(
        fixture.state(),
        fixture.with("root rotate",
                     {{"emergency", true}, {"reason", "stolen"}, {"since", "2026-01-01T00:00:00Z"}})));
    fixture.prepare();  // the vote on the plan is not waited for
    auto const manifest = flow::manifest(fixture.store(), fixture.now());
    CHECK(manifest.bundle->roots == Names{"root-g2"});
    for (auto const& item : manifest.items) CHECK(item.name.find("-by-g") == std::string::npos);
    fixture.sign();
    fixture.distribute();
    CHECK(fixture.trusted_roots() == Names{"root-g2"});
    CHECK(fixture.now().is_at("distrust", "agreed"));
    CHECK(holds(fixture, leaf));
    auto const& certifier = fixture.services().certifier;
    std::vector<model::Revocation> revoked;
    (void)certifier.accept_crl(*flow::current_crl(fixture.store(), "root-g1"),
                               flow::authority(fixture.store(), "root-g1").certificate(),
                               [&](model::Revocation const& each) { revoked.push_back(each); });
    REQUIRE(revoked.size() == 1);
    CHECK(model::reason_word(revoked[0].reason) == "key-compromise");
    CHECK(revoked[0].compromised == base::Instant::from_text("2026-01-01T00:00:00Z"));
    CHECK(rollback(fixture).verdict.ruling == Ruling::refused);
}

TEST_CASE("an intermediate that may not be clean is left out of an emergency's new root") {
    RotationFixture fixture;
    fixture.carry_out(
        flow::plan_ca_add(fixture.state(), fixture.services().certifier,
                          fixture.with("ca add", {{"operand", "node-tls"}, {"no-passphrase", true}})));
    fixture.carry_out(flow::plan_root_rotate(
        fixture.state(),
        fixture.with("root rotate", {{"emergency", true}, {"reason", "stolen"}, {"leave", {"node-tls"}}})));
    fixture.prepare();
    fixture.sign();
    CHECK(flow::authority(fixture.store(), "node-tls").state == "revoked");
    CHECK(flow::authority(fixture.store(), "issuing-1").state == "active");
}

TEST_CASE("what was prepared by a clock that was ahead is not signed") {
    RotationFixture fixture;
    fixture.agree_on_plan();
    auto const right = fixture.clock().now();
    fixture.clock().advance(base::Duration{86'400});
    fixture.prepare();
    fixture.approve_all();
    fixture.clock().set(right);
    CHECK(code_of([&] { fixture.carry_out(fixture.sign_plan()); }) == base::Code::refused);
    CHECK_FALSE(flow::find_authority(fixture.store(), "root-g2"));
    auto const outcome = flow::root_verify(
        fixture.state(), fixture.services().certifier,
        fixture.with("root verify", {{"operand", (fixture.folder() / "out" / "ceremony-g2.json").string()}}));
    REQUIRE(outcome.warnings.size() == 1);
    CHECK(outcome.warnings[0].find("clock") != std::string::npos);
}

TEST_CASE("nobody but the keeper says what was prepared and signed") {
    RotationFixture fixture;
    fixture.agree_on_trust();
    auto const now = fixture.now();
    fixture.state_as("globex", "destroyed", now.attempt + 5,
                     {{"stage", "destroy"}, {"witnesses", Json::array()}});
    // As another member's workspace would read it: without the object of the rotation.
    flow::State other = fixture.state();
    CHECK(flow::rotation(other).is_at("trust", "agreed"));
    CHECK(flow::stated_rotation(other)->is_at("trust", "agreed"));
    CHECK(flow::stated_rotation(other)->keeper == "acme");
}
