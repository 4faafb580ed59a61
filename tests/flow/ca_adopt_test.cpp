// A member takes in the certificate of its intermediate, and issues by it.

#include "core/flow/authority_revoke.h"
#include "core/flow/expiring.h"
#include "core/flow/issuer.h"
#include "tests/support/adoption.h"
#include "tests/support/crashing.h"

#include <doctest/doctest.h>

using namespace consortium;
using base::Code;
using base::Json;

namespace {

using Words = std::vector<std::string>;

std::size_t count(port::Store const& store, char const* kind) {
    std::size_t out = 0;
    store.objects({.kind = kind}, [&out](model::Object const&) { ++out; });
    return out;
}

/// The holder signs what `ca add` would not: for this workspace's key, changed.
std::string forged(AdoptionFixture& fixture, std::function<void(model::CertificateContent&)> const& change,
                   char const* by = "ca-root-g1") {
    auto& services = fixture.holder.services();
    auto const key = fixture.member.services().keys.info("ca-globex");
    auto const root = flow::newest(fixture.holder.store(), "root");
    model::CertificateContent content;
    content.subject = services.certifier.encode_name({"Forged CA", "globex"});
    content.not_before = services.clock.now();
    content.not_after = content.not_before + base::Duration{30 * 86'400};
    content.public_key = key.public_key;
    content.authority = true;
    content.path_length = 0;
    content.key_usage = {"keyCertSign", "cRLSign"};
    content.permitted.dns = {"globex.example"};
    content = flow::fill_content(std::move(content), root.certificate(), services.certifier);
    change(content);
    auto const signer = services.keys.open(by);
    auto const tbs = services.certifier.certificate_tbs(content, signer->algorithm());
    return fixture.file("forged.pem", services.certifier.pem(
                                          "CERTIFICATE", flow::sign_bytes(tbs, *signer, services.certifier)));
}

}  // namespace

TEST_CASE("an adopted intermediate issues for its member and within its names, with lists of its own") {
    AdoptionFixture fixture;
    auto const given = fixture.certified();
    CHECK(code_of([&] { fixture.adopt_plan(given); }) == Code::not_found);  // no root is agreed on
    fixture.agree();
    auto const result =
        fixture.adopt(given, {{"base-url", "http://pki.globex.example"}, {"purpose", {"node-tls"}}});
    CHECK(result["subject"].get<std::string>() == "CN=payments Globex CA 1, O=globex");
    CHECK(result["issuers"] == Json{"root-g1"});
    auto const made = fixture.adopted();
    CHECK(made.key == "ca-globex");
    CHECK(made.adopted);
    CHECK(made.certificate() == fixture.listed().certificate());
    auto& member = fixture.member;
    auto const& certifier = member.services().certifier;
    CHECK(certifier.accept_crl(*flow::current_crl(member.store(), "globex"), made.certificate())
              .content.number == 1);
    // The bundle is the root holder's to make.
    CHECK_FALSE(flow::held_bundle(member.store()));
    CHECK(broken(fixture.issue_plan("node1.acme.example").verdict) == Words{"name constraints"});
    CHECK(broken(fixture.issue_plan("node1.globex.example", {{"also", {"10.3.0.1"}}}).verdict) ==
          Words{"name constraints"});
    CHECK(code_of([&] {
              fixture.issue_plan("node1.globex.example", {{"member", "acme"}});
          }) == Code::not_found);
    CHECK(code_of([&] { fixture.issue_plan("ops", {{"profile", "client"}}); }) == Code::not_found);
    CHECK(code_of([&] { member.services().keys.info("cert-node1-globex-example"); }) == Code::not_found);
    auto const issued =
        member.carry_out(fixture.issue_plan("node1.globex.example", {{"also", {"10.2.0.1"}}}))["results"][0];
    CHECK(issued["issuer"].get<std::string>() == "globex");
    auto const facts = certifier.describe(
        certifier.read_certificates(base::as_bytes(issued["certificate"].get<std::string>())).front());
    CHECK(facts.content.crl_url == "http://pki.globex.example/globex.crl");
    CHECK(fixture.verified(issued["chain"]) ==
          "'node1.globex.example' is certified by 'payments Root G1' through 'payments Globex CA 1', is in "
          "force "
          "and not revoked");
    member.revoke(issued["serial"]);
    CHECK(fixture.verified(issued["chain"]).find("'node1.globex.example' was revoked on") == 0);
    auto const lists = flow::plan_crl_issue(member.state(), RotationFixture::plain("crl issue"));
    REQUIRE(lists.steps.size() == 1);
    member.carry_out(lists);
    CHECK(fixture.verified(issued["chain"]).find("'node1.globex.example' was revoked on") == 0);
    CHECK(flow::renewal_command(*member.store().object("authority", "globex")) ==
          "consortium ca request globex-2 --replaces globex");
}

TEST_CASE("what is in the agreed bundle is adopted without a file") {
    AdoptionFixture fixture;
    fixture.agree();
    CHECK(code_of([&] { fixture.adopt_plan(""); }) == Code::not_found);
    fixture.certified();
    fixture.agree();
    CHECK(fixture.adopt("")["authority"].get<std::string>() == "globex");
    CHECK(code_of([&] { fixture.adopt_plan(""); }) == Code::not_found);
}

TEST_CASE("it is adopted once, by one of two at a time, and by no other key or member") {
    AdoptionFixture fixture;
    auto const given = fixture.certified();
    auto const other = fixture.certified("globex-2");
    fixture.agree();
    CHECK(code_of([&] { fixture.adopt_plan(""); }) == Code::usage);  // for two keys
    CHECK(fixture.adopt_plan("", {{"name", "globex-2"}}).steps.at(0).target == "globex-2");
    auto const first = fixture.adopt_plan(given), second = fixture.adopt_plan(given);
    fixture.member.carry_out(first);
    CHECK(code_of([&] { fixture.member.carry_out(second); }) == Code::conflict);
    CHECK(broken(fixture.adopt_plan(given).verdict) == Words{"new"});
    CHECK(fixture.adopted().certificates.size() == 1);
    // Somebody else, whose workspace knows the same root.
    PkiFixture stranger("initech");
    auto epoch = *stranger.store().latest();
    epoch.previous = model::reference(epoch).hash;
    epoch.number += 1;
    epoch.trust_bundle = fixture.member.store().latest()->trust_bundle;
    stranger.final(epoch);
    auto const theirs = [&] {
        return flow::plan_ca_adopt(stranger.state(), stranger.services(),
                                   PkiFixture::request("ca adopt", {{"operand", other}}));
    };
    CHECK(error_of(theirs).message() ==
          "'CN=payments Globex CA 2, O=globex' is for a key that is not in this workspace");
    CHECK(code_of([&] { fixture.adopt_plan(fixture.file("garbage", "-----BEGIN")); }) == Code::malformed);
    CHECK(code_of([&] { fixture.adopt_plan(fixture.file("garbage", "\x30\x03\x02\x01\x01")); }) ==
          Code::malformed);
    CHECK(code_of([&] { fixture.adopt_plan(fixture.file("empty", "")); }) == Code::malformed);
    CHECK(code_of([&] { fixture.adopt_plan("/nowhere"); }) == Code::not_found);
}

TEST_CASE("what is not as a member's intermediate must be is refused, naming the rule") {
    AdoptionFixture fixture;
    fixture.ask("globex");
    fixture.agree();
    auto const rules = [&](auto const& change, char const* by = "ca-root-g1") {
        return broken(fixture.adopt_plan(forged(fixture, change, by)).verdict);
    };
    using Content = model::CertificateContent;
    auto const& certifier = fixture.holder.services().certifier;
    CHECK(rules([](Content&) {}).empty());
    CHECK(rules([](Content& c) { c.permitted = {}; }) == Words{"permit"});
    CHECK(rules([](Content& c) { c.path_length.reset(); }) == Words{"path length"});
    CHECK(rules([&](Content& c) {
              c.subject = certifier.encode_name({"Forged CA", "Acme"});
          }) == Words{"member"});
    CHECK(rules([](Content& c) { c.not_before = c.not_before + base::Duration{86'400}; }) == Words{"path"});
    CHECK(rules([](Content& c) { c.not_after = c.not_before + base::Duration{1}; }).empty());
    CHECK(rules([](Content& c) { c.key_usage = {"keyCertSign"}; }) == Words{"certificate"});
    CHECK(rules([](Content& c) { c.issuer = c.subject; }) == Words{"root"});
    CHECK(rules([](Content& c) { c.authority_key_id.front() ^= 1; }) == Words{"root"});
    // The root's name and key identifier, but another key.
    CHECK(rules([](Content&) {}, "ca-issuing-1") == Words{"certificate"});
    auto const leaf = rules([](Content& c) {
        c.authority = false;
        c.path_length.reset();
        c.permitted = {};
        c.key_usage = {"digitalSignature"};
        c.extended_usage = {"serverAuth"};
    });
    CHECK(leaf == Words{"authority", "permit"});
    // Two in one file, of one key.
    auto const text = [](std::string const& file) { return base::read_text(file, 65'536); };
    auto const one = text(forged(fixture, [](Content&) {}));
    auto const both = [&](auto const& change) {
        auto const given = fixture.file("both.pem", one + text(forged(fixture, change)));
        return broken(fixture.adopt_plan(given).verdict);
    };
    CHECK(both([](Content&) {}).empty());
    CHECK(both([](Content& c) { c.permitted.dns = {"acme.example"}; }) == Words{"permit"});
    CHECK(both([&](Content& c) {
              c.subject = certifier.encode_name({"Other CA", "globex"});
          }) == Words{"subject"});
    auto const given = forged(fixture, [](Content&) {});
    fixture.member.clock().advance(base::Duration{31 * 86'400});
    CHECK(broken(fixture.adopt_plan(given).verdict) == Words{"path"});
    CHECK(count(fixture.member.store(), "authority") == 0);
}

TEST_CASE("one that stands on the root's list is not adopted") {
    AdoptionFixture fixture;
    auto const given = fixture.certified();
    fixture.agree();
    auto& holder = fixture.holder;
    auto const list = [&] {
        return fixture.file("root.crl", holder.services().certifier.pem(
                                            "X509 CRL", *flow::current_crl(holder.store(), "root-g1")));
    };
    CHECK(fixture.adopt_plan(given, {{"crl", {list()}}}).warnings.empty());
    holder.carry_out(flow::plan_certificate_revoke(
        holder.state(),
        RotationFixture::request("cert revoke", {{"operand", fixture.listed().certificates[0].serial}})));
    holder.carry_out(flow::plan_crl_issue(holder.state(),
                                          RotationFixture::request("crl issue", {{"operand", "root-g1"}})));
    CHECK(broken(fixture.adopt_plan(given, {{"crl", {list()}}}).verdict) == Words{"path"});
    // Without it, that is said.
    CHECK(fixture.adopt_plan(given).warnings.size() == 1);
}

TEST_CASE("a rotated root's certificate stands behind the first, and takes its place when that root goes") {
    AdoptionFixture fixture;
    fixture.adopt_globex();
    fixture.holder.agree_on_plan();
    fixture.holder.prepare();
    fixture.holder.sign();
    fixture.member.clock().advance(base::Duration{20 * 86'400});
    fixture.agree();
    auto const both = fixture.adopt("");
    CHECK(both["issuers"] == Json{"root-g1", "root-g2"});
    CHECK(both["serial"].get<std::string>() == fixture.listed().certificates[0].serial);
    CHECK(count(fixture.member.store(), "crl") == 1);
    auto const old = fixture.file("old.pem", fixture.member.services().certifier.pem(
                                                 "CERTIFICATE", fixture.listed().certificates[0].der));
    CHECK(broken(fixture.adopt_plan(old).verdict) == Words{"new"});
}

TEST_CASE("where the old root is trusted no more, the new one's certificate is in use") {
    AdoptionFixture fixture;
    fixture.adopt_globex();
    fixture.certified("globex-2");
    fixture.holder.agree_on_plan();
    fixture.holder.prepare();
    fixture.holder.sign();
    fixture.member.clock().advance(base::Duration{20 * 86'400});
    auto epoch = *fixture.member.store().latest();
    auto bundle = *flow::held_bundle(fixture.holder.store());
    std::erase_if(bundle.roots, [](auto const& each) { return each.name == "root-g1"; });
    bundle.present = "root-g2";
    epoch.previous = model::reference(epoch).hash;
    epoch.number += 1;
    epoch.trust_bundle = base::JsonValue(model::to_json(bundle));
    fixture.member.final(std::move(epoch));
    auto const old =
        fixture.file("old.pem", fixture.member.services().certifier.pem(
                                    "CERTIFICATE", fixture.listed("globex-2").certificates[0].der));
    CHECK(broken(fixture.adopt_plan(old).verdict) == Words{"root"});
    CHECK(fixture.adopt("", {{"name", "globex"}})["issuers"] == Json{"root-g2", "root-g1"});
    CHECK(fixture.adopted().certificate() == fixture.listed().certificates[1].der);
    CHECK(fixture.adopt("")["issuers"] == Json{"root-g2"});
    CHECK(code_of([&] { fixture.adopt_plan(""); }) == Code::not_found);
}

TEST_CASE("a successor takes the place of the one before it") {
    AdoptionFixture fixture;
    fixture.adopt_globex();
    auto const csr = fixture.ask("globex-2", {{"replaces", "globex"}});
    auto const given = fixture.add("globex-2", csr, {{"replaces", "globex"}});
    CHECK(fixture.listed().state == "retired");
    CHECK(fixture.adopt(given)["replaces"].get<std::string>() == "globex");
    CHECK(fixture.adopted().state == "retired");
    CHECK(fixture.adopted("globex-2").certificate() == fixture.listed("globex-2").certificate());
    CHECK(fixture.issue_plan("a.globex.example").steps.at(0).detail->at("issuer") == "globex-2");
    CHECK(broken(fixture.ask_plan("globex-3", {{"replaces", "globex"}}).verdict) == Words{"replaces"});
}

TEST_CASE("the key that was asked for must be nobody else's by then") {
    AdoptionFixture fixture;
    auto& services = fixture.member.services();
    services.keys.create("hsm", "p384", base::Secret());
    auto const csr = fixture.ask("globex", AdoptionFixture::within({{"key", "hsm"}}));
    auto const given = fixture.add("globex", csr);
    fixture.agree();
    auto const plan = fixture.adopt_plan(given);
    // It is forgotten that it was asked for, and a leaf gets it.
    fixture.member.store().write([&](port::Transaction& transaction) {
        model::Object leaf;
        leaf.kind = "certificate";
        leaf.name = std::string(32, '1');
        leaf.state = "valid";
        leaf.data = base::JsonValue(Json{{"key_id", services.keys.info("hsm").id.hex()}, {"issuer", "x"}});
        transaction.append_event({"test", services.clock.now(), base::JsonValue(Json::object()), {leaf}});
    });
    CHECK(broken(fixture.adopt_plan(given).verdict) == Words{"key"});
    CHECK(code_of([&] { fixture.member.carry_out(plan); }) == Code::conflict);
    CHECK(count(fixture.member.store(), "authority") == 0);
}

TEST_CASE("only the root's list says that it is revoked: what is adopted here is retired here") {
    AdoptionFixture fixture;
    fixture.adopt_globex();
    auto const serial = fixture.adopted().certificates[0].serial;
    CHECK(code_of([&] {
              flow::plan_certificate_revoke(fixture.member.state(),
                                            PkiFixture::request("cert revoke", {{"operand", serial}}));
          }) == Code::refused);
    fixture.member.carry_out(flow::plan_ca_retire(fixture.member.state(),
                                                  PkiFixture::request("ca retire", {{"operand", "globex"}})));
    CHECK(code_of([&] { fixture.issue_plan("a.globex.example"); }) == Code::not_found);
}

TEST_CASE("a kill at any boundary leaves nothing, or all of it; the same again goes on") {
    for (int at : {1, 2}) {
        CAPTURE(at);
        AdoptionFixture fixture;
        auto& member = fixture.member;
        auto const killed = [&](port::Store& inner, flow::Services const& real, model::Plan const& plan,
                                flow::Identity const& self) {
            test::Crash crash{at};
            test::CrashingStore store(inner, crash);
            auto dying = services_with(real, {.store = &store});
            CHECK_THROWS_AS(flow::apply(plan, dying, self), test::Killed);
        };
        killed(member.store(), member.services(), fixture.ask_plan("globex", AdoptionFixture::within()),
               member.self());
        auto const key = member.services().keys.info("ca-globex").id;
        CHECK(count(member.store(), "authority-request") == static_cast<std::size_t>(at - 1));
        auto const csr = fixture.ask("globex");
        CHECK(member.services().keys.info("ca-globex").id == key);
        auto const plan = fixture.add_plan("globex", csr);
        killed(fixture.holder.store(), fixture.holder.services(), plan, fixture.holder.self());
        CHECK(flow::find_authority(fixture.holder.store(), "globex").has_value() == (at == 2));
        if (at == 1) fixture.add("globex", csr);
        auto const given = fixture.file("shown.pem", fixture.holder.services().certifier.pem(
                                                         "CERTIFICATE", fixture.listed().certificate()));
        fixture.agree();
        killed(member.store(), member.services(), fixture.adopt_plan(given), member.self());
        CHECK(flow::find_authority(member.store(), "globex").has_value() == (at == 2));
        CHECK(flow::current_crl(member.store(), "globex").has_value() == (at == 2));
        if (at == 1) fixture.adopt(given);
        CHECK(fixture.issue_plan("a.globex.example").verdict.allowed());
    }
}

TEST_CASE("a workspace has a root of its own, or intermediates below the members', not both") {
    AdoptionFixture fixture;
    auto const given = fixture.certified();
    fixture.agree();
    fixture.member.init_ca();
    CHECK(broken(fixture.adopt_plan(given).verdict) == Words{"root"});
    AdoptionFixture other;
    other.adopt_globex();
    auto const plan = flow::plan_ca_init(other.member.state(), RotationFixture::plain("ca init"));
    CHECK(broken(plan.verdict) == Words{"root"});
}
