// Who gives an officer whose key is lost a new one, where the charter lets the members decide.

#include "core/agreement/author.h"
#include "core/agreement/effect.h"
#include "core/model/own_change.h"
#include "tests/support/memory_evidence.h"
#include "tests/support/seats.h"

#include <nlohmann/json.hpp>

using namespace consortium;
using namespace consortium::test;
using base::Json;
using Result = agreement::Acceptance::Result;

namespace {

constexpr std::string_view now = "2026-10-01T10:00:00Z";

/// a has two officers who may change officers; the members decide on the keys of others.
struct Rekeying {
    Rekeying() {
        start.charter.rekey = "decision";
        auto bob = start.officers[0];
        bob.id = "a-bob";
        bob.person = "bob";
        bob.key = TestSigner("bob").id();
        start.officers.insert(start.officers.begin() + 1, bob);
        start.keys.push_back(
            {bob.key, "ed25519", TestSigner("bob").public_key(), "a", bob.id, "active", "", 0});
        std::sort(start.keys.begin(), start.keys.end(),
                  [](model::Key const& left, model::Key const& right) { return left.id < right.id; });
    }

    /// `author` replaces the key of `subject` by itself.
    std::string rotate(std::string const& author, std::string const& subject) const {
        model::OwnChange change;
        change.kind = "officer.rotate";
        change.subject = subject;
        change.key = model::NewKey{"ed25519", TestSigner("new").public_key()};
        change.cause = "compromise";
        auto act = plain_act("own", "a");
        act.officer = author;
        act.key = start.officer(author)->key;
        act.time = at(now);
        act.body = base::JsonValue(model::to_json(change));
        auto next = start;
        ++next.number;
        return agreement::enact_own(next, start, act);
    }

    static model::Action recovery(std::string const& member, std::string const& officer) {
        return model::action_from_json(
            Json{{"kind", "officer.recover"},
                 {"detail",
                  {{"member", member},
                   {"officer", officer},
                   {"algorithm", "ed25519"},
                   {"spki", base::to_base64(TestSigner("new").public_key())},
                   {"evidence", base::sha256(std::string_view("a letter")).hex()}}}});
    }

    /// That member's first officer asks the members for it.
    agreement::Acceptance ask(std::string const& member, model::Action action) const {
        Workspace one{member, start, model::reference(start).hash};
        one.now = at(now);
        model::Proposal body;
        body.title = "a new key";
        body.action = std::move(action);
        body.closes = at("2026-12-01T00:00:00Z");
        body.lapses = at("2027-12-01T00:00:00Z");
        return one.receive(one.make({"proposal", {}, base::JsonValue(model::to_json(body)), false}, 1));
    }

    std::string enact(model::Action action) const {
        model::Proposal passed;
        passed.action = std::move(action);
        passed.closes = at("2026-12-01T00:00:00Z");
        auto next = start;
        ++next.number;
        auto reason = agreement::enact(agreement::MemoryEvidence(), next, passed);
        if (reason.empty()) CHECK(next.officer("a-bob")->key == TestSigner("new").id());
        return reason;
    }

    model::Epoch start = founding({"a", "b", "c", "d"});
};

}  // namespace

TEST_CASE("rekey = decision: a fellow officer gives nobody a new key; each still replaces its own") {
    Rekeying const one;
    CHECK(one.rotate("a-ada", "a-bob").find("lets the members decide") != std::string::npos);
    CHECK(one.rotate("a-bob", "a-ada").find("lets the members decide") != std::string::npos);
    CHECK(one.rotate("a-bob", "a-bob").empty());
    Rekeying by_fellow;
    by_fellow.start.charter.rekey = "fellow";
    CHECK(by_fellow.rotate("a-ada", "a-bob").empty());
}

TEST_CASE(
    "rekey = decision: a fellow officer asks, nobody else while there is one, and the vote gives the key") {
    Rekeying one;
    CHECK(one.ask("a", Rekeying::recovery("a", "a-bob")).result == Result::accepted);
    auto const stranger = one.ask("b", Rekeying::recovery("a", "a-bob"));
    CHECK(stranger.result == Result::rejected);
    CHECK(stranger.reason == "it is for a-ada of 'a' to ask for a new key of 'a-bob'");
    // Nobody asks for itself: with the lost key it could not, with a stolen one it must not.
    CHECK(one.ask("a", Rekeying::recovery("a", "a-ada")).result == Result::rejected);
    CHECK(one.enact(Rekeying::recovery("a", "a-bob")).empty());
    // b has one officer only: the others ask, as under any charter.
    CHECK(one.ask("a", Rekeying::recovery("b", "b-ada")).result == Result::accepted);
    // A fellow who may not propose it is nobody to wait for: else nobody could ask.
    auto unable = one;
    unable.start.charter.decisions[0].proposers = {"governance"};
    unable.start.officers[0].roles = {"security"};
    CHECK(unable.ask("b", Rekeying::recovery("a", "a-bob")).result == Result::accepted);
    one.start.charter.rekey = "fellow";
    CHECK(one.ask("b", Rekeying::recovery("a", "a-bob")).result == Result::accepted);
    CHECK(one.enact(Rekeying::recovery("a", "a-bob")).find("fellow officer") != std::string::npos);
}

TEST_CASE("a charter without a word on new keys has the bytes that it had before there was one") {
    auto charter = founding({"a"}).charter;
    CHECK(model::to_json(charter).at("agreement").contains("rekey") == false);
    charter.rekey = "decision";
    auto const written = model::to_json(charter);
    CHECK(written.at("agreement").at("rekey") == "decision");
    CHECK(model::charter_from_json(written).rekey == "decision");
    auto wrong = written;
    wrong["agreement"]["rekey"] = "anybody";
    CHECK_THROWS_AS(model::charter_from_json(wrong), base::Error);
}
