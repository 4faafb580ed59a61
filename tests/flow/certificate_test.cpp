#include "core/flow/certificate.h"

#include "core/base/error.h"
#include "core/flow/trust.h"
#include "tests/support/code_of.h"
#include "tests/support/event_kinds.h"
#include "tests/support/pki.h"

#include <doctest/doctest.h>
#include <set>

using namespace consortium;
using base::Json;

namespace {

bool holds(model::Verdict const& verdict, std::string const& rule) {
    for (auto const& each : verdict.rules) {
        if (each.name == rule && !each.holds) return false;
    }
    return true;
}

}  // namespace

TEST_CASE("a root and an intermediate are made once, with lists and a bundle") {
    PkiFixture fixture;
    CHECK(code_of([&] { flow::newest(fixture.store(), "issuing"); }) == base::Code::not_found);
    fixture.init_ca({{"permit", {"dns:acme.example"}}, {"base-url", "http://pki.example"}});
    auto const root = flow::newest(fixture.store(), "root");
    auto const issuing = flow::newest(fixture.store(), "issuing");
    auto const& certifier = fixture.services().certifier;
    auto const facts = certifier.accept_certificate(issuing.certificate(), root.certificate());
    CHECK(facts.content.path_length == 0);
    CHECK(facts.content.permitted.dns == std::vector<std::string>{"acme.example"});
    CHECK(facts.content.crl_url == "http://pki.example/root-g1.crl");
    CHECK(certifier.describe(root.certificate()).common_name == "payments Root G1");
    CHECK(flow::held_bundle(fixture.store())->version == 1);
    for (auto const* authority : {&root, &issuing}) {
        auto const crl = flow::current_crl(fixture.store(), authority->name);
        REQUIRE(crl);
        CHECK(certifier.accept_crl(*crl, authority->certificate()).content.number == 1);
    }
    auto const again = flow::plan_ca_init(fixture.state(), PkiFixture::request("ca init", Json::object()));
    CHECK(again.verdict.ruling == model::Verdict::Ruling::refused);
}

TEST_CASE("G20 the intent is journaled before the certificate, in one transaction with it") {
    PkiFixture fixture;
    fixture.init_ca();
    auto const before = fixture.store().head().size;
    auto const issued = fixture.issue("node1.example");
    auto const kinds = event_kinds(fixture.store(), before);
    CHECK(kinds == std::vector<std::string>{"certificate.intent", "certificate.issued", "operation.done"});
    auto const object = fixture.store().object("certificate", issued["serial"].get<std::string>());
    REQUIRE(object);
    CHECK(object->state == "valid");
    CHECK(object->member == "acme");
    auto const der = base::from_base64(object->data->at("der").get<std::string>());
    CHECK(fixture.services().certifier.describe(der).tbs.hex() == object->data->at("tbs").get<std::string>());
}

TEST_CASE("G20 a signer that fails leaves neither serial nor row") {
    PkiFixture fixture;
    fixture.init_ca();
    auto plan = fixture.issue_plan({{"operand", "node1.example"}});
    auto const before = fixture.store().head().size;
    // A certificate that would outlive its issuer passes the signer and fails the check of what it signed.
    Json detail = *plan.steps[0].detail;
    detail["life"] = "P9000D";
    plan.steps[0].detail = base::JsonValue(detail);
    CHECK(code_of([&] { fixture.carry_out(plan); }) == base::Code::verification_failed);
    CHECK(fixture.store().head().size == before);
    int rows = 0;
    fixture.store().objects({.kind = "certificate"}, [&](model::Object const&) { ++rows; });
    CHECK(rows == 0);
}

TEST_CASE("G20 forty certificates have forty serials, rows and journal entries") {
    PkiFixture fixture;
    fixture.init_ca();
    std::set<std::string> serials;
    for (int i = 0; i < 40; ++i) {
        auto const name = "node" + std::to_string(i) + ".example";
        serials.insert(fixture.issue(name)["serial"].get<std::string>());
    }
    std::set<std::string> rows;
    fixture.store().objects({.kind = "certificate"},
                            [&](model::Object const& object) { rows.insert(object.name); });
    CHECK(serials.size() == 40);
    CHECK(rows == serials);
}

