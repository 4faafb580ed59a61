// What an auditor relies on in the record of a rotation: whose words count, and that each is what it says.

#include "core/flow/audit.h"
#include "core/flow/root_acknowledge.h"
#include "core/flow/root_keys.h"
#include "core/flow/root_record.h"
#include "core/journal/proof.h"
#include "tests/support/other_keyring.h"
#include "tests/support/rotation.h"

#include <doctest/doctest.h>

using namespace consortium;
using base::Json;
using Names = std::vector<std::string>;

namespace {

Json transcript(RotationFixture& fixture) {
    return flow::ceremony_transcript(fixture.state(), fixture.services(), {"1.2.3", base::sha256("program")});
}

int cited(Json const& told, std::string const& why) {
    int count = 0;
    for (auto const& act : told["acts"]) count += act["why"] == why ? 1 : 0;
    return count;
}

/// Prepares the first stage with the new root's key on a token, as the keyring tells it.
void prepare_on_token(RotationFixture& fixture) {
    OtherKeyring keys(fixture.services().keys);
    keys.told = [](port::KeyInfo key) {
        if (key.name == "ca-root-g2")
            key.place =
                "pkcs11:token=ceremony;manufacturer=Acme;serial=0badcafe;id=%01?module-path=/usr/lib/x.so";
        return key;
    };
    auto with = services_with(fixture.services(), {.keys = &keys});
    flow::apply(
        flow::plan_root_prepare(fixture.state(), fixture.with("root prepare", {{"no-passphrase", true}})),
        with, fixture.self());
}

/// Up to where the old root's key waits for its destruction.
void prepare_destruction(RotationFixture& fixture) {
    fixture.agree_on_trust();
    fixture.switch_over();
    fixture.distrust();
    fixture.carry_out(flow::plan_root_prepare(fixture.state(), RotationFixture::plain("root prepare")));
}

void witness(RotationFixture& fixture, std::string const& member, base::Digest const& manifest) {
    fixture.state_as(member, "witnessed", fixture.now().attempt,
                     {{"manifest", manifest.hex()}, {"words", "seen by " + member}});
}

}  // namespace

TEST_CASE("a transcript, a script and root show say where the keys of both roots are kept") {
    RotationFixture fixture;
    fixture.agree_on_plan();
    CHECK(flow::stated_keys(fixture.state(), fixture.now()).empty());
    prepare_on_token(fixture);
    auto const told = transcript(fixture);
    auto const& keys = told["stages"][0]["keys"];
    REQUIRE(keys.size() == 2);
    CHECK(keys[0]["authority"].get<std::string>() == "root-g1");
    CHECK(keys[0]["kept"].get<std::string>() == "file");
    CHECK(keys[0]["token"].is_null());
    CHECK(keys[1]["token"]["serial"].get<std::string>() == "0badcafe");
    CHECK(keys[1]["key"].get<std::string>() == fixture.services().keys.info("ca-root-g2").id.hex());
    CHECK(told.dump().find("x.so") == std::string::npos);
    CHECK(flow::ceremony_script(fixture.state())["keys"] == keys);
    auto const shown = flow::root_show(fixture.state(), fixture.services());
    CHECK(shown.data->at("keys") == keys);
}

TEST_CASE("where keys are kept is what the keeper has stated last, and nobody else") {
    RotationFixture fixture;
    fixture.agree_on_plan();
    prepare_on_token(fixture);
    Json const elsewhere{{{"authority", "root-g2"},
                          {"key", base::sha256("other").hex()},
                          {"algorithm", "p256"},
                          {"kept", "elsewhere"},
                          {"token", nullptr}}};
    fixture.state_as(
        "globex", "prepared", 9,
        {{"stage", "trust"}, {"before", ""}, {"manifest", fixture.digest().hex()}, {"keys", elsewhere}});
    auto kept = flow::stated_keys(fixture.state(), fixture.now());
    REQUIRE(kept.size() == 2);
    CHECK(kept[1].kept == "token");
    fixture.sign();  // by a keyring that has it in a file
    kept = flow::stated_keys(fixture.state(), fixture.now());
    REQUIRE(kept.size() == 2);
    CHECK(kept[1].kept == "file");
    CHECK(transcript(fixture)["stages"][0]["keys"][1]["kept"].get<std::string>() == "file");
}

