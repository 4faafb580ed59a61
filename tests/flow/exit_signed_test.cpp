// An exit report by an officer whose key an ssh-agent has.

#include "core/crypto/verifier.h"
#include "core/flow/exit.h"
#include "core/flow/exit_report.h"
#include "core/render/html.h"
#include "tests/support/code_of.h"
#include "tests/support/data_folder.h"
#include "tests/support/membership.h"
#include "tests/support/other_keyring.h"
#include "tests/support/services.h"
#include "tests/support/ssh.h"

#include <doctest/doctest.h>

using namespace consortium;

namespace {

/// Delta-ports has given notice; the officer of alpha-bank, who reports, has a key of SSH.
class SignedExitFixture : public MembershipFixture {
public:
    SignedExitFixture() {
        services().renderer = [](std::string_view) -> port::Renderer& { return render::html_renderer(); };
        services().report_template = [](std::string_view name) {
            return base::read_text(
                consortium::test::data_folder() + "/../../templates/report/" + std::string(name), 1u << 20);
        };
        epoch.keys.push_back(
            {key.id(), "ssh", key.public_key(), "alpha-bank", "alpha-bank-gov", "active", "", 0});
        std::sort(epoch.keys.begin(), epoch.keys.end(),
                  [](auto const& left, auto const& right) { return left.id < right.id; });
        epoch.officers.front().key = key.id();
        epoch.previous = model::reference(epoch).hash;
        epoch.number = 1;
        finalize();
        apply(flow::plan_exit_open(state("delta-ports"), request("exit open", {{"reason", "voluntary"}})),
              "delta-ports");
    }

    void report(OtherKeyring& keys) {
        auto with = services_with(services(), {.keys = &keys});
        auto const arguments = base::Json{{"operand", "delta-ports"}, {"out", (folder() / "exit").string()}};
        flow::apply(flow::plan_exit_report(state(), request("exit report", arguments)), with,
                    as("alpha-bank"));
    }

    SshSigner key;
};

}  // namespace

TEST_CASE("an exit report by a key of SSH says that it is signed so, and verifies so only") {
    SignedExitFixture fixture;
    OtherKeyring keys(fixture.services().keys);
    keys.elsewhere[fixture.key.id()] = [] { return std::make_shared<SshSigner>(); };
    fixture.report(keys);
    auto text = base::read_text(fixture.folder() / "exit" / "report.dsse.json", 1u << 20);
    text.pop_back();  // the end of the line
    auto const envelope = model::envelope_from_text(text, flow::exit_report_type);
    CHECK(envelope.scheme == "sshsig");
    CHECK(envelope.key_id == fixture.key.id().hex());
    auto const holds = [&](char const* scheme, std::string const& signed_bytes) {
        return crypto::verifier().verify(scheme, fixture.key.public_key(), base::as_bytes(signed_bytes),
                                         envelope.signature);
    };
    auto const signed_bytes = model::pre_authentication(envelope);
    CHECK(holds("sshsig", signed_bytes));
    CHECK_FALSE(holds("sshsig", signed_bytes + " "));
    CHECK_FALSE(holds("raw", signed_bytes));
    CHECK(base::read_text(fixture.folder() / "exit" / "report.json", 1u << 20) == envelope.payload);
}

TEST_CASE("an exit report by an agent that is not there begins nothing, and writes nothing") {
    SignedExitFixture fixture;
    OtherKeyring keys(fixture.services().keys);
    keys.elsewhere[fixture.key.id()] = []() -> OtherKeyring::Signer {
        throw base::Error(base::Code::unavailable, "no agent");
    };
    auto const before = fixture.store().head().size;
    CHECK(code_of([&] { fixture.report(keys); }) == base::Code::unavailable);
    CHECK(fixture.store().head().size == before);
    CHECK_FALSE(base::exists(fixture.folder() / "exit"));
}
