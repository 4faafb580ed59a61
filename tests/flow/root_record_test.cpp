#include "core/flow/root_record.h"

#include "core/flow/root.h"
#include "core/journal/proof.h"
#include "tests/support/rotation.h"

#include <doctest/doctest.h>

using namespace consortium;
using base::Json;

namespace {

Json transcript(RotationFixture& fixture) {
    return flow::ceremony_transcript(fixture.state(), fixture.services(), {"1.2.3", base::sha256("program")});
}

}  // namespace

TEST_CASE("a transcript tells each stage with its approvals, its decision and what came out") {
    RotationFixture fixture;
    fixture.agree_on_trust();
    fixture.carry_out(flow::plan_root_switch(fixture.state(), RotationFixture::plain("root switch")));
    fixture.carry_out(flow::plan_root_rollback(
        fixture.state(), fixture.with("root rollback", {{"reason", "a node does not start"}})));
    fixture.state_as("globex", "noted", 2, {{"stage", "trust"}, {"words", "the spare token was used"}});
    auto const told = transcript(fixture);
    REQUIRE(told["stages"].size() == 2);
    auto const& trust = told["stages"][0];
    CHECK(trust["stage"].get<std::string>() == "trust");
    CHECK(trust["outcome"].get<std::string>() == "signed");
    CHECK(trust["approvals"].size() == 3);
    CHECK(trust["decisions"][0]["outcome"].get<std::string>() == "passed");
    for (auto const& item : trust["items"]) CHECK(item["sha256"].is_string());
    auto const root = flow::authority(fixture.store(), "root-g2").certificate();
    CHECK(trust["items"][0]["sha256"].get<std::string>() == base::sha256(root).hex());
    CHECK(told["stages"][1]["outcome"].get<std::string>() == "given up");
    CHECK(told["stages"][1]["reason"].get<std::string>() == "a node does not start");
    CHECK(told["acknowledgements"].size() == 4);
    CHECK(told["deviations"][0]["words"].get<std::string>() == "the spare token was used");
    CHECK(told["software"]["version"].get<std::string>() == "1.2.3");
    CHECK_FALSE(told["over"].get<bool>());
}

TEST_CASE("every act that a transcript cites is proven to be in the journal") {
    RotationFixture fixture;
    fixture.agree_on_trust();
    auto const told = transcript(fixture);
    auto const root = base::Digest::from_hex(told["journal"]["root"].get<std::string>());
    auto const size = told["journal"]["size"].get<std::uint64_t>();
    std::map<std::string, int> kinds;
    for (auto const& act : told["acts"]) {
        ++kinds[act["kind"].get<std::string>()];
        auto const proof = journal::Proof::parse(act["proof"].get<std::string>());
        CHECK(journal::verify_inclusion(proof.index, size, journal::leaf_hash(proof.extra), proof.hashes,
                                        root));
    }
    CHECK(kinds["approval"] == 3);
    CHECK(kinds["proposal"] == 2);
    CHECK(kinds["ceremony"] == 6);
}

TEST_CASE(
    "a script has the digest to read aloud once something is prepared, and other steps in an emergency") {
    RotationFixture fixture;
    fixture.agree_on_plan();
    CHECK(flow::ceremony_script(fixture.state())["prepared"].is_null());
    fixture.prepare();
    auto const script = flow::ceremony_script(fixture.state());
    CHECK(script["prepared"]["digest"].get<std::string>() == fixture.digest().hex());
    CHECK(script["prepared"]["items"].size() == 6);
    CHECK(script["steps"].size() > 15);

    RotationFixture other;
    other.carry_out(flow::plan_root_rotate(
        other.state(), other.with("root rotate", {{"emergency", true}, {"reason", "stolen"}})));
    CHECK(flow::ceremony_script(other.state())["steps"].size() < script["steps"].size());
}
