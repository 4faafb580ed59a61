#include "core/agreement/candidate.h"
#include "core/agreement/equivocation.h"
#include "core/agreement/result.h"
#include "core/agreement/round.h"
#include "core/base/error.h"
#include "core/model/own_change.h"
#include "tests/support/code_of.h"
#include "tests/support/seats.h"

#include <nlohmann/json.hpp>

using namespace consortium;
using namespace consortium::test;
using base::Digest;
using base::Json;
using Result = agreement::Acceptance::Result;

namespace {

/// Four seats in epoch 0, one proposal that all voted for, closed; a leads... whoever (0+1+0) mod 4 is: b.
struct Decision {
    explicit Decision(model::Epoch begin = founding({"a", "b", "c", "d"})) : start(std::move(begin)) {}
    model::Epoch start;
    Digest genesis = model::reference(start).hash;
    Workspace a{"a", start, genesis}, b{"b", start, genesis}, c{"c", start, genesis}, d{"d", start, genesis};
    base::Instant closes = a.now + base::Duration::from_text("P1D");
    Digest proposal;

    std::vector<Workspace*> all() { return {&a, &b, &c, &d}; }
    void exchange() {
        for (int twice = 0; twice < 2; ++twice)
            for (auto* from : all())
                for (auto* to : all()) to->pull(*from);
    }
    void clock(base::Instant now) {
        for (auto* one : all()) one->now = now;
    }
    void vote(model::Action action, std::vector<std::string> const& choices) {
        proposal = a.propose(std::move(action), closes);
        exchange();
        for (std::size_t i = 0; i < choices.size(); ++i)
            if (!choices[i].empty()) all()[i]->cast(proposal, choices[i]);
        exchange();
    }
    void state() {
        clock(closes);
        for (auto* one : all()) one->step();
        exchange();
    }
    void finish() {
        clock(closes + base::Duration::from_text("PT1H"));
        for (int round = 0; round < 5; ++round) {
            for (auto* one : all()) one->step();
            exchange();
        }
    }
    model::Result result() { return a.evidence.latest()->results.at(0); }
};

/// Holds no signature for good.
struct Refusing : port::Verifier {
    bool verify(std::string_view, base::BytesView, base::BytesView, base::BytesView) const override {
        return false;
    }
};

/// A choice for a document that nobody offered, signed by a member's seat.
model::Draft rival(std::string kind, Digest const& document, std::vector<Digest> refs = {}) {
    return {std::move(kind), std::move(refs), base::JsonValue(model::to_json(model::Choice{0, document})),
            true};
}

std::size_t count(Workspace const& workspace, std::string const& kind, std::string const& member) {
    return workspace.evidence.acts({.kind = kind, .member = member}).size();
}

}  // namespace

TEST_CASE("of a leader's candidates four are looked at, and a quorum for another is followed") {
    Decision e;
    e.vote(upgrade("r-2"), {"yes", "yes", "yes", "no"});
    e.state();
    e.clock(e.closes + base::Duration::from_text("PT1H"));
    auto const c0 = e.b.signs("candidate");
    auto const choice = model::candidate_from_json(*e.b.evidence.act(c0)->act.body).choice;
    auto forged = model::epoch_from_document(*e.b.evidence.file(choice.document));
    forged.results[0].outcome = "void";
    for (int i = 0; i < 5; ++i) {
        forged.results[0].reason = std::to_string(i);
        model::Candidate const candidate{{0, e.c.evidence.add_file(model::document(forged))}, {}};
        model::Draft const draft{"candidate", {}, base::JsonValue(model::to_json(candidate)), true};
        CHECK(e.c.receive(e.b.make(draft, 900 + static_cast<std::uint64_t>(i))).result == Result::accepted);
    }
    e.exchange();
    CHECK(e.c.evidence.acts({.kind = "candidate"}).size() == 6);
    CHECK(agreement::Round(e.c.evidence, e.start).candidates().size() == 4);
    CHECK(agreement::Round(e.a.evidence, e.start).candidates().front().id == c0);

    e.c.step();
    CHECK(count(e.c, "prepare", "c") == 0);
    for (auto* one : {&e.a, &e.b, &e.d}) one->signs("prepare");
    e.exchange();
    e.c.step();
    CHECK(count(e.c, "commit", "c") == 1);
    e.finish();
    CHECK(e.c.evidence.latest()->number == 1);
    CHECK(e.result().outcome == "passed");
}

