#include "core/flow/audit.h"

#include "core/flow/evidence.h"
#include "core/journal/proof.h"
#include "tests/support/audited.h"
#include "tests/support/code_of.h"
#include "tests/support/crashing.h"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

using namespace consortium;
using base::Json;
using test::Founded;

TEST_CASE("a journal whose acts are signed by keys of their epochs holds") {
    Founded journal;
    for (int nonce = 0; nonce < 300; ++nonce)
        journal.append(signed_envelope(journal.act(), journal.officer, nonce));
    auto const outcome = journal.verify();
    CHECK_FALSE(outcome.status);
    CHECK(outcome.data->at("acts") == 300);
    CHECK(outcome.data->at("events") == 1);
    CHECK(outcome.data->at("damages").empty());
}

TEST_CASE("an act that its key did not sign is named") {
    Founded journal;
    auto envelope = model::envelope_from_text(signed_envelope(journal.act(), journal.officer, 1));
    envelope.signature[9] ^= 1;
    journal.append(model::to_text(envelope));
    CHECK(journal.damage() == "entry 1: the signature of this act does not hold");
}

TEST_CASE("an act by a key that its epoch does not know is named") {
    Founded journal;
    TestSigner stranger("stranger");
    journal.append(signed_envelope(journal.act(), stranger, 1));
    CHECK(journal.damage() == "entry 1: that key is not the one of 'ada' in epoch 0");
}

TEST_CASE("an act that its epoch does not let its signer sign is named, though the signature holds") {
    auto const damage = [](auto const& change) {
        Founded journal;
        auto act = journal.act();
        change(act);
        journal.append(signed_envelope(act, journal.officer, 1));
        return journal.damage();
    };
    CHECK(damage([](model::Act& act) { act.member = "globex"; }) ==
          "entry 1: 'globex' is not a member in epoch 0");
    CHECK(damage([](model::Act& act) { act.officer = "bob"; }) ==
          "entry 1: 'acme' has no officer 'bob' in epoch 0");
    CHECK(damage([](model::Act& act) { act.kind = "ready"; }) ==
          "entry 1: 'ready' is signed by the member's seat, not by an officer");
    CHECK(damage([](model::Act& act) { act.kind = "submit"; }) == "entry 1: it names no invitation");
}

TEST_CASE("an act of an epoch that is not held is named") {
    Founded journal;
    auto act = journal.act();
    act.epoch = {3, base::sha256(std::string_view("elsewhere"))};
    journal.append(signed_envelope(act, journal.officer, 1));
    CHECK(journal.damage() == "entry 1: the epoch 3 that it names is not held");
}

namespace {

/// A journal that grows by an entry whenever somebody has looked how long it is.
struct Growing : test::CrashingStore {
    Growing(port::Store& inner, test::Crash& never) : CrashingStore(inner, never), grown(inner) {}
    port::Head head() const override {
        auto const seen = grown.head();
        grown.write(
            [](port::Transaction& transaction) { transaction.append_checkpoint("globex", "a head"); });
        return seen;
    }
    port::Store& grown;
};

}  // namespace

TEST_CASE("a journal that grows while it is listed hands out no entry twice") {
    Founded journal;
    test::Crash never;
    Growing const growing(journal.store(), never);
    flow::State const state{growing, nullptr, journal.services().clock.now(), journal.self()};
    std::uint64_t from = 0;
    for (int i = 0; i < 3; ++i) {
        auto const outcome =
            flow::audit_log(state, {"audit log", base::JsonValue(Json{{"from", from}, {"limit", 0}})});
        auto const& items = outcome.data->at("items");
        for (auto const& item : items) CHECK(item["index"] == from++);
        CHECK(outcome.data->at("from") == from);
    }
}

TEST_CASE("a proof of an entry that another program's log holds is shown, whatever the entry looks like") {
    TestSigner log("another log");
    journal::NoteKey const key =
        journal::NoteKey::from_spki("log.example.org/1", journal::NoteKeyType::log, log.public_key());
    base::TemporaryFolder const folder;
    for (auto const* leaf : {R"({"commitment":"x"})", R"({"commitment":"x","kind":7})",
                             R"({"payloadType":1})", R"({"checkpoint":[]})", "anything"}) {
        CAPTURE(leaf);
        journal::Proof proof;
        proof.extra = leaf;
        proof.checkpoint = journal::sign_checkpoint({key.name, 1, journal::leaf_hash(proof.extra)}, log);
        auto const path = folder.path() / "proof";
        base::write_file(path, proof.text());
        Json const arguments{{"operand", path.string()}, {"key", {key.vkey()}}};
        auto const outcome =
            flow::audit_verify_file(TestVerifier(), {"audit verify", base::JsonValue(arguments)});
        CHECK(outcome.data->at("size") == 1);
        CHECK_FALSE(outcome.data->contains("entry"));
    }
}

TEST_CASE("an entry is found by its number and by the first digits of an act's id") {
    Founded journal;
    auto const envelope = signed_envelope(journal.act(), journal.officer, 1);
    journal.append(envelope);
    auto const id = model::act_id(model::envelope_from_text(envelope)).hex();
    CHECK(flow::find_entry(journal.store(), "1") == 1);
    CHECK(flow::find_entry(journal.store(), id) == 1);
    CHECK(flow::find_entry(journal.store(), "p-" + id.substr(0, 6)) == 1);
    for (auto const* name : {"2", "p-12", "zebra", "", "p-ffffffffffff"})
        CHECK_THROWS_AS(flow::find_entry(journal.store(), name), base::Error);
}

TEST_CASE("a proof from the journal holds under its log's key") {
    Founded journal;
    for (int nonce = 0; nonce < 20; ++nonce)
        journal.append(signed_envelope(journal.act(), journal.officer, nonce));
    flow::State const state{journal.store(), nullptr, journal.services().clock.now(), journal.self()};
    model::Request const request{"audit prove", base::JsonValue(Json{{"operand", "7"}})};
    auto const text =
        flow::audit_prove(state, {TestVerifier()}, request).data->at("proof").get<std::string>();
    auto const proof = journal::Proof::parse(text);
    auto const key = flow::own_log_key(journal.services());
    CHECK(
        journal::verify_proof(proof, journal.store().entry(7).leaf, {key}, TestVerifier()).checkpoint.size ==
        21);
}
