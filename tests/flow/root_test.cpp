#include "core/flow/root.h"

#include "core/base/error.h"
#include "core/flow/trust.h"
#include "tests/support/rotation.h"

#include <algorithm>
#include <doctest/doctest.h>

using namespace consortium;
using base::Json;
using Ruling = model::Verdict::Ruling;

namespace {

std::vector<std::string> names(model::CeremonyManifest const& manifest) {
    std::vector<std::string> out;
    for (auto const& item : manifest.items) out.push_back(item.name);
    return out;
}

}  // namespace

TEST_CASE("a rotation waits for the members' decision, then for its timelock") {
    RotationFixture fixture;
    fixture.carry_out(flow::plan_root_rotate(fixture.state(), RotationFixture::plain("root rotate")));
    auto plan = flow::plan_root_prepare(fixture.state(), RotationFixture::plain("root prepare"));
    CHECK(plan.verdict.ruling == Ruling::pending);
    CHECK(plan.verdict.state.find("voting on p-") == 0);
    plan = flow::plan_root_rotate(fixture.state(), RotationFixture::plain("root rotate"));
    CHECK(plan.verdict.ruling == Ruling::refused);
    fixture.decide("root.rotate", "failed");
    plan = flow::plan_root_prepare(fixture.state(), RotationFixture::plain("root prepare"));
    CHECK(plan.verdict.ruling == Ruling::refused);
}

TEST_CASE("what is prepared is everything that will be signed, and nothing is signed yet") {
    RotationFixture fixture;
    fixture.agree_on_plan();
    auto const result = fixture.prepare();
    auto const manifest = flow::manifest(fixture.store(), fixture.now());
    CHECK(names(manifest) == std::vector<std::string>{"root-g2", "g2-by-g1", "g1-by-g2", "issuing-1",
                                                      "crl-root-g1", "crl-root-g2"});
    CHECK(base::sha256(model::document(manifest)).hex() == result["digest"].get<std::string>());
    CHECK_FALSE(flow::find_authority(fixture.store(), "root-g2"));
    auto const file = base::read_text(fixture.folder() / "out" / "ceremony-g2.json", 1U << 20U);
    CHECK(base::sha256(file) == fixture.digest());
    auto const outcome = flow::root_verify(
        fixture.state(), fixture.services().certifier,
        RotationFixture::request("root verify",
                                 {{"operand", (fixture.folder() / "out" / "ceremony-g2.json").string()}}));
    CHECK(outcome.data->at("digest") == fixture.digest().hex());
    CHECK(outcome.data->at("items")[1]["words"].get<std::string>().find(
              "CN=payments Root G2, O=payments certified by CN=payments Root G1") == 0);
}

TEST_CASE("too few approvals are pending and name who is missing") {
    RotationFixture fixture;
    fixture.agree_on_plan();
    fixture.prepare();
    fixture.approve("globex", fixture.digest());
    fixture.approve("initech", fixture.digest());
    auto const plan = fixture.sign_plan();
    CHECK(plan.verdict.ruling == Ruling::pending);
    CHECK(plan.verdict.state == "2 of 3 approvals");
    CHECK(std::find(plan.verdict.missing.begin(), plan.verdict.missing.end(), "umbrella") !=
          plan.verdict.missing.end());
    CHECK(std::find(plan.verdict.missing.begin(), plan.verdict.missing.end(), "globex") ==
          plan.verdict.missing.end());
}

TEST_CASE("G25 two approvals of one organization are one, and the proposer's does not count") {
    RotationFixture fixture;
    fixture.agree_on_plan();
    fixture.prepare();
    fixture.approve("globex", fixture.digest());
    fixture.approve("globex", fixture.digest());
    fixture.approve("initech", fixture.digest());
    CHECK_FALSE(fixture.sign_plan().verdict.allowed());
    fixture.approve("acme", fixture.digest());
    CHECK_FALSE(fixture.sign_plan().verdict.allowed());
    fixture.approve("umbrella", fixture.digest());
    CHECK(fixture.sign_plan().verdict.allowed());
}

TEST_CASE("G26 an approval of another digest is refused, and so is another digest to sign") {
    RotationFixture fixture;
    fixture.agree_on_plan();
    fixture.prepare();
    fixture.approve("globex", fixture.digest());
    fixture.approve("initech", fixture.digest());
    fixture.approve("umbrella", base::sha256("another manifest"));
    CHECK(fixture.sign_plan().verdict.ruling == Ruling::refused);
    fixture.approve("umbrella", fixture.digest());
    CHECK(fixture.sign_plan().verdict.allowed());
    auto const other = fixture.sign_plan({{"operand", base::sha256("another manifest").hex()}});
    CHECK(other.verdict.ruling == Ruling::refused);
    CHECK(fixture.sign_plan({{"operand", fixture.digest().hex()}}).verdict.allowed());
}

TEST_CASE("G26 the certificates that come out are those whose digests were approved") {
    RotationFixture fixture;
    fixture.agree_on_plan();
    fixture.prepare();
    auto const manifest = flow::manifest(fixture.store(), fixture.now());
    fixture.sign();
    auto const& certifier = fixture.services().certifier;
    for (auto const& item : manifest.items) {
        CAPTURE(item.name);
        if (item.kind == "crl") {
            auto const crl = flow::current_crl(fixture.store(), item.signer);
            CHECK(certifier.describe_crl(*crl).tbs == item.digest);
        } else {
            auto const made = flow::authority(fixture.store(), item.name);
            CHECK(certifier.describe(made.certificates.back().der).tbs == item.digest);
        }
    }
}