TEST_CASE("a leader does not offer an epoch whose document nobody could read") {
    auto start = founding({"a", "b", "c", "d"});
    start.networks = {{"z", "rehearsal", "n-1"}, {"a", "rehearsal", "n-2"}};  // not in order
    Decision e(start);
    e.vote(upgrade("r-2"), {"yes", "yes", "yes", "no"});
    e.state();
    e.clock(e.closes + base::Duration::from_text("PT1H"));
    auto const next = e.b.act();
    auto const* wait = std::get_if<agreement::Wait>(&next);
    REQUIRE(wait != nullptr);
    CHECK(wait->needs_person);
    CHECK(wait->words.find("epoch 1 is not offered") == 0);
    CHECK(wait->until);
    e.b.now = *wait->until;
    e.b.signs("skip");
    CHECK(count(e.b, "candidate", "b") == 0);
}

TEST_CASE("a seat that is asked to commit twice commits once") {
    Decision e;
    e.vote(upgrade("r-2"), {"yes", "yes", "yes", "no"});
    e.state();
    e.clock(e.closes + base::Duration::from_text("PT1H"));
    CHECK(agreement::leader(e.start, 0) == "b");
    auto const c0 = e.b.signs("candidate");
    auto const document = model::candidate_from_json(*e.b.evidence.act(c0)->act.body).choice.document;
    e.exchange();
    for (auto* one : e.all()) one->signs("prepare");
    e.exchange();
    e.c.signs("commit");

    // A leader and three seats that lie offer and prepare another document; c has spoken and stays silent.
    auto forged = model::epoch_from_document(*e.c.evidence.file(document));
    forged.results[0].outcome = "failed";
    auto const rival_document = e.c.evidence.add_file(model::document(forged));
    model::Candidate const candidate{{0, rival_document}, {}};
    auto const lie = [&](Workspace& liar, model::Draft const& draft) {
        auto const answer = e.c.receive(liar.make(draft, 900));
        INFO(answer.reason);
        CHECK(answer.result == Result::accepted);
    };
    lie(e.b, {"candidate", {}, base::JsonValue(model::to_json(candidate)), true});
    for (auto* liar : {&e.a, &e.b, &e.d}) lie(*liar, rival("prepare", rival_document));
    e.c.step();
    CHECK(count(e.c, "prepare", "c") == 1);
    CHECK(count(e.c, "commit", "c") == 1);
    CHECK(e.c.evidence.latest()->number == 0);

    // Their second prepares are evidence against them.
    auto const prepares = e.c.evidence.acts({.kind = "prepare", .member = "b"});
    REQUIRE(prepares.size() == 2);
    CHECK_FALSE(agreement::contradiction(e.c.evidence, prepares[0]));
    auto const found = agreement::contradiction(e.c.evidence, prepares[1]);
    REQUIRE(found);
    CHECK(found->member == "b");
    CHECK(found->first == prepares[0].id);
    auto const file = agreement::evidence_file(e.c.evidence, *found);
    auto const proof = agreement::check_evidence_file(file, TestVerifier());
    CHECK(proof.member == "b");
    CHECK(proof.kind == "prepare");
    CHECK(proof.second == prepares[1].id);
    CHECK(proof.epochs == std::vector{model::reference(e.start)});
    CHECK(proof.genesis == e.genesis);
    CHECK(code_of([&] { agreement::check_evidence_file(file, Refusing()); }) ==
          base::Code::verification_failed);
    CHECK(agreement::slot_taken(e.c.evidence, prepares[0].act));
}

TEST_CASE("a commit without a quorum of equal prepares is no act") {
    Decision e;
    e.vote(upgrade("r-2"), {"yes", "yes", "yes", "no"});
    e.state();
    e.clock(e.closes + base::Duration::from_text("PT1H"));
    auto const c0 = e.b.signs("candidate");
    auto const document = model::candidate_from_json(*e.b.evidence.act(c0)->act.body).choice.document;
    auto const prepared = e.b.signs("prepare");
    auto const answer = e.b.receive(e.b.make(rival("commit", document, {prepared}), 5));
    CHECK(answer.result == Result::rejected);
    CHECK(answer.reason.find("3 are needed") != std::string::npos);
}

TEST_CASE("a seat does not prepare what it computes otherwise, or what is not due by its clock") {
    Decision e;
    e.vote(upgrade("r-2"), {"yes", "yes", "no", "no"});  // fails: 2 of 4 is not more than 2/3
    e.state();
    e.clock(e.closes + base::Duration::from_text("PT1H"));
    auto const honest = e.b.signs("candidate");
    auto document = model::epoch_from_document(
        *e.b.evidence.file(model::candidate_from_json(*e.b.evidence.act(honest)->act.body).choice.document));
    CHECK(document.results[0].outcome == "failed");
    document.results[0].outcome = "passed";
    auto const hash = e.c.evidence.add_file(model::document(document));
    model::Candidate const forged{{0, hash}, {}};
    CHECK(e.c.receive(e.b.make({"candidate", {}, base::JsonValue(model::to_json(forged)), true}, 7)).result ==
          Result::accepted);
    auto const next = e.c.act();
    REQUIRE(std::holds_alternative<agreement::Wait>(next));
    CHECK(std::get<agreement::Wait>(next).words.find("not what follows") != std::string::npos);

    e.d.pull(e.b);
    e.d.now = e.closes + base::Duration::from_text("PT59M");
    CHECK(std::holds_alternative<agreement::Wait>(e.d.act()));  // the grace has not passed here
    e.d.now = e.closes + base::Duration::from_text("PT60M");
    e.d.signs("prepare");
}

