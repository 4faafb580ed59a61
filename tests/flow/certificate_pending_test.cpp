#include "core/flow/certificate_pending.h"

#include "core/base/error.h"
#include "tests/support/code_of.h"
#include "tests/support/crashing.h"
#include "tests/support/pending.h"

#include <doctest/doctest.h>

using namespace consortium;
using base::Code;
using base::Json;
using Ruling = model::Verdict::Ruling;
using Words = std::vector<std::string>;

namespace {

std::string words_of(model::Verdict const& verdict) {
    std::string out;
    for (auto const& each : verdict.rules) out += each.words + "\n";
    return out;
}

bool has(std::string const& text, std::string_view part) {
    return text.find(part) != std::string::npos;
}

std::string prepare(PendingFixture& fixture, std::string const& name = "node1.example") {
    return fixture.issue(name)["serial"].get<std::string>();
}

/// The waiting object with other bytes; `approve` follows them, or not.
void tamper(PendingFixture& fixture, std::string const& serial, bool follow) {
    auto waiting = fixture.pending(serial);
    waiting.tbs.at(waiting.tbs.size() / 2) ^= 1;
    if (follow) waiting.approve = base::sha256(waiting.tbs);
    fixture.put(flow::to_object(waiting));
}

}  // namespace

TEST_CASE("where the profile names an approval rule, the final bytes are journaled and nothing is signed") {
    PendingFixture fixture;
    auto const plan = fixture.issue_plan({{"operand", "node1.example"}});
    REQUIRE(plan.steps.size() == 1);
    CHECK(plan.steps[0].action == "certificate.prepare");
    auto const made = fixture.carry_out(plan)["results"][0];
    CHECK(made["state"] == "pending");
    CHECK(made["rule"] == "certificates");
    CHECK_FALSE(made.contains("certificate"));
    CHECK(fixture.count("certificate") == 0);
    auto const waiting = fixture.pending(made["serial"].get<std::string>());
    CHECK(base::sha256(waiting.tbs) == waiting.approve);
    CHECK(waiting.approve.hex() == made["digest"].get<std::string>());
    CHECK(waiting.proposer == "acme-gov");
    CHECK(waiting.lapses == fixture.clock().now() + flow::pending_life);
    auto const facts = flow::describe_tbs(fixture.services().certifier, waiting.tbs);
    CHECK(facts.content.serial == waiting.serial);
    CHECK(facts.content.names.dns == Words{"node1.example"});
    // Other profiles do not wait.
    auto const client = fixture.issue_plan({{"operand", "ops"}, {"profile", "client"}});
    CHECK(client.steps[0].action == "certificate.issue");
}

TEST_CASE("G25 too few approvals wait, a person counts once, the proposer and other roles do not") {
    PendingFixture fixture;
    auto const serial = prepare(fixture);
    auto const digest = fixture.pending(serial).approve;
    auto verdict = fixture.sign_plan(serial).verdict;
    CHECK(verdict.ruling == Ruling::pending);
    CHECK(verdict.state == "0 of 2 approvals");
    CHECK(verdict.missing == Words{"globex", "initech", "umbrella"});
    CHECK(verdict.next == "consortium approval sign " + digest.hex() +
                              " --rule certificates --about 'certificate " + serial + "'");
    // Whoever asked is refused before signing, by name and by digest, and does not count if it arrives.
    for (auto const& name : {serial, digest.hex()}) {
        auto const own = flow::plan_approval_sign(
            fixture.state(), PendingFixture::request("approval sign", {{"operand", name}}));
        CHECK(has(words_of(own.verdict), "is the person who proposed it"));
        CHECK_FALSE(own.verdict.allowed());
    }
    fixture.approve("acme", digest, serial);
    fixture.approve("globex", digest, serial);
    fixture.approve("globex", digest, serial);
    verdict = fixture.sign_plan(serial).verdict;
    CHECK(verdict.ruling == Ruling::pending);
    CHECK(verdict.state == "1 of 2 approvals");
    CHECK(has(words_of(verdict), "acme-gov is the person who proposed it"));
    CHECK(verdict.missing == Words{"initech", "umbrella"});
    // An officer without the rule's roles.
    fixture.amend([](model::Charter& charter) { charter.approvals.front().roles = {"auditor"}; });
    CHECK(has(words_of(fixture.sign_plan(serial).verdict), "globex-gov has none of the roles auditor"));
    fixture.amend([](model::Charter& charter) { charter.approvals.front().roles = {"security"}; });
    fixture.approve("initech", digest, serial);
    CHECK(fixture.sign_plan(serial).verdict.allowed());
}