TEST_CASE("G21 the new root has a name of its own; the intermediate keeps name, key and identifier") {
    RotationFixture fixture;
    fixture.agree_on_plan();
    fixture.prepare();
    fixture.sign();
    auto const& certifier = fixture.services().certifier;
    auto const old_root = flow::authority(fixture.store(), "root-g1");
    auto const new_root = flow::authority(fixture.store(), "root-g2");
    CHECK(certifier.describe(old_root.certificate()).subject == "CN=payments Root G1, O=payments");
    CHECK(certifier.describe(new_root.certificate()).subject == "CN=payments Root G2, O=payments");
    auto const issuing = flow::authority(fixture.store(), "issuing-1");
    REQUIRE(issuing.certificates.size() == 2);
    auto const before = certifier.describe(issuing.certificates[0].der).content;
    auto const after = certifier.describe(issuing.certificates[1].der).content;
    CHECK(before.subject == after.subject);
    CHECK(before.public_key == after.public_key);
    CHECK(before.subject_key_id == after.subject_key_id);
    CHECK(before.issuer != after.issuer);
    CHECK(issuing.certificate() == issuing.certificates[0].der);
    auto const link = flow::authority(fixture.store(), "g2-by-g1");
    CHECK(link.certificates.front().not_after <= old_root.certificates.front().not_after);
}

TEST_CASE("a leaf verifies under the old root, under the new, and across the link, with revocation") {
    RotationFixture fixture;
    fixture.agree_on_plan();
    fixture.prepare();
    fixture.sign();
    auto const pem = fixture.issue("node1.example")["certificate"].get<std::string>();
    auto const& certifier = fixture.services().certifier;
    auto const der = [&](char const* name, std::size_t which = 0) {
        return flow::authority(fixture.store(), name).certificates.at(which).der;
    };
    model::ChainQuestion question;
    question.certificate = certifier.read_certificates(base::as_bytes(pem)).front();
    question.now = fixture.services().clock.now();
    for (char const* name : {"root-g1", "root-g2", "issuing-1"}) {
        question.crls.push_back(*flow::current_crl(fixture.store(), name));
    }
    auto const holds = [&](std::vector<base::Bytes> intermediates, base::Bytes root) {
        question.intermediates = std::move(intermediates);
        question.roots = {std::move(root)};
        return certifier.verify(question).holds;
    };
    // The issuing authority's list was signed before the rotation and expired meanwhile.
    CHECK_FALSE(holds({der("issuing-1")}, der("root-g1")));
    fixture.carry_out(flow::plan_crl_issue(fixture.state(), RotationFixture::plain("crl issue")));
    question.crls.back() = *flow::current_crl(fixture.store(), "issuing-1");
    CHECK(holds({der("issuing-1")}, der("root-g1")));
    CHECK(holds({der("issuing-1", 1)}, der("root-g2")));
    CHECK_FALSE(holds({der("issuing-1", 1)}, der("root-g1")));
    CHECK(holds({der("issuing-1", 1), der("g2-by-g1")}, der("root-g1")));
    CHECK(holds({der("issuing-1"), der("g1-by-g2")}, der("root-g2")));
}

TEST_CASE("the bundle with both roots binds once an epoch carries it, and only upwards") {
    RotationFixture fixture;
    fixture.agree_on_plan();
    fixture.prepare();
    fixture.sign();
    auto const bundle = *flow::held_bundle(fixture.store());
    CHECK(bundle.version == 2);
    CHECK(bundle.roots.size() == 2);
    CHECK(bundle.links.size() == 2);
    CHECK(bundle.intermediates.size() == 2);
    fixture.carry_out(flow::plan_root_distribute(fixture.state(), fixture.services(),
                                                 RotationFixture::plain("root distribute")));
    CHECK(fixture.now().state == "distributed");
    CHECK(flow::known_trust(fixture.state()).roots.size() == 2);  // none is agreed yet: our own
    fixture.decide("root.trust", "passed", base::JsonValue(model::to_json(bundle)));
    CHECK(flow::known_trust(fixture.state()).roots.size() == 2);
    CHECK(fixture.now().is_at("trust", "agreed"));
    CHECK(flow::root_show(fixture.state(), fixture.services()).data->at("verdict").at("state") ==
          "0 of 4 nodes");
    auto const again = flow::plan_root_distribute(fixture.state(), fixture.services(),
                                                  RotationFixture::plain("root distribute"));
    CHECK(again.verdict.ruling == Ruling::refused);
}

TEST_CASE("a manifest that is not the one approved is not signed even by a plan that says so") {
    RotationFixture fixture;
    fixture.agree_on_plan();
    fixture.prepare();
    for (char const* member : {"globex", "initech", "umbrella"}) fixture.approve(member, fixture.digest());
    auto plan = fixture.sign_plan();
    REQUIRE(plan.verdict.allowed());
    Json detail = *plan.steps[0].detail;
    detail["digest"] = base::sha256("another").hex();
    plan.steps[0].detail = base::JsonValue(detail);
    CHECK_THROWS_AS(fixture.carry_out(plan), base::Error);
    CHECK_FALSE(flow::find_authority(fixture.store(), "root-g2"));
}
