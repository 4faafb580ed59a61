#include "core/flow/proposal_change.h"

#include "tests/support/founded.h"

#include <algorithm>
#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

using namespace consortium;
using base::Json;

namespace {

struct Deciding : Founded {
    using Founded::Founded;

    base::Digest propose(model::Action action, std::string_view closes = "2026-10-03T12:00:00Z",
                         std::vector<model::Precondition> preconditions = {}) {
        model::Proposal body;
        body.title = "a proposal";
        body.action = std::move(action);
        body.closes = test::at(closes);
        body.lapses = body.closes + base::Duration::from_text("P30D");
        body.preconditions = std::move(preconditions);
        auto act = plain_act("proposal", "acme");
        act.officer = test::officer_of("acme");
        act.refs = model::named_acts(body.action);
        act.body = base::JsonValue(model::to_json(body));
        return arrive(act, test::officer_key("acme"));
    }
    base::Digest amend(model::Charter const& next, std::string_view closes = "2026-10-03T12:00:00Z") {
        base::Digest file;
        fixture.store().write([&](port::Transaction& transaction) {
            file = transaction.put_file(base::canonical(model::to_json(next)));
        });
        return propose({"charter.amend", base::JsonValue(Json{{"charter", file.hex()}})}, closes);
    }
    flow::ProposalChange change(base::Digest const& id) {
        auto const here = state();
        return flow::change_of(here, fixture.services().certifier, agreement::load_proposal(here.store, id));
    }
};

flow::ChangeItem const* find(flow::ProposalChange const& change, std::string_view place) {
    auto const found = std::find_if(change.items.begin(), change.items.end(),
                                    [&](auto const& one) { return one.place == place; });
    return found == change.items.end() ? nullptr : &*found;
}

model::Action action(char const* kind, Json detail) {
    return {kind, base::JsonValue(std::move(detail))};
}

}  // namespace

TEST_CASE("what an amendment changes: each place in words, what it asks less of, nothing else") {
    Deciding deciding;
    auto next = test::small_charter();
    next.decisions[0].pass = model::Bound::from_text(">1/2");
    next.decisions[0].timelock = base::Duration::from_text("P2D");
    auto const change = deciding.change(deciding.amend(next));
    CHECK(change.epoch == 0);
    CHECK(change.obstacle.empty());
    REQUIRE(change.items.size() == 2);
    auto const* pass = find(change, "/charter/decision/all/pass/min");
    REQUIRE(pass != nullptr);
    CHECK(pass->words == "decision 'all': the share that passes it");
    CHECK(*pass->now == ">2/3");
    CHECK(*pass->next == ">1/2");
    CHECK(find(change, "/charter/decision/all/time/timelock") != nullptr);
    REQUIRE_FALSE(change.weakens.empty());
    auto const json = flow::to_json(change);
    CHECK(json["obstacle"].is_null());
    CHECK(json["weakens"][0]["severity"] == "warning");
    CHECK(json["weakens"].dump().find("falls from >2/3 to >1/2") != std::string::npos);
}

TEST_CASE("a decision that is new is told field by field") {
    Deciding deciding;
    auto next = test::small_charter();
    auto& actions = next.decisions[0].actions;
    actions.erase(std::find(actions.begin(), actions.end(), "network.add"));
    auto routine = next.decisions[0];
    routine.id = "routine";
    routine.actions = {"network.add"};
    next.decisions.push_back(routine);
    auto const change = deciding.change(deciding.amend(next));
    auto const* pass = find(change, "/charter/decision/routine/pass/min");
    REQUIRE(pass != nullptr);
    CHECK(pass->now->is_null());
    CHECK(*pass->next == ">2/3");
    CHECK(find(change, "/charter/decision/routine") == nullptr);
}

TEST_CASE("an amendment that strands a member says why it could not be enacted") {
    Deciding deciding;
    auto next = test::small_charter();
    next.tiers[0].id = "node";
    next.decisions[0].electorate = {"node"};
    auto const change = deciding.change(deciding.amend(next));
    CHECK(change.obstacle.find("no tier 'validator'") != std::string::npos);
    CHECK_FALSE(change.items.empty());
}

