#include "core/flow/root_transcript.h"

#include "core/base/error.h"
#include "core/base/file.h"
#include "core/crypto/cms.h"
#include "core/render/html.h"
#include "tests/support/code_of.h"
#include "tests/support/data_folder.h"
#include "tests/support/error_of.h"
#include "tests/support/rotation.h"

#include <doctest/doctest.h>

using namespace consortium;
using base::Code;
using base::Json;

namespace {

/// A rotation that has begun, and what a transcript of it is written with.
class TranscriptFixture : public RotationFixture {
public:
    TranscriptFixture() {
        services().cms = &crypto::cms();
        services().renderer = [](std::string_view) -> port::Renderer& { return render::html_renderer(); };
        services().report_template = [](std::string_view name) {
            return base::read_text(
                base::Path(consortium::test::data_folder()) / "../../templates/report" / std::string(name),
                1u << 20);
        };
        agree_on_plan();
    }

    /// The serial of a certificate whose key is here.
    std::string certify(Json arguments = Json::object()) {
        if (!arguments.contains("operand")) arguments["operand"] = "evidence@example.org";
        if (!arguments.contains("profile")) arguments["profile"] = "officer";
        return carry_out(issue_plan(std::move(arguments)))["results"][0]["serial"].get<std::string>();
    }
    base::Bytes certificate(std::string const& serial) {
        return flow::der_of(flow::certificate_object(store(), serial));
    }
    base::Path save(std::vector<base::Bytes> const& certificates) {
        std::string text;
        for (auto const& each : certificates) text += services().certifier.pem("CERTIFICATE", each);
        base::write_file(folder() / "given.pem", text);
        return folder() / "given.pem";
    }

    model::Plan plan(Json arguments = Json::object()) {
        arguments["to"] = target().string();
        return flow::plan_root_transcript(state(), services(), {"1.2.3", base::sha256("program")},
                                          request("root transcript", std::move(arguments)));
    }
    Json write(Json arguments = Json::object()) {
        return carry_out(plan(std::move(arguments)))["results"][0];
    }
    base::Error refusal(std::string const& named) {
        return error_of([&] { (void)plan({{"cms", named}}); });
    }

    base::Path target() { return folder() / "transcript"; }
    base::Bytes read(std::string const& name) { return base::read_file(target() / name, 1u << 22); }
    base::Bytes root() { return flow::authority(store(), "root-g1").certificate(); }
    port::CmsFacts verified(base::Bytes const& content) {
        return crypto::cms().verify(content, read("transcript.p7s"), {root()}, services().clock.now());
    }
};

}  // namespace

TEST_CASE("a transcript is signed in CMS by a certificate of the workspace, its issuers carried along") {
    TranscriptFixture fixture;
    auto const serial = fixture.certify();
    auto const made = fixture.write({{"cms", serial}});
    CHECK(made["files"].size() == 4);
    CHECK(made["cms"].get<std::string>().find("evidence@example.org") != std::string::npos);
    auto content = fixture.read("transcript.json");
    auto const facts = fixture.verified(content);
    CHECK(facts.certificate == fixture.certificate(serial));
    CHECK(facts.signing_time == fixture.services().clock.now());
    content[content.size() / 2] ^= 1U;
    CHECK(code_of([&] { (void)fixture.verified(content); }) == Code::verification_failed);
    auto const page = fixture.read("transcript.html");
    CHECK(base::as_text(page).find("openssl cms -verify") != std::string_view::npos);
}

TEST_CASE("a transcript without a signature in CMS leaves none of an earlier one behind") {
    TranscriptFixture fixture;
    fixture.write({{"cms", fixture.certify()}});
    REQUIRE(base::exists(fixture.target() / "transcript.p7s"));
    CHECK(fixture.write()["files"].size() == 3);
    CHECK_FALSE(base::exists(fixture.target() / "transcript.p7s"));
    CHECK(base::exists(fixture.target() / "transcript.dsse.json"));
    auto const page = fixture.read("transcript.html");
    CHECK(base::as_text(page).find("openssl cms -verify") == std::string_view::npos);
}

TEST_CASE("a certificate is named by its file, too, and those of its issuers that are known here go along") {
    TranscriptFixture fixture;
    auto const certificate = fixture.certificate(fixture.certify());
    auto const file = fixture.save({certificate}).string();
    CHECK(fixture.plan({{"cms", file}}).warnings.empty());
    fixture.write({{"cms", file}});
    CHECK(fixture.verified(fixture.read("transcript.json")).certificate == certificate);
}

TEST_CASE("what cannot sign a transcript in CMS is refused before anything is written") {
    TranscriptFixture fixture;
    auto const edwards =
        fixture.refusal(fixture.certify({{"operand", "edwards@example.org"}, {"type", "ed25519"}}));
    CHECK(edwards.code() == Code::unsupported);
    CHECK(edwards.hint().find("consortium cert issue") != std::string::npos);
    CHECK(fixture.refusal("0123456789abcdef0123456789abcdef").code() == Code::not_found);
    CHECK(fixture.refusal("./nowhere.pem").code() == Code::not_found);
    auto const issuing = flow::authority(fixture.store(), "issuing-1").certificate();
    CHECK(fixture.refusal(fixture.save({issuing}).string()).code() == Code::refused);
    auto const revoked = fixture.certify({{"operand", "former@example.org"}});
    fixture.revoke(revoked);
    CHECK(fixture.refusal(revoked).message().find("revoked") != std::string::npos);
    CHECK(fixture.refusal(fixture.save({fixture.certificate(revoked)}).string()).code() == Code::refused);
    auto const serial = fixture.certify();
    auto const key = fixture.services().keys.find(
        base::sha256(fixture.services().certifier.describe(fixture.certificate(serial)).content.public_key)
            .hex());
    fixture.services().keys.destroy(key->name);
    auto const absent = fixture.refusal(serial);
    CHECK(absent.code() == Code::not_authorized);
    CHECK(absent.hint().find("consortium key import") != std::string::npos);
    auto const late = fixture.certify({{"operand", "late@example.org"}});
    auto const now = fixture.clock().now();
    fixture.clock().set(base::Instant::from_text("2020-01-01T00:00:00Z"));
    CHECK(fixture.refusal(late).message().find("begins") != std::string::npos);
    fixture.clock().set(now);
    fixture.clock().advance(base::Duration{3 * 365 * 86'400});
    CHECK(fixture.refusal(late).message().find("ended") != std::string::npos);
    fixture.services().cms = nullptr;
    CHECK(fixture.refusal(late).code() == Code::unsupported);
    CHECK_FALSE(base::exists(fixture.target()));
}