TEST_CASE("G26 what is signed is what was approved, to the byte") {
    PendingFixture fixture;
    auto const serial = prepare(fixture);
    auto const waiting = fixture.pending(serial);
    fixture.approve(serial);
    auto const made = fixture.carry_out(fixture.sign_plan(serial))["results"][0];
    CHECK(made["serial"].get<std::string>() == serial);
    CHECK(fixture.facts(made["serial"]).tbs == waiting.approve);
    auto const der = flow::der_of(fixture.certificate(serial));
    CHECK(std::search(der.begin(), der.end(), waiting.tbs.begin(), waiting.tbs.end()) != der.end());
    CHECK(fixture.pending(serial).state == "issued");
    CHECK(fixture.certificate(serial).state == "valid");
    CHECK(broken(fixture.sign_plan(serial).verdict) == Words{"state"});
    CHECK(fixture.sign_plan(serial).verdict.next == "consortium cert show " + serial);
}

TEST_CASE("G26 an approval of another digest is refused, and bytes that were changed are not signed") {
    PendingFixture fixture;
    auto const serial = prepare(fixture);
    auto const digest = fixture.pending(serial).approve;
    fixture.approve("globex", digest, serial);
    fixture.approve("initech", base::sha256("other"), serial);
    auto const verdict = fixture.sign_plan(serial).verdict;
    CHECK(verdict.ruling == Ruling::refused);
    CHECK(has(words_of(verdict), "initech-gov approved another digest"));
    fixture.approve("umbrella", digest, serial);
    auto const plan = fixture.sign_plan(serial);
    CHECK(plan.verdict.allowed());

    tamper(fixture, serial, false);
    CHECK(broken(fixture.sign_plan(serial).verdict) == Words{"digest"});
    CHECK(code_of([&] { fixture.carry_out(plan); }) == Code::conflict);
    // The signer looks by itself, too.
    auto blind = plan;
    blind.pins.clear();
    CHECK(code_of([&] { fixture.carry_out(blind); }) == Code::verification_failed);
    CHECK(fixture.count("certificate") == 0);
}

TEST_CASE("G26 bytes that were changed with their digest have no approvals") {
    PendingFixture fixture;
    auto const serial = prepare(fixture);
    fixture.approve(serial);
    auto plan = fixture.sign_plan(serial);
    auto waiting = fixture.pending(serial);
    auto content = flow::describe_tbs(fixture.services().certifier, waiting.tbs).content;
    content.names.dns = {"evil.example"};
    waiting.tbs = fixture.services().certifier.certificate_tbs(content, "p256");
    waiting.approve = base::sha256(waiting.tbs);
    fixture.put(flow::to_object(waiting));
    CHECK(fixture.sign_plan(serial).verdict.ruling == Ruling::refused);
    CHECK(fixture.sign_plan(serial).verdict.state == "0 of 2 approvals");
    plan.pins.clear();
    CHECK(code_of([&] { fixture.carry_out(plan); }) == Code::verification_failed);
    CHECK(fixture.count("certificate") == 0);
}

TEST_CASE("of two who sign the same one at once, one does, and there is one certificate") {
    PendingFixture fixture;
    auto const serial = prepare(fixture);
    fixture.approve(serial);
    auto const first = fixture.sign_plan(serial), second = fixture.sign_plan(serial);
    fixture.carry_out(first);
    CHECK(code_of([&] { fixture.carry_out(second); }) == Code::conflict);
    auto blind = second;
    blind.pins.clear();
    CHECK(code_of([&] { fixture.carry_out(blind); }) == Code::conflict);
    CHECK(fixture.count("certificate") == 1);
}

