// An intermediate whose key a member keeps: its request, and what the root's holder grants.

#include "core/flow/authority_revoke.h"
#include "core/flow/expiring.h"
#include "core/flow/issuer.h"
#include "core/model/authority_request.h"
#include "tests/support/adoption.h"

#include <doctest/doctest.h>

using namespace consortium;
using base::Code;
using base::Json;

namespace {

using Words = std::vector<std::string>;
using Request = model::SigningRequest;

/// A request as the member's would be but for a change, signed by a key of its own.
std::string changed_request(AdoptionFixture& fixture, std::string const& type,
                            std::function<void(Request&)> const& change) {
    auto& certifier = fixture.member.services().certifier;
    auto const name = "k" + std::to_string(fixture.member.services().keys.list().size());
    auto const key = fixture.member.services().keys.create(name, type, base::Secret());
    Request wanted;
    wanted.public_key = key.public_key;
    wanted.algorithm = key.algorithm;
    wanted.subject = {{"O", "globex"}, {"CN", "globex"}};
    wanted.key_usage = {"keyCertSign", "cRLSign"};
    wanted.authority = true;
    change(wanted);
    auto const tbs = certifier.request_tbs(wanted);
    auto const der = flow::sign_bytes(tbs, *fixture.member.services().keys.open(name), certifier);
    return fixture.file(name + ".csr", certifier.pem("CERTIFICATE REQUEST", der));
}

Words refused(AdoptionFixture& fixture, std::function<void(Request&)> const& change,
              Json arguments = AdoptionFixture::within()) {
    return broken(
        fixture.add_plan("globex", changed_request(fixture, "p256", change), std::move(arguments)).verdict);
}

}  // namespace

TEST_CASE("an authority's request says all that will be certified, by the key that stays") {
    AdoptionFixture fixture;
    auto const result =
        fixture.member.carry_out(fixture.ask_plan("globex", AdoptionFixture::within()))["results"][0];
    auto const& certifier = fixture.holder.services().certifier;
    auto const asked = certifier.read_request(base::as_bytes(result["request"].get<std::string>()));
    CHECK(asked.public_key == fixture.member.services().keys.info("ca-globex").public_key);
    CHECK(asked.subject == model::DistinguishedName{"globex", "globex"}.parts());
    CHECK(asked.authority);
    CHECK(asked.key_usage == Words{"keyCertSign", "cRLSign"});
    CHECK(asked.extended_usage.empty());
    CHECK(asked.other == Words{"basicConstraints: pathLen 0", "nameConstraints: permitted dns:globex.example",
                               "nameConstraints: permitted ip:10.2.0.0/16"});
    CHECK(result["add"].get<std::string>() ==
          "consortium ca add globex --member globex --permit dns:globex.example --permit ip:10.2.0.0/16");
}

TEST_CASE("a key that was asked for is for nothing else, and is asked for again") {
    AdoptionFixture fixture;
    auto const first = fixture.ask("globex");
    auto& services = fixture.member.services();
    auto const key = services.keys.info("ca-globex");
    fixture.ask("globex", AdoptionFixture::within({{"permit", {"dns:other.example"}}}));
    CHECK(services.keys.info("ca-globex").id == key.id);
    CHECK_FALSE(
        flow::is_free(fixture.member.store(), *fixture.member.store().latest(), key.id, services.certifier));
    auto const leaf = flow::plan_certificate_request(
        fixture.member.state(), services.certifier,
        PkiFixture::request("cert request", {{"operand", "a.globex.example"}, {"key", "ca-globex"}}));
    CHECK(code_of([&] { fixture.member.carry_out(leaf); }) == Code::refused);
    // Nor is one asked for that signs acts, or that is of a kind that certifies nobody.
    CHECK(code_of([&] {
              fixture.ask("other", AdoptionFixture::within({{"key", "seat"}}));
          }) == Code::refused);
    CHECK(code_of([&] {
              fixture.ask("other", AdoptionFixture::within({{"key", "no"}}));
          }) == Code::not_found);
    CHECK(broken(fixture.ask_plan("x", Json::object()).verdict) == Words{"permit"});
    CHECK(broken(fixture.ask_plan("root-g9", AdoptionFixture::within()).verdict) == Words{"name"});
}

