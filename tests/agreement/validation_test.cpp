#include "core/agreement/result.h"
#include "core/base/error.h"
#include "core/model/approval.h"
#include "tests/support/seats.h"

#include <nlohmann/json.hpp>

using namespace consortium;
using namespace consortium::test;
using agreement::Acceptance;
using base::Digest;
using base::Json;
using Result = Acceptance::Result;

namespace {

struct Fixture {
    model::Epoch start = founding({"a", "b", "c", "d"});
    Digest genesis = model::reference(start).hash;
    Workspace a{"a", start, genesis}, b{"b", start, genesis};
    base::Instant closes = a.now + base::Duration::from_text("P1D");

    model::Draft ballot(Digest const& proposal, std::int64_t revision = 0,
                        std::vector<Digest> const& before = {}) const {
        auto refs = std::vector{proposal};
        refs.insert(refs.end(), before.begin(), before.end());
        return {"ballot", refs, base::JsonValue(model::to_json(model::Ballot{"yes", revision})), false};
    }
    /// An act of `a` whose fields were changed before it was signed with the key of `signer`.
    std::string altered(model::Draft const& draft, std::function<void(model::Act&)> const& change,
                        TestSigner signer = officer_key("a")) const {
        auto const text = a.make(draft, 77);
        auto act = model::act_from_json(base::parse_json(model::envelope_from_text(text).payload));
        change(act);
        return signed_envelope(act, signer, 77);
    }
};

/// The envelope with its signature, or its payload, one bit off.
std::string flipped_signature(std::string const& text) {
    auto envelope = model::envelope_from_text(text);
    envelope.signature[10] ^= 1;
    return model::to_text(envelope);
}

std::string with_payload(std::string const& text, std::string payload) {
    auto envelope = model::envelope_from_text(text);
    envelope.payload = std::move(payload);
    return model::to_text(envelope);
}

}  // namespace

TEST_CASE("an act is accepted once, then it is a duplicate") {
    Fixture f;
    auto const text = f.a.make({"proposal", {}, {}, false}, 1);
    CHECK(f.b.receive(text).result == Result::rejected);  // no body
    auto const p = f.a.propose(upgrade("r-2"), f.closes);
    auto const envelope = f.a.evidence.act(p)->envelope;
    CHECK(f.b.receive(envelope).result == Result::accepted);
    CHECK(f.b.receive(envelope).result == Result::duplicate);
    CHECK(f.b.evidence.all().size() == 1);
}

TEST_CASE("a flipped signature or payload is refused, whatever keyid says") {
    Fixture f;
    auto const p = f.a.propose(upgrade("r-2"), f.closes);
    auto const good = f.a.evidence.act(p)->envelope;
    auto const answer = f.b.receive(flipped_signature(good));
    CHECK(answer.result == Result::rejected);
    CHECK(answer.code == base::Code::verification_failed);
    auto payload = model::envelope_from_text(good).payload;
    payload.replace(payload.find("r-2"), 3, "r-3");
    CHECK(f.b.receive(with_payload(good, payload)).result == Result::rejected);
    CHECK(f.b.receive(with_payload(good, payload + " ")).code == base::Code::malformed);
    CHECK(f.b.receive("not even JSON").result == Result::rejected);
    CHECK(f.b.receive(std::string(model::max_entry + 1, ' ')).result == Result::rejected);
    CHECK(f.b.evidence.all().empty());
    // A hint that names somebody else's key changes nothing: the key is looked up.
    auto hinted = model::envelope_from_text(good);
    hinted.key_id = officer_key("b").id().hex();
    CHECK(f.b.receive(model::to_text(hinted)).result == Result::accepted);
}