TEST_CASE("a candidate of somebody who does not lead is no act") {
    Decision e;
    e.vote(upgrade("r-2"), {"yes", "yes", "yes", "no"});
    e.state();
    e.clock(e.closes + base::Duration::from_text("PT1H"));
    auto const c0 = e.b.signs("candidate");
    e.exchange();
    auto const copy = e.b.evidence.act(c0)->act;
    CHECK(e.a.receive(e.c.make({"candidate", copy.refs, copy.body, true}, 3)).result == Result::rejected);
}

TEST_CASE("an outcome without enough voters or with a failed precondition is void") {
    Decision e;
    model::Proposal body;
    body.title = "upgrade from what is not there";
    body.action = upgrade("r-2");
    body.closes = e.closes;
    body.lapses = e.closes;
    body.preconditions = {{"release", "payments", "r-1"}};
    e.proposal = e.a.say({"proposal", {}, base::JsonValue(model::to_json(body)), false});
    e.exchange();
    for (auto* one : e.all()) one->cast(e.proposal, "yes");
    e.exchange();
    e.state();
    e.finish();
    REQUIRE(e.a.evidence.latest()->number == 1);
    CHECK(e.result().outcome == "void");
    CHECK(e.result().reason.find("r-1") != std::string::npos);
    CHECK(e.a.evidence.latest()->releases->is_null());
}

TEST_CASE("two ballots in one revision void each other; the next revision that names both heals") {
    for (bool const healed : {false, true}) {
        CAPTURE(healed);
        Decision e;
        e.vote(upgrade("r-2"), {"yes", "yes", "", ""});
        Workspace twin("c", e.start, e.genesis);
        twin.pull(e.a);
        auto const first = e.c.cast(e.proposal, "yes");
        auto const second = twin.cast(e.proposal, "no");
        e.a.pull(twin);
        e.exchange();
        if (healed) e.c.cast(e.proposal, "yes", 1, {first, second});
        e.exchange();
        e.state();
        e.finish();
        REQUIRE(e.a.evidence.latest()->number == 1);
        CHECK(e.result().outcome == (healed ? "passed" : "failed"));  // 2 of 4 are no quorum of 2/3
        CHECK(e.result().counted.size() == (healed ? 3 : 2));
        for (auto const& [id, reason] : e.result().excluded)
            CHECK(reason == (healed ? "superseded" : "contradictory"));
    }
}

TEST_CASE(
    "own changes take effect without ballots, once the epoch has settled, in the order of their chain") {
    Decision e;
    auto const add = [&](std::string const& id, std::vector<Digest> const& before) {
        model::OwnChange change;
        change.kind = "officer.add";
        change.officer = model::NewOfficer{id, id, {"legal"}, {"ed25519", TestSigner(id).public_key()}};
        return e.a.say({"own", before, base::JsonValue(model::to_json(change)), false});
    };
    auto const first = add("a-bob", {});
    auto const second = add("a-eve", {first});
    add("a-eve", {second});  // the id is taken by then: never enacted, blocks nobody else
    e.exchange();
    auto const founded = e.start.founded;
    e.clock(founded + base::Duration::from_text("PT23H"));
    for (auto* one : e.all()) CHECK(std::holds_alternative<agreement::Wait>(one->act()));
    e.clock(founded + base::Duration::from_text("P1D"));
    for (int round = 0; round < 4; ++round) {
        for (auto* one : e.all()) one->step();
        e.exchange();
    }
    auto const latest = e.c.evidence.latest();
    REQUIRE(latest->number == 1);
    CHECK(latest->own_changes.size() == 2);
    CHECK(latest->officer("a-bob") != nullptr);
    CHECK(latest->officer("a-eve") != nullptr);
    CHECK(latest->key(TestSigner("a-bob").id())->since == 1);
}