TEST_CASE("what a request asks beyond what is granted is refused by its field") {
    AdoptionFixture fixture;
    CHECK(refused(fixture, [](Request&) {}).empty());
    CHECK(refused(fixture, [](Request& r) { r.other = {"basicConstraints: pathLen 0"}; }).empty());
    CHECK(refused(fixture, [](Request& r) { r.subject = {{"CN", "payments Globex CA 1"}}; }).empty());
    CHECK(refused(fixture, [](Request& r) { r.other = {"basicConstraints: pathLen 1"}; }) ==
          Words{"csr: pathLenConstraint"});
    CHECK(refused(fixture, [](Request& r) { r.authority = false; }) == Words{"csr: basicConstraints"});
    CHECK(refused(fixture, [](Request& r) { r.subject = {{"O", "Acme"}}; }) == Words{"csr: subject"});
    CHECK(refused(fixture, [](Request& r) {
              r.subject = {{"CN", "payments Root G1"}};
          }) == Words{"csr: subject"});
    CHECK(refused(fixture, [](Request& r) { r.subject = {{"OU", "globex"}}; }) == Words{"csr: subject"});
    CHECK(refused(fixture, [](Request& r) { r.key_usage.emplace_back("digitalSignature"); }) ==
          Words{"csr: keyUsage"});
    auto const names = [](Words const& dns) {
        return [dns](Request& r) {
            r.other = model::to_words({std::nullopt, model::AlternativeNames{dns, {}, {}, {}}});
        };
    };
    // More, fewer, or others: a kind that is left out is not constrained.
    CHECK(refused(fixture, names({"globex.example", "acme.example"})) == Words{"csr: nameConstraints"});
    CHECK(refused(fixture, names({"globex.example"})) == Words{"csr: nameConstraints"});
    CHECK(refused(fixture, names({"globex.example"}), {{"permit", {"dns:globex.example"}}}).empty());
    auto const weak = changed_request(fixture, "rsa3072", [](Request&) {});
    CHECK(broken(fixture.add_plan("globex", weak).verdict).empty());
    CHECK(broken(fixture.add_plan("globex", weak, Json::object()).verdict) == Words{"permit"});
    CHECK(broken(fixture.add_plan("globex", weak, AdoptionFixture::within({{"member", "acme"}})).verdict) ==
          Words{"csr: subject"});
    CHECK(fixture.holder.store().object("authority", "globex") == std::nullopt);
}

TEST_CASE("what is about a key or lists of this workspace is not said of a key that is elsewhere") {
    AdoptionFixture fixture;
    auto const csr = fixture.ask("globex");
    std::pair<char const*, Json> const flags[] = {
        {"type", "p256"}, {"purpose", {"node-tls"}}, {"base-url", "http://a.example"}, {"crl-shards", 4}};
    for (auto const& [flag, value] : flags) {
        CAPTURE(flag);
        auto const arguments = AdoptionFixture::within({{flag, value}});
        CHECK(code_of([&] { fixture.add_plan("globex", csr, arguments); }) == Code::usage);
    }
    CHECK(code_of([&] {
              fixture.add_plan("globex", fixture.file("garbage", "hello"), AdoptionFixture::within());
          }) == Code::malformed);
}

TEST_CASE("what is certified for a member is listed here, and its key never chosen") {
    AdoptionFixture fixture;
    auto const plan = fixture.add_plan("globex", fixture.ask("globex"));
    REQUIRE(plan.warnings.size() == 1);
    CHECK(plan.warnings[0].ends_with("email, uri"));
    fixture.holder.carry_out(plan);
    auto const made = fixture.listed();
    CHECK(made.key.empty());
    CHECK(made.member == "globex");
    auto const& certifier = fixture.holder.services().certifier;
    auto const root = flow::newest(fixture.holder.store(), "root");
    auto const facts = certifier.accept_certificate(made.certificate(), root.certificate());
    CHECK(facts.subject == "CN=payments Globex CA 1, O=globex");
    CHECK(facts.content.path_length == 0);
    CHECK(facts.content.permitted.texts() == Words{"dns:globex.example", "ip:10.2.0.0/16"});
    CHECK(flow::held_bundle(fixture.holder.store())->intermediates.size() == 2);
    CHECK_FALSE(flow::current_crl(fixture.holder.store(), "globex"));
    auto const issuer = [&](char const* named) {
        auto const wanted = flow::read_wanted(fixture.holder.state(),
                                              {{"operand", "a.globex.example"}, {"member", "globex"}});
        return flow::issuer_for(fixture.holder.state(), wanted, named).name;
    };
    CHECK(issuer("") == "issuing-1");
    CHECK(error_of([&] { issuer("globex"); }).message() == "'globex' has its key in another workspace");
    auto const lists = flow::plan_crl_issue(fixture.holder.state(), RotationFixture::plain("crl issue"));
    REQUIRE(lists.steps.size() == 1);
    CHECK(lists.steps[0].target == "issuing-1");
    auto const named = flow::plan_crl_issue(fixture.holder.state(),
                                            RotationFixture::request("crl issue", {{"operand", "globex"}}));
    CHECK(broken(named.verdict) == Words{"key"});
    CHECK(flow::renewal_command(*fixture.holder.store().object("authority", "globex")) ==
          "consortium ca add globex-2 --replaces globex --csr FILE");
}