TEST_CASE("open proposals that would have to be opened anew are named, if the charter restarts them") {
    for (auto const* midvote : {"restart", "finish"}) {
        Deciding deciding([&](model::Epoch& epoch) { epoch.charter.midvote = midvote; });
        auto const network = Json{{"id", "drill"}, {"kind", "rehearsal"}, {"identity", "n-2"}};
        deciding.propose(action("network.add", network), "2026-10-03T11:00:00Z");  // closes before
        auto const later = deciding.propose(action("network.add", network), "2026-10-04T12:00:00Z");
        auto next = test::small_charter();
        next.currency = "CHF";
        auto const change = deciding.change(deciding.amend(next));
        if (midvote == std::string("finish")) {
            CHECK(change.restarts.empty());
            continue;
        }
        REQUIRE(change.restarts.size() == 1);
        CHECK(change.restarts[0].id == later);
        CHECK(flow::to_json(change)["restarts"][0]["name"] == model::short_name(later));
        // Adding a network restarts nothing.
        CHECK(deciding.change(later).restarts.empty());
    }
}

TEST_CASE("members, networks, releases and validators: from what to what") {
    Deciding deciding([](model::Epoch& epoch) {
        epoch.releases =
            base::JsonValue(Json{{"payments", {{"release", "r-1"}, {"digest", std::string(64, 'a')}}}});
    });
    auto const removal =
        deciding.change(deciding.propose(action("member.remove", {{"member", "globex"}, {"reason", "x"}})));
    REQUIRE(find(removal, "/member/globex") != nullptr);
    CHECK(*find(removal, "/member/globex")->next == "The globex, validator, expelled");
    CHECK(*find(removal, "/agreement")->now == "2 of 3 must agree, 0 may fail");
    CHECK(*find(removal, "/agreement")->next == "2 of 2 must agree, 0 may fail");
    CHECK(find(removal, "/member/acme") == nullptr);

    auto const upgrade = deciding.change(deciding.propose(action(
        "release.upgrade", {{"network", "payments"}, {"release", "r-2"}, {"digest", std::string(64, 'b')}})));
    REQUIRE(upgrade.items.size() == 1);
    CHECK(*upgrade.items[0].now == "r-1, SHA-256 " + std::string(64, 'a'));
    CHECK(*upgrade.items[0].next == "r-2, SHA-256 " + std::string(64, 'b'));
    CHECK(upgrade.notes[0].find("not known here") != std::string::npos);

    auto const seat = deciding.change(deciding.propose(
        action("validator.add", {{"network", "payments"}, {"address", "0xabc"}, {"member", "globex"}})));
    REQUIRE(find(seat, "/network/payments/validator/0xabc") != nullptr);
    CHECK(*find(seat, "/network/payments/validator/0xabc")->next == "of globex");

    auto const stranger = deciding.change(deciding.propose(
        action("validator.add", {{"network", "drill"}, {"address", "0xabc"}, {"member", "globex"}})));
    CHECK(stranger.obstacle == "there is no network 'drill'");
    auto const stale = deciding.change(
        deciding.propose(action("network.add", {{"id", "drill"}, {"kind", "rehearsal"}, {"identity", "n-2"}}),
                         "2026-10-03T12:00:00Z", {{"member", "globex", "left"}}));
    CHECK(stale.obstacle.find("member 'globex' is 'active', not 'left'") != std::string::npos);
}

TEST_CASE("a release that this workspace knows with another digest is told (G26)") {
    Deciding deciding;
    model::Object release{"release", "r-2", "known", "acme", {}, {}, 0};
    release.data = base::JsonValue(
        Json{{"name", "r-2"}, {"version", "2.0"}, {"digest", std::string(64, 'c')}, {"file", nullptr}});
    deciding.fixture.store().write([&](port::Transaction& transaction) {
        transaction.append_event({"release.added", test::at("2026-10-02T09:00:00Z"), {}, {release}});
    });
    auto const upgrade = [&](char digit) {
        return deciding.change(deciding.propose(
            action("release.upgrade",
                   {{"network", "payments"}, {"release", "r-2"}, {"digest", std::string(64, digit)}})));
    };
    CHECK(upgrade('c').notes[0] == "release 'r-2' is version 2.0 here, with this digest");
    CHECK(upgrade('d').notes[0] == "release 'r-2' is version 2.0 here, with ANOTHER digest");
}
