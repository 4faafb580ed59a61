#include "core/flow/quota.h"

#include "core/flow/intake.h"
#include "tests/support/code_of.h"
#include "tests/support/crashing.h"
#include "tests/support/organization.h"

using namespace consortium;
using base::Json;

namespace {

agreement::Acceptance act_of(std::string const& member, std::string const& kind) {
    agreement::Acceptance out;
    out.result = agreement::Acceptance::Result::accepted;
    out.id = base::sha256(member + kind);
    out.member = member;
    out.kind = kind;
    return out;
}

struct Flood : Founders {
    std::string proposal_by_globex(int number) {
        model::Proposal body;
        body.title = "a network";
        body.action = {"network.add", base::JsonValue(Json{{"id", "n" + std::to_string(number)},
                                                           {"kind", "rehearsal"},
                                                           {"identity", "n-2"}})};
        body.closes = globex.clock.now() + base::Duration::from_text("PT1H");
        body.lapses = body.closes + base::Duration::from_text("P30D");
        model::Draft const draft{"proposal", {}, base::JsonValue(model::to_json(body)), false};
        return flow::sign(draft, globex.services(), globex.self).envelope;
    }
    std::vector<std::string> proposals(int count) {
        std::vector<std::string> out;
        for (int i = 0; i < count; ++i) out.push_back(proposal_by_globex(i));
        return out;
    }
    /// acme's journal says that epoch 1 is final and has decided this.
    void decide_at_acme(base::Digest const& proposal) {
        auto next = *acme.store().latest();
        model::Result result;
        result.proposal = proposal;
        result.action = "network.add";
        result.detail = base::JsonValue(Json::object());
        result.outcome = "failed";
        result.counted = {act_of("globex", "ballot").id};
        result.tally = base::JsonValue(Json::object());
        next.results = {result};
        model::Object settled{"settled", proposal.hex(), "final", "", {}, {}, 0};
        settled.data = base::JsonValue(Json{{"epoch", 1}});
        acme.enact(std::move(next), {settled});
    }
};

/// Counts how often an epoch is read.
struct Counting : test::CrashingStore {
    Counting(port::Store& inner, test::Crash& crash) : CrashingStore(inner, crash) {}
    mutable int reads = 0;
    std::shared_ptr<model::Epoch const> epoch(std::uint64_t number) const override {
        ++reads;
        return CrashingStore::epoch(number);
    }
};

}  // namespace

TEST_CASE("P13: of one member ten proposals are open at a time; the excess waits until one is decided") {
    Flood flood;
    auto const intake = flow::take_in(flood.acme.services(), flood.proposals(12));
    CHECK(intake.accepted.size() == 10);
    CHECK(intake.orphans == 2);
    CHECK(intake.refused.empty());
    CHECK(flow::take_in_orphans(flood.acme.services()).accepted.empty());
    flood.decide_at_acme(intake.accepted.front());
    CHECK(flow::take_in_orphans(flood.acme.services()).accepted.size() == 1);
    CHECK(flow::take_in_orphans(flood.acme.services()).accepted.empty());
}

TEST_CASE("P13: an eleventh proposal is refused where it is made; others are not held up by one member") {
    Flood flood;
    for (int i = 0; i < 10; ++i) flood.globex.propose("n" + std::to_string(i));
    CHECK(code_of([&] { flood.globex.propose("n10"); }) == base::Code::refused);
    CHECK_NOTHROW(flood.acme.propose("n10"));
}

TEST_CASE("P13: the bound on acts is of one member and epoch, and counts what is appended meanwhile") {
    Flood flood;
    auto const held = flood.acme.store().count({.kind = {}, .subject = {}, .epoch = 0, .member = "globex"});
    REQUIRE(held > 0);
    flow::Quota quota(flood.acme.store(), {held + 1, 10});
    CHECK(quota.excess(act_of("globex", "attest")).empty());
    quota.count(act_of("globex", "attest"));
    CHECK_FALSE(quota.excess(act_of("globex", "attest")).empty());
    CHECK(quota.excess(act_of("initech", "attest")).empty());
    auto next_epoch = act_of("globex", "attest");
    next_epoch.epoch = 1;
    CHECK(quota.excess(next_epoch).empty());
}

TEST_CASE("P13: what an epoch cites is exempt") {
    Flood flood;
    auto const cited = act_of("globex", "proposal");
    CHECK_FALSE(flow::Quota(flood.acme.store(), {0, 0}).excess(cited).empty());
    flood.decide_at_acme(cited.id);
    CHECK(flow::Quota(flood.acme.store(), {0, 0}).excess(cited).empty());
    CHECK_FALSE(flow::Quota(flood.acme.store(), {0, 0}).excess(act_of("globex", "attest")).empty());
    auto ballot = act_of("globex", "ballot");
    CHECK_FALSE(flow::Quota(flood.acme.store(), {0, 0}).excess(ballot).empty());
    ballot.subject = cited.id;
    CHECK(flow::Quota(flood.acme.store(), {0, 0}).excess(ballot).empty());
}

TEST_CASE("P13: acts over the bound make one batch read each epoch once") {
    Flood flood;
    auto ballot = act_of("globex", "ballot");
    auto const counted = ballot.id;
    ballot.subject = base::sha256("what no epoch has settled");
    flood.decide_at_acme(act_of("globex", "proposal").id);
    test::Crash crash;
    Counting store(flood.acme.store(), crash);
    flow::Quota quota(store, {0, 0});
    for (int i = 0; i < 5; ++i) {
        ballot.id = base::sha256(std::to_string(i));
        CHECK_FALSE(quota.excess(ballot).empty());
    }
    CHECK(store.reads == 1);
    ballot.id = counted;
    CHECK(quota.excess(ballot).empty());
}
