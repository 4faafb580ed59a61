#include "core/agreement/author.h"
#include "core/base/error.h"
#include "core/model/own_change.h"
#include "tests/support/seats.h"

#include <nlohmann/json.hpp>

using namespace consortium;
using namespace consortium::test;
using agreement::Acceptance;
using Result = Acceptance::Result;

namespace {

struct Ending {
    explicit Ending(std::function<void(model::Epoch&)> const& change) { change(start); }

    /// An act of a's officer is made at that time, and judged.
    Acceptance say(std::string const& kind, base::Json body, std::string_view time) {
        Workspace a{"a", start, model::reference(start).hash};
        a.now = at(time);
        return a.receive(a.make({kind, {}, base::JsonValue(std::move(body)), false}, 1));
    }
    Acceptance propose(std::string_view time) {
        model::Proposal body;
        body.title = "a proposal";
        body.action = upgrade("r-2");
        body.closes = at("2027-06-01T00:00:00Z");
        body.lapses = at("2027-12-01T00:00:00Z");
        return say("proposal", model::to_json(body), time);
    }
    Acceptance add(std::string_view time) {
        model::OwnChange change;
        change.kind = "officer.add";
        change.officer =
            model::NewOfficer{"eve", "eve", {"legal"}, {"ed25519", TestSigner("eve").public_key()}};
        return say("own", model::to_json(change), time);
    }

    model::Epoch start = founding({"a", "b", "c", "d"});
};

}  // namespace

TEST_CASE("from the end of a role on, what is signed in it is refused, by the act's own time") {
    Ending one(
        [](model::Epoch& epoch) { epoch.officers[0].ends["governance"] = at("2027-01-01T00:00:00Z"); });
    CHECK(one.propose("2026-12-31T23:59:59Z").result == Result::accepted);
    auto const late = one.propose("2027-01-01T00:00:00Z");
    CHECK(late.result == Result::rejected);
    // Another role of the officer may sign proposals, but not this one: the charter's proposers are
    // governance.
    CHECK(late.reason == "officer 'a-ada' may not propose a 'all'");
    CHECK(one.add("2027-01-01T00:00:00Z").result == Result::accepted);  // as security
}

TEST_CASE("where every role that may sign it has ended, the refusal says so") {
    Ending one([](model::Epoch& epoch) {
        for (auto const* role : {"governance", "security"})
            epoch.officers[0].ends[role] = at("2027-01-01T00:00:00Z");
    });
    auto const late = one.add("2027-01-01T00:00:00Z");
    CHECK(late.result == Result::rejected);
    CHECK(late.code == base::Code::not_authorized);
    CHECK(late.reason.find("it ended before 2027-01-01T00:00:00Z") != std::string::npos);
}

TEST_CASE("officers of a suspended member sign changes of their keys, and nothing that concerns the others") {
    Ending one([](model::Epoch& epoch) { epoch.members[0].status = "suspended"; });
    auto const proposal = one.propose("2026-10-01T10:00:00Z");
    CHECK(proposal.result == Result::rejected);
    CHECK(proposal.reason == "'a' is suspended in epoch 0");
    CHECK(one.add("2026-10-01T10:00:00Z").result == Result::accepted);
}

TEST_CASE("a back-dated ballot does not outlive its role: the time that the statements give it decides") {
    auto start = founding({"a", "b", "c", "d"});
    for (auto const* role : {"governance", "security"})
        start.officers[0].ends[role] = at("2027-01-01T00:00:00Z");
    agreement::MemoryEvidence evidence;
    evidence.make_final(start);
    auto act = plain_act("ballot", "a");
    act.officer = officer_of("a");
    act.epoch = model::reference(start);
    act.time = at("2026-10-01T00:00:00Z");  // whatever it says itself
    CHECK(agreement::ended(evidence, start, act, at("2026-12-31T23:59:59Z")).empty());
    CHECK(agreement::ended(evidence, start, act, at("2027-01-01T00:00:00Z")) == "role ended");
    auto suspended = start;
    suspended.members[0].status = "suspended";
    CHECK(agreement::ended(evidence, suspended, act, at("2026-10-01T00:00:00Z")) == "member suspended");
    act.officer = officer_of("b");
    act.member = "b";
    CHECK(agreement::ended(evidence, suspended, act, at("2028-01-01T00:00:00Z")).empty());
}
