#include "core/flow/root_sight.h"

#include "core/base/error.h"
#include "core/driver/guide.h"
#include "core/flow/root_acknowledge.h"
#include "core/flow/root_soak.h"
#include "tests/support/code_of.h"
#include "tests/support/watched.h"

using namespace consortium;
using base::Json;
using Ruling = model::Verdict::Ruling;

namespace {

model::Plan acknowledge(Watched& fixture, Json arguments = {{"operand", "n1"}}) {
    return flow::plan_root_acknowledge(fixture.state(), fixture.services(),
                                       RotationFixture::request("root ack", std::move(arguments)));
}

std::string why_not(Watched& fixture) {
    auto const plan = acknowledge(fixture);
    CHECK(plan.verdict.ruling == Ruling::refused);
    for (auto const& rule : plan.verdict.rules)
        if (!rule.holds) return rule.words;
    return {};
}

/// What the statement says of n1, as it would be signed.
std::string stated(model::Plan const& plan) {
    REQUIRE(plan.verdict.allowed());
    return plan.steps.at(0).detail->at("body").at("facts").at("nodes").at(0).at("words").get<std::string>();
}

Json soak(Watched& fixture) {
    auto const outcome = flow::root_soak(fixture.state(), fixture.services(), driver::node_guide(),
                                         RotationFixture::plain("root soak"));
    Json out = *outcome.data;
    out["warnings"] = outcome.warnings;
    return out;
}

bool has(std::string const& text, std::string const& part) {
    return text.find(part) != std::string::npos;
}

/// Members have agreed on both roots; nobody has said yet that nodes follow.
void reach_trust(Watched& fixture) {
    fixture.agree_on_plan();
    fixture.prepare();
    fixture.sign();
    fixture.distribute();
}

void follow(Watched& fixture) {
    fixture.acknowledge();
    fixture.state_as("acme", "acknowledged", fixture.in_force().version,
                     {{"bundle", base::sha256(model::document(fixture.in_force())).hex()},
                      {"nodes", {{{"node", "n1"}, {"state", "acknowledged"}, {"words", "seen"}}}}});
}

void reach_switch(Watched& fixture) {
    reach_trust(fixture);
    follow(fixture);
    fixture.carry_out(flow::plan_root_switch(fixture.state(), RotationFixture::plain("root switch")));
    fixture.sign();
    fixture.distribute();
}

void reach_distrust(Watched& fixture) {
    reach_switch(fixture);
    follow(fixture);
    fixture.carry_out(flow::plan_root_distrust(fixture.state(), RotationFixture::plain("root distrust")));
    fixture.sign();
    fixture.distribute();
}

}  // namespace

TEST_CASE("what was seen from outside stands in the statement, beside the officer's own words") {
    Watched fixture;
    reach_trust(fixture);
    fixture.present("root-g1");
    auto words = stated(acknowledge(fixture, {{"operand", "n1"}, {"within", "PT3S"}}));
    CHECK(words == "stated by its owner; seen at n1.example:8545: certificate " +
                       base::sha256(fixture.leaf()).brief() + ", trusted by who has root-g1 alone, both");
    CHECK(fixture.probe.waited == base::Duration{3});
    fixture.present("root-g2", "g2-by-g1", {"root-g1", "root-g2"});
    words = stated(acknowledge(fixture, {{"operand", "n1"}, {"note", "in person"}}));
    CHECK(has(words, "in person; seen at"));
    CHECK(has(words, "root-g1 alone, root-g2 alone, both; takes clients of root-g1, root-g2"));
}

TEST_CASE("where nothing can be seen nothing is in the way, and the statement says that nobody looked") {
    Watched fixture;
    reach_trust(fixture);
    CHECK(stated(acknowledge(fixture)) ==
          "stated by its owner; not seen at n1.example:8545: nobody listens there");
    CHECK(has(stated(acknowledge(fixture, {{"operand", "n9"}})), "not looked at: no endpoint is known"));
    auto const asked = fixture.probe.asked;
    CHECK(stated(acknowledge(fixture, {{"operand", "n1"}, {"waive", "switched off"}})) == "switched off");
    CHECK(fixture.probe.asked == asked);
    fixture.services().probe = nullptr;
    CHECK(has(stated(acknowledge(fixture)), "not looked at: there is no network here"));
    CHECK(soak(fixture)["unseen"].size() == 1);
}

