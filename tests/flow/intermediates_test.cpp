#include "core/base/error.h"
#include "core/flow/authority_revoke.h"
#include "core/flow/ca.h"
#include "core/flow/expiring.h"
#include "tests/support/code_of.h"
#include "tests/support/rotation.h"

#include <algorithm>
#include <doctest/doctest.h>

using namespace consortium;
using base::Json;
using Ruling = model::Verdict::Ruling;

namespace {

/// Three intermediates: a general one, one for nodes, and one for a member.
class IntermediatesFixture : public RotationFixture {
public:
    IntermediatesFixture() {
        add("nodes", {{"purpose", {"node-tls"}}});
        add("globex", {{"member", "globex"}, {"permit", {"dns:globex.example"}}});
    }
    Json add(std::string const& name, Json arguments = Json::object()) {
        arguments["operand"] = name;
        arguments["no-passphrase"] = true;
        return carry_out(flow::plan_ca_add(state(), services().certifier,
                                           request("ca add", std::move(arguments))))["results"][0];
    }
    /// The certificate's file.
    base::Path issue(std::string const& name, Json arguments = Json::object()) {
        arguments["operand"] = name;
        auto const made = carry_out(issue_plan(std::move(arguments)))["results"][0];
        auto file = folder() / (name + ".pem");
        base::write_file(file, made["chain"].get<std::string>());
        return file;
    }
    std::string verified(base::Path const& file) {
        auto const outcome = flow::certificate_verify(state(), services().certifier,
                                                      request("cert verify", {{"operand", file.string()}}));
        return outcome.data->at("sentence").get<std::string>();
    }
    flow::Authority named(std::string const& name) { return flow::authority(store(), name); }
    model::Plan revoke_plan(std::string const& serial) {
        return flow::plan_certificate_revoke(
            state(), request("cert revoke", {{"operand", serial}, {"reason", "ca-compromise"}}));
    }
    void sign_list(std::string const& name) {
        carry_out(flow::plan_crl_issue(state(), request("crl issue", {{"operand", name}})));
    }
    void sign_lists() { carry_out(flow::plan_crl_issue(state(), plain("crl issue"))); }
    std::size_t listed(std::string const& name) {
        std::size_t count = 0;
        (void)services().certifier.accept_crl(*flow::current_crl(store(), name), named(name).certificate(),
                                              [&count](model::Revocation const&) { ++count; });
        return count;
    }
};

bool starts(std::string const& text, std::string const& beginning) {
    INFO(text);
    return text.rfind(beginning, 0) == 0;
}

}  // namespace

TEST_CASE(
    "a revoked intermediate ends what it has certified, here at once and elsewhere by the root's list") {
    IntermediatesFixture fixture;
    auto const node = fixture.issue("node1.example");
    auto const client = fixture.issue("ops", {{"profile", "client"}});
    CHECK(starts(fixture.verified(node),
                 "'node1.example' is certified by 'payments Root G1' through "
                 "'payments Nodes CA 1', is in force"));
    auto const serial = fixture.named("nodes").certificates.front().serial;
    auto const plan = fixture.revoke_plan(serial);
    CHECK(plan.danger == serial);
    REQUIRE(plan.warnings.size() == 1);
    CHECK(starts(plan.warnings[0], "1 certificates in force"));
    fixture.carry_out(plan);
    CHECK(starts(fixture.verified(node), "'payments Nodes CA 1' was revoked on"));
    CHECK(fixture.listed("root-g1") == 0);
    fixture.sign_list("root-g1");
    CHECK(fixture.listed("root-g1") == 1);
    auto const sentence = fixture.verified(node);
    CHECK(starts(sentence, "'payments Nodes CA 1' was revoked on"));
    CHECK(sentence.find("(ca-compromise)") != std::string::npos);
    CHECK(starts(fixture.verified(client), "'ops' is certified by"));
    // Nothing more is issued under it, nor for its key.
    CHECK(fixture.issue_plan({{"operand", "node2.example"}}).steps[0].detail->at("issuer") == "issuing-1");
    CHECK(code_of([&] {
              fixture.issue_plan({{"operand", "node2.example"}, {"issuer", "nodes"}});
          }) == base::Code::refused);
    CHECK(code_of([&] {
              fixture.carry_out(fixture.issue_plan({{"operand", "node2.example"}, {"key", "ca-nodes"}}));
          }) == base::Code::refused);
    CHECK(flow::held_bundle(fixture.store())->intermediates.size() == 2);
    CHECK(fixture.revoke_plan(serial).verdict.ruling == Ruling::refused);
    CHECK(code_of([&] { fixture.revoke_plan(fixture.named("root-g1").certificates.front().serial); }) ==
          base::Code::refused);
}

TEST_CASE("every intermediate in force signs its lists, one that is retired too, one that is revoked not") {
    IntermediatesFixture fixture;
    auto const lists = [&] {
        std::vector<std::string> out;
        for (auto const& step :
             flow::plan_crl_issue(fixture.state(), RotationFixture::plain("crl issue")).steps)
            out.push_back(step.target);
        return out;
    };
    CHECK(lists() == std::vector<std::string>{"globex", "issuing-1", "nodes"});
    fixture.carry_out(flow::plan_ca_retire(
        fixture.state(), RotationFixture::request("ca retire", {{"operand", "issuing-1"}})));
    CHECK(lists() == std::vector<std::string>{"globex", "issuing-1", "nodes"});
    fixture.carry_out(fixture.revoke_plan(fixture.named("nodes").certificates.front().serial));
    CHECK(lists() == std::vector<std::string>{"globex", "issuing-1"});
    auto const named =
        flow::plan_crl_issue(fixture.state(), RotationFixture::request("crl issue", {{"operand", "nodes"}}));
    CHECK(named.verdict.ruling == Ruling::refused);
    CHECK(flow::renewal_command(*fixture.store().object("crl", "nodes")).empty());
    CHECK(flow::renewal_command(*fixture.store().object("crl", "issuing-1")) ==
          "consortium crl issue issuing-1");
    CHECK(flow::renewal_command(*fixture.store().object("authority", "globex")) ==
          "consortium ca add globex-2 --replaces globex");
    CHECK(flow::renewal_command(*fixture.store().object("authority", "issuing-1")).empty());
}

