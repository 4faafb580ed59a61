#include "core/flow/vote.h"

#include "core/base/error.h"
#include "core/model/ballot.h"
#include "tests/support/founded.h"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

using namespace consortium;
using base::Code;
using base::Json;

namespace {

/// A proposal of globex is open, from 2026-10-02T10:01Z for an hour.
struct Voting : Founded {
    base::Digest proposal;

    explicit Voting(std::function<void(model::Epoch&)> const& change = {}) : Founded(change) {
        model::Proposal body;
        body.title = "a second network";
        body.action = model::action_from_json(
            Json{{"kind", "network.add"},
                 {"detail", {{"id", "drill"}, {"kind", "rehearsal"}, {"identity", "n-2"}}}});
        body.closes = test::at("2026-10-02T11:30:00Z");
        body.lapses = body.closes + base::Duration::from_text("P30D");
        auto act = plain_act("proposal", "globex");
        act.officer = test::officer_of("globex");
        act.body = base::JsonValue(model::to_json(body));
        proposal = arrive(act, test::officer_key("globex"));
    }

    model::Plan plan(std::string const& choice, std::string const& at = "2026-10-02T10:30:00Z",
                     std::string const& member = "acme", Json more = Json::object()) const {
        auto here = state(member);
        here.now = test::at(at);
        more["operand"] = model::short_name(proposal);
        more["choice"] = choice;
        return flow::plan_vote_cast(here, request_for("vote cast", more));
    }
    base::Digest cast(std::string const& choice, std::string const& member = "acme") {
        return carry_out(plan(choice, "2026-10-02T10:30:00Z", member), member);
    }
};

bool broken(model::Verdict const& verdict, std::string_view rule) {
    return std::any_of(verdict.rules.begin(), verdict.rules.end(),
                       [&](auto const& each) { return each.name == rule && !each.holds; });
}

}  // namespace

TEST_CASE("vote cast: a ballot of the first revision names the proposal") {
    Voting const voting;
    auto const plan = voting.plan("yes", "2026-10-02T10:30:00Z", "acme", {{"reason", "it is due"}});
    CHECK(plan.verdict.allowed());
    CHECK(plan.verdict.deadline == test::at("2026-10-02T11:30:00Z"));
    auto const& detail = *plan.steps.at(0).detail;
    CHECK(detail["kind"] == "ballot");
    CHECK(detail["by_seat"] == false);
    CHECK(detail["refs"] == Json::array({voting.proposal.hex()}));
    CHECK(detail["body"] == Json{{"choice", "yes"}, {"revision", 0}});
    CHECK(detail["private"] == Json{{"subject", ""}, {"words", {{"reason", "it is due"}}}});
}

TEST_CASE(
    "vote cast: a changed vote is the next revision and names what it replaces; others' ballots do not "
    "count") {
    Voting voting;
    voting.cast("no", "globex");
    auto const first = voting.cast("yes");
    auto const second = voting.plan("abstain");
    auto const& detail = *second.steps.at(0).detail;
    CHECK(detail["refs"] == Json({voting.proposal.hex(), first.hex()}));
    CHECK(detail["body"]["revision"] == 1);
    CHECK(second.steps[0].summary.starts_with("change the vote to 'abstain'"));
}

TEST_CASE("vote cast: a revision heals two ballots of one slot by naming both") {
    Voting voting;
    auto const one = voting.cast("yes");
    auto act = plain_act("ballot");
    act.officer = test::officer_of("acme");
    act.refs = {voting.proposal};
    act.body = base::JsonValue(model::to_json(model::Ballot{"no", 0}));
    auto const other = voting.arrive(act, test::officer_key("acme"));
    auto const refs = voting.plan("yes").steps.at(0).detail->at("refs");
    CHECK(refs == Json({voting.proposal.hex(), std::min(one, other).hex(), std::max(one, other).hex()}));
}

TEST_CASE("vote cast: closed, foreign officers, and votes that the charter does not let change are refused") {
    SUBCASE("the last second, and the close") {
        Voting const voting;
        CHECK(voting.plan("yes", "2026-10-02T11:29:59Z").verdict.allowed());
        auto const late = voting.plan("yes", "2026-10-02T11:30:00Z").verdict;
        CHECK_FALSE(late.allowed());
        CHECK(broken(late, "open"));
    }
    SUBCASE("no change") {
        Voting voting([](model::Epoch& epoch) { epoch.charter.decisions[0].ballot_change = false; });
        voting.cast("yes");
        CHECK(broken(voting.plan("no").verdict, "change"));
        CHECK_FALSE(voting.plan("no").verdict.allowed());
    }
    SUBCASE("somebody who is no officer") {
        Voting const voting;
        auto here = voting.state();
        here.self.officer = "mallory";
        auto const request =
            request_for("vote cast", {{"operand", model::short_name(voting.proposal)}, {"choice", "yes"}});
        CHECK_FALSE(flow::plan_vote_cast(here, request).verdict.allowed());
    }
    SUBCASE("a tier without a vote in this decision") {
        Voting const voting([](model::Epoch& epoch) {
            epoch.charter.tiers.push_back({"observer", {"read"}, 1});
            epoch.members[0].tier = "observer";
        });
        CHECK_FALSE(voting.plan("yes").verdict.allowed());
    }
}

TEST_CASE("vote cast: a proposal that is not held here is not found") {
    Voting const voting;
    auto const cast = [&](std::string const& name) {
        return code_of([&] {
            (void)flow::plan_vote_cast(voting.state(),
                                       request_for("vote cast", {{"operand", name}, {"choice", "yes"}}));
        });
    };
    CHECK(cast("p-000000") == Code::not_found);
    CHECK(cast("p-12") == Code::usage);
    CHECK(cast("upgrade") == Code::usage);
    CHECK(cast(voting.proposal.hex()) == Code::internal);  // the whole id is a name too
}