TEST_CASE("a profile bounds names and lifetime; each broken bound is named") {
    PkiFixture fixture;
    fixture.init_ca();
    auto const verdict = [&](Json arguments) { return fixture.issue_plan(std::move(arguments)).verdict; };
    CHECK(verdict({{"operand", "node.example"}}).allowed());
    CHECK_FALSE(holds(verdict({{"operand", "node.example"}, {"also", {"a@b.example"}}}), "names: email"));
    CHECK_FALSE(holds(verdict({{"operand", "node.example"}, {"valid-for", "P366D"}}), "lifetime"));
    CHECK(verdict({{"operand", "ops 7"}, {"profile", "officer"}}).allowed());
    CHECK_FALSE(
        holds(verdict({{"operand", "ops"}, {"profile", "officer"}, {"also", {"10.0.0.1"}}}), "names: ip"));
    CHECK(code_of([&] { (void)verdict({{"operand", "no host!"}}); }) == base::Code::malformed);
    CHECK(code_of([&] {
              (void)verdict({{"operand", "a.example"}, {"member", "nobody"}});
          }) == base::Code::not_found);
}

TEST_CASE("a certificate of another member carries its name") {
    PkiFixture fixture;
    fixture.init_ca();
    auto const record =
        fixture.carry_out(fixture.issue_plan({{"operand", "n.example"}, {"member", "globex"}}))["results"][0];
    CHECK(record["subject"] == "CN=n.example, O=globex");
}

TEST_CASE("the plan of an issuance is the same each time it is made") {
    PkiFixture fixture;
    fixture.init_ca();
    auto const first = fixture.issue_plan({{"operand", "node.example"}});
    CHECK(model::digest(first) == model::digest(fixture.issue_plan({{"operand", "node.example"}})));
}

TEST_CASE("a revoked certificate enters the next list with its reason, once") {
    PkiFixture fixture;
    fixture.init_ca();
    auto const serial = fixture.issue("node1.example")["serial"].get<std::string>();
    fixture.issue("node2.example");
    fixture.revoke(serial, "key-compromise");
    CHECK(flow::plan_certificate_revoke(fixture.state(),
                                        PkiFixture::request("cert revoke", {{"operand", serial}}))
              .verdict.ruling == model::Verdict::Ruling::refused);
    fixture.carry_out(
        flow::plan_crl_issue(fixture.state(), PkiFixture::request("crl issue", Json::object())));
    std::vector<model::Revocation> listed;
    flow::revocations(fixture.store(),
                      "issuing-1")([&](model::Revocation const& each) { listed.push_back(each); });
    REQUIRE(listed.size() == 1);
    CHECK(listed[0].serial == serial);
    CHECK(listed[0].reason == 1);
    auto const facts =
        fixture.services().certifier.describe_crl(*flow::current_crl(fixture.store(), "issuing-1"));
    CHECK(facts.entries == 1);
    CHECK(facts.content.number == 2);
    std::size_t of_root = 0;
    flow::revocations(fixture.store(), "root-g1")([&](model::Revocation const&) { ++of_root; });
    CHECK(of_root == 0);
}

TEST_CASE("G23 whatever ends is listed, roots and revocation lists too, soonest first") {
    PkiFixture fixture;
    fixture.init_ca();
    fixture.issue("node1.example");
    auto const list = [&](Json arguments) {
        return *flow::certificate_list(fixture.state(),
                                       PkiFixture::request("cert list", std::move(arguments)))
                    .data;
    };
    auto const soon = list({{"expiring", "P8D"}});
    REQUIRE(soon["items"].size() == 1);
    CHECK(soon["items"][0]["what"] == "crl");
    auto const all = list({{"expiring", "P3651D"}})["items"];
    REQUIRE(all.size() == 5);
    CHECK(all.back()["name"] == "root-g1");
    CHECK(all.back()["what"] == "authority");
    CHECK(list({{"state", "valid"}})["items"].size() == 1);
    CHECK(list({{"member", "globex"}})["items"].empty());
}

TEST_CASE("serials are taken as people write them") {
    CHECK(flow::normal_serial("5F:0c:00") == std::string(26, '0') + "5f0c00");
    CHECK(code_of([] { flow::normal_serial("xyz"); }) == base::Code::usage);
    CHECK(code_of([] { flow::normal_serial(""); }) == base::Code::usage);
    CHECK(code_of([] { flow::normal_serial(std::string(41, '1')); }) == base::Code::usage);
}