TEST_CASE("a rotation signs every intermediate again whose certificates are in force") {
    IntermediatesFixture fixture;
    fixture.carry_out(
        flow::plan_ca_retire(fixture.state(), RotationFixture::request("ca retire", {{"operand", "nodes"}})));
    fixture.add("spare");
    fixture.agree_on_plan();
    fixture.carry_out(fixture.revoke_plan(fixture.named("spare").certificates.front().serial));
    auto const prepared = fixture.prepare();
    CHECK(prepared["items"].size() == 8);  // the new root, two links, three intermediates, two lists
    fixture.sign();
    auto const root = fixture.named("root-g2");
    auto const& certifier = fixture.services().certifier;
    for (char const* name : {"issuing-1", "nodes", "globex"}) {
        CAPTURE(name);
        auto const certificates = fixture.named(name).certificates;
        REQUIRE(certificates.size() == 2);
        auto const before = certifier.describe(certificates[0].der).content;
        auto const after = certifier.accept_certificate(certificates[1].der, root.certificate()).content;
        CHECK(before.subject == after.subject);
        CHECK(before.public_key == after.public_key);
        CHECK(before.permitted == after.permitted);
        CHECK(before.path_length == after.path_length);
    }
    CHECK(fixture.named("spare").certificates.size() == 1);
    CHECK(flow::held_bundle(fixture.store())->intermediates.size() == 6);
    // One that is made now is under both, and its certificates verify by either.
    fixture.add("late");
    auto const late = fixture.named("late").certificates;
    REQUIRE(late.size() == 2);
    CHECK(late[0].issuer == "root-g1");
    CHECK(late[1].issuer == "root-g2");
    auto const node = fixture.issue("node1.globex.example", {{"member", "globex"}});
    fixture.sign_lists();
    CHECK(starts(fixture.verified(node), "'node1.globex.example' is certified by"));
}

TEST_CASE("an intermediate that is revoked after the ceremony was prepared is not signed again") {
    IntermediatesFixture fixture;
    fixture.agree_on_plan();
    fixture.prepare();
    fixture.carry_out(fixture.revoke_plan(fixture.named("nodes").certificates.front().serial));
    fixture.sign_list("root-g1");
    fixture.sign();
    CHECK(fixture.named("nodes").certificates.size() == 1);
    CHECK(fixture.named("nodes").state == "revoked");
    CHECK(fixture.named("globex").certificates.size() == 2);
    // The list that was prepared knows nothing of it, and takes no newer one's place.
    CHECK(fixture.listed("root-g1") == 1);
}

TEST_CASE("both certificates of an intermediate are revoked, each on the list of its root") {
    IntermediatesFixture fixture;
    fixture.agree_on_plan();
    fixture.prepare();
    fixture.sign();
    auto const both = fixture.named("globex").certificates;
    fixture.carry_out(fixture.revoke_plan(both[1].serial));
    for (std::size_t i = 0; i < 2; ++i) {
        auto const root = i == 0 ? "root-g1" : "root-g2";
        fixture.sign_list(root);
        std::vector<std::string> serials;
        (void)fixture.services().certifier.accept_crl(
            *flow::current_crl(fixture.store(), root), fixture.named(root).certificate(),
            [&](model::Revocation const& entry) { serials.push_back(entry.serial); });
        CHECK(serials == std::vector<std::string>{both[i].serial});
    }
    // A link between two roots, as when the old one is not trusted any more.
    auto const link = fixture.named("g1-by-g2").certificates.front();
    fixture.carry_out(fixture.revoke_plan(link.serial));
    fixture.sign_list("root-g2");
    CHECK(fixture.listed("root-g2") == 2);
    CHECK(flow::held_bundle(fixture.store())->links.size() == 1);
}

TEST_CASE("G29 what another organization gets under a member's intermediate does not hold") {
    IntermediatesFixture fixture;
    auto& certifier = fixture.services().certifier;
    auto const issuer = fixture.named("globex");
    auto const key = fixture.services().keys.create("stray", "p256", base::Secret());
    auto plan = fixture.issue_plan({{"operand", "n.globex.example"}, {"member", "globex"}, {"key", "stray"}});
    Json detail = *plan.steps[0].detail;
    REQUIRE(detail["issuer"] == "globex");
    auto const certified = [&](char const* organization) {
        detail["organization"] = organization;
        plan.steps[0].detail = base::JsonValue(detail);
        auto const made = fixture.carry_out(plan)["results"][0];
        auto const file = fixture.folder() / "n.pem";
        base::write_file(file, made["chain"].get<std::string>());
        return fixture.verified(file);
    };
    CHECK(starts(certified("globex"), "'n.globex.example' is certified by"));
    CHECK(certified("initech") ==
          "'n.globex.example' is of the organization 'initech', and its issuer "
          "certifies for 'globex' only");
    CHECK(certifier.describe(issuer.certificate()).organization == "globex");
    CHECK_FALSE(key.public_key.empty());
}