TEST_CASE("a key that is destroyed is kept nowhere") {
    RotationFixture fixture;
    prepare_destruction(fixture);
    CHECK(flow::stated_keys(fixture.state(), fixture.now()).size() == 2);
    fixture.approve_all();
    witness(fixture, "globex", fixture.digest());
    fixture.carry_out(
        flow::plan_root_destroy(fixture.state(), fixture.services(), RotationFixture::plain("root destroy")));
    auto const kept = flow::stated_keys(fixture.state(), fixture.now());
    REQUIRE(kept.size() == 1);
    CHECK(kept[0].authority == "root-g2");
    auto const told = transcript(fixture);
    CHECK(told["over"].get<bool>());
    CHECK(told["stages"].back()["outcome"].get<std::string>() == "destroyed");
    CHECK(told["stages"].back()["destroys"].get<Names>() == Names{"root-g1"});
}

TEST_CASE("who proposed a rotation is no witness of it, and neither is who saw another manifest") {
    RotationFixture fixture;
    prepare_destruction(fixture);
    witness(fixture, "acme", fixture.digest());
    witness(fixture, "globex", base::sha256("what was prepared before"));
    CHECK(flow::witnesses_of(fixture.state(), fixture.now()).missing == Names{"a witness"});
    CHECK_FALSE(
        flow::plan_root_witness(fixture.state(), RotationFixture::plain("root witness")).verdict.allowed());
    witness(fixture, "initech", fixture.digest());
    auto const seen = flow::witnesses_of(fixture.state(), fixture.now());
    CHECK(seen.officers == Names{"initech-gov"});
    CHECK(seen.missing.empty());
    // All that was said stands in the transcript, with what it was said of.
    auto const record = transcript(fixture);
    CHECK(cited(record, "attests as a witness") == 3);
    auto const& told = record["witnesses"];
    REQUIRE(told.size() == 3);
    CHECK(told[0]["counts"].get<bool>() == false);
    CHECK(told[1]["counts"].get<bool>() == false);
    CHECK(told[1]["manifest"].get<std::string>() == base::sha256("what was prepared before").hex());
    CHECK(told[2]["counts"].get<bool>());
    CHECK(told[2]["words"].get<std::string>() == "seen by initech");
}

TEST_CASE("every note stands in the transcript, with its officer and the stage, and is cited") {
    RotationFixture fixture;
    fixture.agree_on_plan();
    fixture.carry_out(flow::plan_root_note(
        fixture.state(), fixture.with("root note", {{"operand", "the clock was set by radio"}})));
    fixture.prepare();
    fixture.state_as("globex", "noted", 1, {{"stage", "trust"}, {"words", "read aloud twice"}});
    auto const told = transcript(fixture);
    REQUIRE(told["deviations"].size() == 2);
    CHECK(told["deviations"][0]["words"].get<std::string>() == "the clock was set by radio");
    CHECK(told["deviations"][0]["officer"].get<std::string>() == "acme-gov");
    CHECK(told["deviations"][1]["words"].get<std::string>() == "read aloud twice");
    CHECK(told["deviations"][1]["member"].get<std::string>() == "globex");
    CHECK(told["deviations"][1]["stage"].get<std::string>() == "trust");
    CHECK(cited(told, "notes a deviation") == 2);
    auto const note = [&](std::string const& words) {
        return flow::plan_root_note(fixture.state(), fixture.with("root note", {{"operand", words}}))
            .verdict.allowed();
    };
    CHECK(note(std::string(500, 'a')));
    CHECK_FALSE(note(std::string(501, 'a')));
    CHECK_FALSE(note(""));
}

TEST_CASE("each proof that a transcript brings is of the act beside it, under the key that it names") {
    RotationFixture fixture;
    fixture.agree_on_trust();
    auto const told = transcript(fixture);
    auto const key = flow::own_log_key(fixture.services());
    CHECK(told["journal"]["vkey"].get<std::string>() == key.vkey());
    REQUIRE(told["acts"].size() > 10);
    for (auto const& each : told["acts"]) {
        auto const proof = journal::Proof::parse(each["proof"].get<std::string>());
        auto const act = fixture.store().act(base::Digest::from_hex(each["id"].get<std::string>()));
        REQUIRE(act);
        CHECK(proof.index == act->index);
        CHECK(each["index"].get<std::uint64_t>() == act->index);
        CHECK(proof.extra == fixture.store().entry(act->index).leaf);
        CHECK(each["officer"].get<std::string>() == act->act.officer);
    }
}