TEST_CASE("a stranger, a foreign officer, a wrong role or a wrong kind of key is refused") {
    Fixture f;
    auto const draft =
        model::Draft{"suspend",
                     {},
                     base::JsonValue(Json{{"officer", "b-ada"}, {"key", officer_key("b").id().hex()}}),
                     false};
    auto const refused = [&](std::string const& text) {
        auto const answer = f.b.receive(text);
        return answer.result == Result::rejected && answer.code == base::Code::not_authorized;
    };
    CHECK(refused(f.altered(
        draft, [](model::Act&) {}, TestSigner("stranger"))));
    CHECK(refused(f.altered(draft, [](model::Act& act) { act.member = "zed"; })));
    CHECK(refused(f.altered(draft, [](model::Act& act) { act.officer = "b-ada"; })));
    CHECK(refused(f.altered(draft, [](model::Act& act) { act.officer = ""; })));
    CHECK(refused(f.altered(
        draft, [](model::Act&) {}, seat_key("a"))));
    CHECK(refused(f.altered(
        draft, [](model::Act&) {}, TestSigner("log of a"))));
    CHECK(refused(f.altered({"welcome", {}, base::JsonValue(Json{{"nonce", std::string(32, '0')}}), false},
                            [](model::Act&) {})));
    f.start.officers[0].roles = {"automation"};
    Workspace automated("c", f.start, model::reference(f.start).hash);
    Workspace author("a", f.start, model::reference(f.start).hash);
    CHECK(automated.receive(author.make(f.ballot(Digest{}), 1)).code == base::Code::not_authorized);
}

TEST_CASE("G32 an act for another consortium, or of rehearsal networks elsewhere, is refused") {
    Fixture f;
    auto const p = f.a.propose(upgrade("r-2"), f.closes);
    auto const answer = f.b.receive(
        f.altered(f.ballot(p), [](model::Act& act) { act.genesis = base::sha256("another genesis"); }));
    CHECK(answer.result == Result::rejected);
    CHECK(answer.reason.find("another consortium") != std::string::npos);

    model::Attestation seen{{"payments", "rehearsal", "n-2"}, "release", base::JsonValue(Json::object())};
    auto const attest = [&] {
        return f.b.receive(f.a.make({"attest", {}, base::JsonValue(model::to_json(seen)), false}, 9)).result;
    };
    CHECK(attest() == Result::rejected);  // the network called payments is another one
    seen.network.identity = "n-1";
    CHECK(attest() == Result::accepted);

    auto real = founding({"a", "b", "c", "d"});
    real.rehearsal = false;
    real.networks.clear();
    Workspace serious("a", real, model::reference(real).hash);
    model::Proposal body;
    body.title = "drill";
    body.action = {"network.add",
                   base::JsonValue(Json{{"id", "drill"}, {"kind", "rehearsal"}, {"identity", "n-1"}})};
    body.closes = f.closes;
    body.lapses = f.closes;
    auto const drill =
        serious.receive(serious.make({"proposal", {}, base::JsonValue(model::to_json(body)), false}, 1));
    CHECK(drill.result == Result::rejected);
    CHECK(drill.reason.find("rehearsal") != std::string::npos);
}

TEST_CASE("what refers to something that is not held waits as an orphan until it is") {
    Fixture f;
    auto const p = f.a.propose(upgrade("r-2"), f.closes);
    auto const first = f.a.cast(p, "no");
    auto const second = f.a.cast(p, "yes", 1, {first});
    auto const answer = f.b.receive(f.a.evidence.act(second)->envelope);
    CHECK(answer.result == Result::orphan);
    CHECK(std::set(answer.missing.begin(), answer.missing.end()) == std::set{p, first});
    CHECK(f.b.receive(f.a.evidence.act(first)->envelope).result == Result::orphan);
    CHECK(f.b.evidence.all().empty());
    CHECK(f.b.receive(f.a.evidence.act(p)->envelope).result == Result::accepted);
    CHECK(f.b.orphans() == 0);
    CHECK(f.b.evidence.all().size() == 3);
}

TEST_CASE("an act of an epoch that is not final here is an orphan; of a false epoch refused") {
    Fixture f;
    auto const p = f.a.propose(upgrade("r-2"), f.closes);
    f.b.pull(f.a);
    auto const later = base::sha256("epoch 1");
    auto const ahead = f.b.receive(f.altered(f.ballot(p), [&](model::Act& act) { act.epoch = {1, later}; }));
    CHECK(ahead.result == Result::orphan);
    CHECK(ahead.missing == std::vector{later});
    auto const falsely = f.b.receive(f.altered(f.ballot(p), [&](model::Act& act) {
        act.epoch = {0, later};
    }));
    CHECK(falsely.result == Result::rejected);
}