TEST_CASE("no other has the key: no second authority, no leaf, no key that was compromised") {
    AdoptionFixture fixture;
    auto const csr = changed_request(fixture, "p256", [](Request& r) { r.subject = {{"O", "globex"}}; });
    auto const second = fixture.add_plan("globex-2", csr);
    CHECK(second.verdict.allowed());
    fixture.add("globex", csr);
    CHECK(broken(fixture.add_plan("globex-2", csr).verdict) == Words{"csr: key"});
    // Planned before, carried out after.
    CHECK(code_of([&] { fixture.holder.carry_out(second); }) == Code::conflict);
    CHECK_FALSE(flow::find_authority(fixture.holder.store(), "globex-2"));
    // A key that this holder has certified for a node.
    auto const leaf = changed_request(fixture, "p256", [](Request& r) {
        r.subject = {{"CN", "a.globex.example"}};
        r.authority = false;
        r.key_usage = {"digitalSignature"};
    });
    auto const key = changed_request(fixture, "p256", [](Request&) {});
    auto& holder = fixture.holder;
    auto const issued = holder.carry_out(holder.issue_plan(
        {{"operand", "a.globex.example"}, {"member", "globex"}, {"csr", leaf}}))["results"][0];
    auto const same_key = [&](std::string const& name) {
        auto const& services = fixture.member.services();
        Request wanted;
        auto const info = services.keys.info(name);
        wanted.public_key = info.public_key;
        wanted.algorithm = info.algorithm;
        wanted.subject = {{"CN", "globex-2"}};
        wanted.key_usage = {"keyCertSign"};
        wanted.authority = true;
        auto const tbs = services.certifier.request_tbs(wanted);
        auto const der =
            flow::sign_bytes(tbs, *fixture.member.services().keys.open(name), services.certifier);
        return fixture.file("same.csr", services.certifier.pem("CERTIFICATE REQUEST", der));
    };
    auto const of_leaf = base::Path(leaf).stem().string();
    CHECK(broken(fixture.add_plan("globex-2", same_key(of_leaf)).verdict) == Words{"csr: key"});
    holder.revoke(issued["serial"], "key-compromise");
    CHECK(broken(fixture.add_plan("globex-2", same_key(of_leaf)).verdict) == Words{"key", "csr: key"});
    CHECK(broken(fixture.add_plan("globex-2", same_key(base::Path(key).stem().string())).verdict).empty());
}

TEST_CASE("a member's intermediate is revoked, retired and signed again like any other") {
    AdoptionFixture fixture;
    auto& holder = fixture.holder;
    fixture.certified("globex");
    fixture.certified("globex-9");
    holder.carry_out(flow::plan_ca_retire(holder.state(),
                                          RotationFixture::request("ca retire", {{"operand", "globex-9"}})));
    CHECK(fixture.listed("globex-9").state == "retired");
    holder.agree_on_plan();
    holder.prepare();
    holder.sign();
    REQUIRE(fixture.listed().certificates.size() == 2);
    auto const& certifier = holder.services().certifier;
    auto const before = certifier.describe(fixture.listed().certificates[0].der).content;
    auto const after = certifier.describe(fixture.listed().certificates[1].der).content;
    CHECK(before.public_key == after.public_key);
    CHECK(before.permitted == after.permitted);
    auto const plan = flow::plan_certificate_revoke(
        holder.state(),
        RotationFixture::request("cert revoke", {{"operand", before.serial}, {"reason", "ca-compromise"}}));
    CHECK(plan.warnings.front().find("'globex'") != std::string::npos);
    holder.carry_out(plan);
    holder.carry_out(flow::plan_crl_issue(holder.state(),
                                          RotationFixture::request("crl issue", {{"operand", "root-g1"}})));
    std::vector<std::string> revoked;
    (void)certifier.accept_crl(*flow::current_crl(holder.store(), "root-g1"),
                               flow::authority(holder.store(), "root-g1").certificate(),
                               [&](model::Revocation const& each) { revoked.push_back(each.serial); });
    CHECK(revoked == Words{before.serial});
    CHECK(flow::held_bundle(holder.store())->intermediates.size() == 4);
    auto const again =
        fixture.member.carry_out(fixture.ask_plan("globex", AdoptionFixture::within()))["results"][0];
    auto const csr = fixture.file("again.csr", again["request"].get<std::string>());
    CHECK(broken(fixture.add_plan("globex-3", csr, AdoptionFixture::within()).verdict) ==
          Words{"csr: subject", "csr: key"});
}