TEST_CASE("a crash while it is signed leaves it waiting, or signed; both can be gone on from") {
    for (int at : {1, 2}) {
        PendingFixture fixture;
        auto const serial = prepare(fixture);
        fixture.approve(serial);
        test::Crash crash{at};
        test::CrashingStore store(fixture.store(), crash);
        auto dying = services_with(fixture.services(), {.store = &store});
        CHECK_THROWS_AS(flow::apply(fixture.sign_plan(serial), dying, fixture.self()), test::Killed);
        CHECK(fixture.pending(serial).state == (at == 1 ? "pending" : "issued"));
        CHECK(fixture.count("certificate") == (at == 1 ? 0 : 1));
        if (at == 1) fixture.carry_out(fixture.sign_plan(serial));
        CHECK(fixture.facts(serial).tbs == fixture.pending(serial).approve);
    }
}

TEST_CASE("what changed while it waited is looked at again, and named") {
    PendingFixture fixture;
    auto const serial = prepare(fixture);
    fixture.approve(serial);
    auto const amended = [&](auto change) {
        fixture.amend([&](model::Charter& charter) { change(fixture.rule_of_tls(charter)); });
        return broken(fixture.sign_plan(serial).verdict);
    };
    CHECK(amended([](model::ProfileRule& rule) { rule.lifetime = base::Duration{90 * 86'400}; }) ==
          Words{"lifetime"});
    CHECK(fixture.sign_plan(serial).verdict.next == "consortium cert withdraw " + serial);
    CHECK(amended([](model::ProfileRule& rule) {
              rule.lifetime.reset();
              rule.within = model::AlternativeNames{{"acme.example"}, {}, {}, {}};
          }) == Words{"names: within"});
    CHECK(amended([](model::ProfileRule& rule) {
              rule.within.reset();
              rule.extended_usage = Words{"serverAuth"};
          }) == Words{"extended usage"});
    CHECK(amended([](model::ProfileRule& rule) {
              rule.extended_usage.reset();
              rule.key_types = Words{"p384"};
          }) == Words{"key type"});
    CHECK(amended([](model::ProfileRule& rule) { rule.key_types.reset(); }).empty());
    // Under another rule the approvals are others; without one none is needed.
    fixture.amend([&](model::Charter& charter) {
        charter.approvals.push_back({"stricter", 2, 2, {"security"}, true});
        fixture.rule_of_tls(charter).approval = "stricter";
    });
    CHECK(fixture.sign_plan(serial).verdict.state == "0 of 2 approvals");
    fixture.amend([&](model::Charter& charter) { charter.certificates.clear(); });
    CHECK(fixture.sign_plan(serial).verdict.allowed());
}

TEST_CASE("an issuing authority that changed makes other bytes, and one that is retired none") {
    PendingFixture fixture;
    auto const serial = prepare(fixture);
    fixture.approve(serial);
    auto issuer = flow::newest(fixture.store(), "issuing");
    auto moved = issuer;
    moved.base_url = "http://elsewhere.example";
    fixture.put(flow::to_object(moved));
    CHECK(broken(fixture.sign_plan(serial).verdict) == Words{"issuer"});
    fixture.put(flow::to_object(issuer));
    CHECK(fixture.sign_plan(serial).verdict.allowed());
    // Another one beside it, with a key of its own, is not the one whose name stands in what was approved.
    auto next = flow::newest(fixture.store(), "root");
    next.name = "issuing-2";
    next.role = "issuing";
    next.generation = 2;
    fixture.put(flow::to_object(next));
    CHECK(fixture.sign_plan(serial).verdict.allowed());
    issuer.state = "retired";
    fixture.put(flow::to_object(issuer));
    CHECK(broken(fixture.sign_plan(serial).verdict) == Words{"issuer"});
}

TEST_CASE("one that waits lapses, at the latest when it would end itself, and can be given up") {
    PendingFixture fixture;
    auto const serial = prepare(fixture);
    fixture.approve(serial);
    auto const brief = fixture
                           .carry_out(fixture.issue_plan(
                               {{"operand", "node2.example"}, {"valid-for", "P1D"}}))["results"][0]["serial"]
                           .get<std::string>();
    CHECK(fixture.pending(brief).lapses == fixture.clock().now() + base::Duration{86'400});
    fixture.clock().advance(base::Duration{30 * 86'400 - 1});
    CHECK(fixture.sign_plan(serial).verdict.allowed());
    CHECK(broken(fixture.sign_plan(brief).verdict) == Words{"lapses"});
    fixture.clock().advance(base::Duration{1});
    CHECK(broken(fixture.sign_plan(serial).verdict) == Words{"lapses"});
    CHECK(flow::state_of(fixture.pending(serial), fixture.clock().now()) == "lapsed");

    auto const withdraw = [&] {
        return flow::plan_certificate_withdraw(
            fixture.state(), PendingFixture::request("cert withdraw", {{"operand", serial}}));
    };
    fixture.carry_out(withdraw());
    CHECK(fixture.pending(serial).state == "withdrawn");
    CHECK(broken(withdraw().verdict) == Words{"state"});
    CHECK(broken(fixture.sign_plan(serial).verdict) == Words{"state", "lapses"});
}

TEST_CASE("a key that was revoked as compromised while its next certificate waited is not certified") {
    PendingFixture fixture;
    auto const first = prepare(fixture);
    fixture.approve(first);
    fixture.carry_out(fixture.sign_plan(first));
    auto const again =
        fixture
            .carry_out(fixture.issue_plan(
                {{"operand", "node1.example"}, {"key", "cert-node1-example"}}))["results"][0]["serial"]
            .get<std::string>();
    fixture.approve(again);
    CHECK(fixture.sign_plan(again).verdict.allowed());
    fixture.revoke(first, "key-compromise");
    CHECK(broken(fixture.sign_plan(again).verdict) == Words{"key"});
}

TEST_CASE(
    "a renewal waits, too, and takes the old one's place once it is signed; a second one comes too late") {
    PendingFixture fixture;
    auto const old = prepare(fixture);
    fixture.approve(old);
    fixture.carry_out(fixture.sign_plan(old));
    auto const first = fixture.renew(old)["serial"].get<std::string>();
    auto const second = fixture.renew(old)["serial"].get<std::string>();
    CHECK(fixture.certificate(old).state == "valid");
    for (auto const& each : {first, second}) fixture.approve(each);
    fixture.carry_out(fixture.sign_plan(first));
    CHECK(fixture.certificate(old).state == "renewed");
    CHECK(fixture.certificate(first).data->at("renews").get<std::string>() == old);
    CHECK(broken(fixture.sign_plan(second).verdict) == Words{"renews"});
}

TEST_CASE("nothing signs at once what waits for approval, and it is known who asked") {
    PendingFixture fixture;
    auto plan = fixture.issue_plan({{"operand", "node1.example"}});
    plan.steps[0].action = "certificate.issue";
    CHECK(code_of([&] { fixture.carry_out(plan); }) == Code::refused);
    CHECK(fixture.count("certificate") == 0);
    auto state = fixture.state();
    state.self.officer.clear();
    auto const nobody = flow::plan_certificate_issue(
        state, fixture.services().certifier,
        PendingFixture::request("cert issue", {{"operand", "node2.example"}, {"new-key", true}}));
    CHECK(broken(nobody.verdict) == Words{"officer"});
}

TEST_CASE("a certificate is renewed under the profile as it is then") {
    PendingFixture fixture;
    fixture.amend(
        [](model::Charter& charter) { charter.certificates = {{.id = "edge", .based_on = "node-tls"}}; });
    auto const serial = fixture
                            .carry_out(fixture.issue_plan(
                                {{"operand", "node1.example"}, {"profile", "edge"}}))["results"][0]["serial"]
                            .get<std::string>();
    CHECK(fixture.renew_plan(serial).verdict.allowed());
    fixture.amend([&](model::Charter& charter) {
        fixture.rule_of_tls(charter).lifetime = base::Duration{90 * 86'400};
        fixture.rule_of_tls(charter).key_types = Words{"p384"};
        fixture.rule_of_tls(charter).names = Words{"ip"};
    });
    CHECK(broken(fixture.renew_plan(serial).verdict) == Words{"names: dns", "lifetime", "key type"});
    fixture.amend([&](model::Charter& charter) { charter.certificates.clear(); });
    CHECK(code_of([&] { (void)fixture.renew_plan(serial); }) == Code::not_found);
}