TEST_CASE("ballots: only electors vote, revisions follow their predecessors") {
    Fixture f;
    auto const p = f.a.propose(upgrade("r-2"), f.closes);
    auto const other = f.a.propose(upgrade("r-3"), f.closes);
    auto const mine = f.a.cast(p, "yes");
    f.b.pull(f.a);
    auto const theirs = f.b.cast(p, "no");
    f.a.pull(f.b);
    auto const rejected = [&](model::Draft const& draft) {
        return f.a.receive(f.a.make(draft, 50)).result == Result::rejected;
    };
    CHECK(rejected(f.ballot(p, 1)));              // names no predecessor
    CHECK(rejected(f.ballot(p, 0, {mine})));      // a first ballot has none
    CHECK(rejected(f.ballot(p, 2, {mine})));      // leaves a revision out
    CHECK(rejected(f.ballot(p, 1, {theirs})));    // somebody else's
    CHECK(rejected(f.ballot(other, 1, {mine})));  // of another proposal
    CHECK_FALSE(rejected(f.ballot(p, 1, {mine})));
}

TEST_CASE("proposals: the charter's window, timelock and decision bind") {
    Fixture f;
    model::Proposal body;
    body.title = "soon";
    body.action = upgrade("r-2");
    body.closes = f.a.now + base::Duration::from_text("PT59M");
    body.lapses = body.closes + base::Duration::from_text("P1D");
    auto const answer = [&] {
        return f.a.receive(f.a.make({"proposal", {}, base::JsonValue(model::to_json(body)), false}, 5));
    };
    CHECK(answer().reason.find("window") != std::string::npos);
    body.closes = f.closes;
    body.lapses = f.closes;
    body.executor = {{1, "zed"}};
    CHECK(answer().reason.find("'zed'") != std::string::npos);
    body.executor = {{1, "b"}};
    CHECK(answer().result == Result::accepted);
    body.action = {"charter.amend", base::JsonValue(Json{{"charter", base::sha256("none").hex()}})};
    CHECK(answer().result == Result::orphan);  // until its file is held
    auto const useless = f.a.evidence.add_file("{\"name\":\"no charter\"}");
    body.action = {"charter.amend", base::JsonValue(Json{{"charter", useless.hex()}})};
    CHECK(answer().result == Result::rejected);
}

TEST_CASE("G34 kinds and protocols of a newer program are kept aside, never counted") {
    Fixture f;
    auto const p = f.a.propose(upgrade("r-2"), f.closes);
    f.b.pull(f.a);
    auto const kind =
        f.b.receive(f.altered(f.ballot(p), [](model::Act& act) { act.kind = "ranked-ballot"; }));
    CHECK(kind.result == Result::quarantined);
    auto const protocol = f.b.receive(f.altered(f.ballot(p), [](model::Act& act) { act.protocol = 2; }));
    CHECK(protocol.result == Result::quarantined);
    CHECK(f.b.evidence.acts({.kind = "ballot"}).empty());

    // An epoch of a newer protocol: this program states, prepares and commits nothing in it.
    auto newer = f.start;
    newer.protocol = 2;
    Workspace old("a", newer, model::reference(newer).hash);
    old.now = f.closes + base::Duration::from_text("P90D");
    auto const next = old.act();
    REQUIRE(std::holds_alternative<agreement::Wait>(next));
    CHECK(std::get<agreement::Wait>(next).words.find("protocol 2") != std::string::npos);
}

TEST_CASE("founders' acts are judged by the genesis document before any epoch is final") {
    Fixture f;
    MemoryEvidence empty;
    TestVerifier verifier;
    model::Draft const draft{"found", {}, base::JsonValue(Json{{"document", f.genesis.hex()}}), false};
    auto const text = f.a.make(draft, 1);
    agreement::Ground const ground{empty, verifier, f.genesis};
    CHECK(agreement::validate(text, ground).result == Result::orphan);
    empty.add_file(model::document(f.start));
    CHECK(agreement::validate(text, ground).result == Result::accepted);
    CHECK(agreement::validate(flipped_signature(text), ground).result == Result::rejected);
    CHECK(agreement::validate(text, {empty, verifier, base::sha256("other")}).result == Result::rejected);
}