TEST_CASE("other members' nodes are not looked at when one states for one's own") {
    Watched fixture;
    fixture.add_node("g1", "https://g1.example:8545", "globex");
    reach_trust(fixture);
    (void)acknowledge(fixture, Json::object());
    CHECK(fixture.probe.asked == 1);
    (void)soak(fixture);
    CHECK(fixture.probe.asked == 3);
}

TEST_CASE("G21 after the switch a chain that the old root alone certifies is in the way, but for a reason") {
    Watched fixture;
    reach_switch(fixture);
    fixture.present("root-g1");
    CHECK(why_not(fixture) ==
          "n1 presents a chain that root-g1 alone certifies; if that is right, say why with --note");
    auto const words =
        stated(acknowledge(fixture, {{"operand", "n1"}, {"note", "the proxy follows on Monday"}}));
    CHECK(
        has(words, "the proxy follows on Monday; it presents a chain that root-g1 alone certifies; seen at"));
    auto const found = soak(fixture);
    CHECK(found["items"].back()["kind"] == "endpoint");
    CHECK(found["items"].back()["name"] == "acme/n1");
    fixture.present("root-g2", "g2-by-g1");
    CHECK(acknowledge(fixture).verdict.allowed());
    follow(fixture);
    CHECK(soak(fixture)["items"].empty());
    // Of another authority altogether: it depends on neither root.
    fixture.probe.shown["n1.example:8545"].chain.resize(1);
    CHECK(has(stated(acknowledge(fixture)), "trusted by who has neither root"));
}

TEST_CASE("a server that says whose clients it takes tells which roots it trusts") {
    Watched fixture;
    reach_trust(fixture);
    fixture.present("root-g1", {}, {"root-g1"});
    CHECK(has(why_not(fixture), "takes no clients of root-g2"));
    fixture.present("root-g1", {}, {"root-g1", "root-g2"});
    CHECK(acknowledge(fixture).verdict.allowed());
    fixture.present("root-g1", {}, {"issuing-1"});  // says nothing of roots
    CHECK(acknowledge(fixture).verdict.allowed());
}

TEST_CASE("once the old root is distrusted, who still takes its clients has not followed") {
    Watched fixture;
    reach_distrust(fixture);
    fixture.present("root-g2", {}, {"root-g1", "root-g2"});
    CHECK(has(why_not(fixture), "still takes clients of root-g1"));
    CHECK(soak(fixture)["items"].back()["words"] == "still takes clients of root-g1");
    fixture.present("root-g1");  // the old root is in no bundle any more, and found all the same
    CHECK(has(why_not(fixture), "presents a chain that root-g1 alone certifies"));
    fixture.present("root-g2", {}, {"root-g2"});
    CHECK(acknowledge(fixture).verdict.allowed());
}

TEST_CASE("a note leaves room for what was seen, and many nodes fit into one statement") {
    Watched fixture;
    reach_trust(fixture);
    CHECK(code_of([&] {
              (void)acknowledge(fixture, {{"note", std::string(161, 'x')}});
          }) == base::Code::usage);
    CHECK(code_of([&] {
              (void)acknowledge(fixture, {{"waive", std::string(501, 'x')}});
          }) == base::Code::usage);
    fixture.add_node("n2", "https://" + std::string(250, 'h') + ":8545", "acme");
    auto const words = stated(acknowledge(fixture, {{"operand", "n2"}, {"note", std::string(160, 'x')}}));
    CHECK(words.size() < 500);
    CHECK(has(words, "hhh...:8545"));
    CHECK(flow::shortened("a\xc3\xa9\xc3\xa9", 4) == "a...");
    CHECK(flow::shortened("a\nb", 10).find('\n') == std::string::npos);
}