TEST_CASE("an admitted member votes from the epoch that enacts its seat's ready") {
    auto start = founding({"a", "b", "c", "d"});
    model::enroll(start, founder("e"), model::Seat::waiting, start.founded);
    auto const genesis = model::reference(start).hash;
    std::vector<std::unique_ptr<Workspace>> all;
    for (auto const& member : {"a", "b", "c", "d", "e"})
        all.push_back(std::make_unique<Workspace>(member, start, genesis));
    CHECK(model::sizes(start).n == 4);
    CHECK(all[4]->signs("ready") != Digest{});
    CHECK(std::holds_alternative<agreement::Wait>(all[4]->act()));
    for (int round = 0; round < 4; ++round) {
        for (auto& one : all) {
            one->now = start.founded + base::Duration::from_text("P2D");
            for (auto const& other : all) one->pull(*other);
            one->step();
        }
    }
    for (auto& one : all) {
        REQUIRE(one->evidence.latest()->number == 1);
        CHECK(model::sizes(*one->evidence.latest()).n == 5);
    }
}

TEST_CASE("an expelled member's ballot does not count; one that left keeps the vote that was cast") {
    for (std::string const kind : {"member.remove", "member.exit"}) {
        CAPTURE(kind);
        Decision e;
        Json detail{{"member", "d"}};
        if (kind == "member.remove") detail["reason"] = "ruled";
        e.vote({kind, base::JsonValue(detail)}, {"yes", "yes", "yes", "no"});
        // Opened in the same epoch, closes a day later: three still vote, d's ballot was cast.
        auto const later = e.a.propose(upgrade("r-2"), e.closes + base::Duration::from_text("P1D"));
        e.exchange();
        for (auto* one : e.all()) one->cast(later, "yes");
        e.exchange();
        e.state();
        e.finish();
        REQUIRE(e.a.evidence.latest()->number == 1);
        CHECK(e.a.evidence.latest()->voting().size() == 3);
        e.closes = e.closes + base::Duration::from_text("P1D");
        e.state();
        e.finish();
        REQUIRE(e.a.evidence.latest()->number == 2);
        CHECK(e.result().outcome == "passed");
        CHECK(e.result().counted.size() == (kind == "member.exit" ? 4 : 3));
    }
}

TEST_CASE("a candidate that was refused for want of its document is checked once that is held") {
    Decision e;
    e.vote(upgrade("r-2"), {"yes", "yes", "yes", "no"});
    e.state();
    e.clock(e.closes + base::Duration::from_text("PT1H"));
    auto const latest = e.b.evidence.latest();
    auto const due =
        agreement::due(e.b.evidence, *latest, agreement::open_proposals(e.b.evidence), e.b.seat(), e.b.now);
    auto const text = model::document(agreement::next_epoch(e.b.evidence, latest, due.parts));
    model::Candidate body;
    body.choice = {0, base::sha256(text)};
    model::StoredAct candidate;
    candidate.act.kind = "candidate";
    candidate.act.body = base::JsonValue(model::to_json(body));
    CHECK(agreement::hard_check(e.b.evidence, latest, candidate) == "its document is not held");
    e.b.evidence.add_file(text);
    CHECK(agreement::hard_check(e.b.evidence, latest, candidate).empty());
}

TEST_CASE("as many listings as a statement holds itself make an act that is small enough") {
    Decision e;
    e.proposal = e.a.propose(upgrade("r-2"), e.closes);
    std::vector<Digest> before;
    for (std::size_t revision = 0; revision < model::inline_listings; ++revision)
        before = {e.a.cast(e.proposal, "yes", static_cast<std::int64_t>(revision), before)};
    e.a.now = e.closes;
    auto const held = e.a.evidence.act(e.a.signs("seen"));
    CHECK(held->act.refs.size() == 1 + model::inline_listings);
    auto const payload = model::envelope_from_text(held->envelope).payload.size();
    CHECK(payload > 40'000);
    CHECK(payload <= 44'000);  // PROTOCOL P2: 45,000; names and stages need some
}

TEST_CASE("a statement of more ballots than an act holds keeps its list in a file") {
    Decision e;
    e.proposal = e.a.propose(upgrade("r-2"), e.closes);
    auto const ballots = model::inline_listings + 1;
    std::vector<Digest> before;
    for (std::size_t revision = 0; revision < ballots; ++revision)
        before = {e.a.cast(e.proposal, "yes", static_cast<std::int64_t>(revision), before)};
    e.a.now = e.closes;
    auto const statement = e.a.signs("seen");
    auto const act = e.a.evidence.act(statement)->act;
    CHECK(act.refs.size() == 1);
    CHECK(agreement::listings(e.a.evidence, act).size() == ballots);

    for (auto const& held : e.a.evidence.all()) e.b.receive(held.envelope);
    CHECK_FALSE(e.b.evidence.has_act(statement));  // an orphan until the list is held
    e.b.pull(e.a);
    CHECK(e.b.evidence.has_act(statement));
    auto const result = agreement::evaluate(e.b.evidence, e.start,
                                            agreement::load_proposal(e.b.evidence, e.proposal), {statement});
    CHECK(result.excluded.size() == ballots);  // one listing is not enough for f=1
}
