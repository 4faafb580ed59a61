#include "core/flow/node_pin.h"

#include "core/base/error.h"
#include "core/flow/node_trust.h"
#include "core/flow/own_change.h"
#include "tests/support/code_of.h"
#include "tests/support/watched.h"

using namespace consortium;
using base::Code;
using base::Json;

namespace {

model::Plan pin(Watched& fixture, Json arguments) {
    if (!arguments.contains("operand")) arguments["operand"] = "n1";
    return flow::plan_node_pin(fixture.state(), fixture.services(),
                               RotationFixture::request("node pin", std::move(arguments)));
}

model::Plan unpin(Watched& fixture, std::string const& node) {
    return flow::plan_node_unpin(fixture.state(),
                                 RotationFixture::request("node unpin", {{"operand", node}}));
}

Json body(model::Plan const& plan) {
    REQUIRE(plan.verdict.allowed());
    return plan.steps.at(0).detail->at("body");
}

std::string key_of(Watched& fixture) {
    return base::sha256(fixture.services().certifier.describe(fixture.leaf()).content.public_key).hex();
}

/// What waits is enacted.
void settle(Watched& fixture) {
    auto epoch = flow::with_own_changes(fixture.state());
    epoch.previous = model::reference(*fixture.store().latest()).hash;
    fixture.final(std::move(epoch));
}

}  // namespace

TEST_CASE("a member pins where its node is, with the key that it presents") {
    Watched fixture;
    fixture.present("root-g1");
    auto const plan = pin(fixture, {{"probe", true}});
    CHECK(body(plan) == Json{{"kind", "endpoint.pin"},
                             {"subject", "n1"},
                             {"url", "https://n1.example:8545"},
                             {"pin", key_of(fixture)}});
    CHECK(plan.steps[0].summary.find(key_of(fixture)) != std::string::npos);
    fixture.carry_out(plan);
    settle(fixture);
    auto const expected = Json{{"url", "https://n1.example:8545"}, {"pin", key_of(fixture)}};
    CHECK(fixture.store().latest()->endpoints->at("acme").at("n1") == expected);
    CHECK(flow::known_endpoints(fixture.state()).at("acme").at("n1") == expected);
    CHECK_FALSE(pin(fixture, {{"probe", true}}).verdict.allowed());
    fixture.carry_out(unpin(fixture, "n1"));
    settle(fixture);
    CHECK(fixture.store().latest()->endpoints->is_null());
    CHECK(code_of([&] { (void)unpin(fixture, "n1"); }) == Code::not_found);
}

TEST_CASE("what was compared before is what must be presented") {
    Watched fixture;
    fixture.present("root-g1");
    CHECK(body(pin(fixture, {{"probe", true}, {"pin", key_of(fixture)}}))["pin"] == key_of(fixture));
    CHECK(code_of([&] {
              (void)pin(fixture, {{"probe", true}, {"pin", std::string(64, 'a')}});
          }) == Code::verification_failed);
    CHECK(body(pin(fixture, {{"pin", std::string(64, 'a')}}))["pin"] == std::string(64, 'a'));
    CHECK(body(pin(fixture, Json::object()))["pin"] == "");
}

TEST_CASE("a server that shows nothing, or no certificate, pins nothing") {
    Watched fixture;
    CHECK(code_of([&] { (void)pin(fixture, {{"probe", true}}); }) == Code::unavailable);
    fixture.probe.shown["n1.example:8545"] = FakeProbe::presenting({base::from_hex("3003020101")});
    CHECK(code_of([&] { (void)pin(fixture, {{"probe", true}}); }) == Code::verification_failed);
    fixture.services().probe = nullptr;
    CHECK(code_of([&] { (void)pin(fixture, {{"probe", true}}); }) == Code::unavailable);
}

TEST_CASE("what everybody reads holds a place and nothing else") {
    Watched fixture;
    for (char const* url : {"https://user:secret@n1.example", "https://n1.example/?token=secret",
                            "https://n1.example/#x", "nonsense", "https://n1.example/a\nb"}) {
        CAPTURE(url);
        CHECK(code_of([&] { (void)pin(fixture, {{"url", url}}); }) == Code::malformed);
    }
    CHECK(code_of([&] {
              (void)pin(fixture, {{"url", "https://n1.example/" + std::string(500, 'x')}});
          }) == Code::malformed);
    CHECK(code_of([&] { (void)pin(fixture, {{"url", "http://n1.example"}}); }) == Code::unsupported);
    fixture.add_node("g1", "https://g1.example:8545", "globex");
    CHECK(code_of([&] { (void)pin(fixture, {{"operand", "g1"}}); }) == Code::usage);
    CHECK(code_of([&] { (void)pin(fixture, {{"operand", "n9"}}); }) == Code::usage);
}

TEST_CASE("another key than the one that is pinned is seen by 'node trust'") {
    Watched fixture;
    fixture.present("root-g1");
    fixture.carry_out(pin(fixture, {{"pin", std::string(64, 'a')}}));
    settle(fixture);
    fixture.agree_on_trust();
    auto const outcome = flow::node_trust(fixture.state(), fixture.services(),
                                          RotationFixture::request("node trust", {{"within", "PT5S"}}));
    CHECK(outcome.data->at("items").at(0).at("pin_holds") == false);
    CHECK(outcome.status == Code::verification_failed);
}