TEST_CASE("a stage that is prepared anew keeps its own approvals and says what came of it") {
    RotationFixture fixture;
    fixture.agree_on_plan();
    fixture.prepare();
    fixture.approve("globex", fixture.digest());
    fixture.prepare();
    fixture.approve_all();
    auto const stages = transcript(fixture)["stages"];
    REQUIRE(stages.size() == 2);
    CHECK(stages[0]["outcome"].get<std::string>() == "prepared anew");
    CHECK(stages[0]["approvals"].size() == 1);
    CHECK(stages[1]["outcome"].get<std::string>() == "prepared");
    CHECK(stages[1]["approvals"].size() == 3);
    CHECK(stages[1]["attempt"].get<int>() == 2);
    for (auto const& item : stages[0]["items"]) CHECK(item["sha256"].is_null());
}

TEST_CASE("what was voted on is told with its outcome, and nothing is said to be over before it is") {
    RotationFixture fixture;
    fixture.carry_out(flow::plan_root_rotate(fixture.state(), RotationFixture::plain("root rotate")));
    CHECK(transcript(fixture)["decisions"][0]["outcome"].get<std::string>() == "open");
    fixture.decide("root.rotate", "passed");
    auto const told = transcript(fixture);
    REQUIRE(told["decisions"].size() == 1);
    CHECK(told["decisions"][0]["outcome"].get<std::string>() == "passed");
    CHECK(told["decisions"][0]["epoch"].get<std::uint64_t>() == fixture.store().latest()->number);
    CHECK(told["stages"].empty());
    CHECK_FALSE(told["over"].get<bool>());
    CHECK(told["unstamped"]["acts"].get<std::size_t>() == told["acts"].size());
}

TEST_CASE("nobody witnesses before a destruction is prepared, and the roster's own witness must") {
    RotationFixture fixture;
    fixture.carry_out(flow::plan_root_rotate(
        fixture.state(), fixture.with("root rotate", {{"roster", {"witness=globex-gov"}}})));
    fixture.decide("root.rotate", "passed");
    fixture.prepare();
    auto const may_witness = [&] {
        auto theirs = fixture.state();
        theirs.self = {"globex", "globex-gov", fixture.folder(), true};
        return flow::plan_root_witness(theirs, RotationFixture::plain("root witness")).verdict.allowed();
    };
    CHECK_FALSE(may_witness());
    fixture.sign();
    fixture.distribute();
    fixture.acknowledge();
    fixture.switch_over();
    fixture.distrust();
    fixture.carry_out(flow::plan_root_prepare(fixture.state(), RotationFixture::plain("root prepare")));
    witness(fixture, "initech", fixture.digest());
    CHECK(flow::witnesses_of(fixture.state(), fixture.now()).missing == Names{"globex-gov"});
    CHECK(may_witness());
    witness(fixture, "globex", fixture.digest());
    CHECK(flow::witnesses_of(fixture.state(), fixture.now()).missing.empty());
}

TEST_CASE("a node that has once followed is waited for by name, whatever its member says of itself") {
    RotationFixture fixture;
    fixture.agree_on_trust();
    auto const bundle = fixture.in_force();
    Json const node{{"node", "node-1"}, {"state", "acknowledged"}, {"words", "seen"}};
    fixture.state_as("globex", "acknowledged", bundle.version,
                     {{"bundle", base::sha256(model::document(bundle)).hex()}, {"nodes", {node}}});
    fixture.carry_out(flow::plan_root_switch(fixture.state(), RotationFixture::plain("root switch")));
    fixture.sign();
    fixture.distribute();
    fixture.acknowledge();
    auto const gate = flow::trust_gate(fixture.state(), fixture.now(), {});
    CHECK_FALSE(gate.allowed());
    CHECK(gate.missing == Names{"globex/node-1"});
}

TEST_CASE("a key is destroyed neither without a witness nor without approvals") {
    auto const may_destroy = [](RotationFixture& fixture) {
        return flow::plan_root_destroy(fixture.state(), fixture.services(),
                                       RotationFixture::plain("root destroy"))
            .verdict.allowed();
    };
    RotationFixture unseen;
    prepare_destruction(unseen);
    unseen.approve_all();
    CHECK_FALSE(may_destroy(unseen));
    RotationFixture unapproved;
    prepare_destruction(unapproved);
    witness(unapproved, "globex", unapproved.digest());
    CHECK_FALSE(may_destroy(unapproved));
    unapproved.approve_all();
    CHECK(may_destroy(unapproved));
}
