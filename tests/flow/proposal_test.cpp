#include "core/flow/proposal.h"

#include "core/flow/vote.h"
#include "tests/support/code_of.h"
#include "tests/support/town.h"

#include <doctest/doctest.h>

using namespace consortium;
using base::Code;
using base::Json;

namespace {

struct Proposing : Town {
    Proposing() { found(); }

    static Json drill() { return Json{"id=drill", "kind=rehearsal", "identity=n-2"}; }
    model::Plan plan(Json more = Json::object(), std::string const& action = "network.add") {
        Json arguments{{"operand", action}, {"set", drill()}};
        arguments.update(more);
        return flow::plan_proposal_open(state(acme()), request("proposal open", arguments));
    }
    Code refusal(Json more, std::string const& action = "network.add") {
        return code_of([&] { (void)plan(std::move(more), action); });
    }
    std::string open() {
        auto const record = apply(acme(), plan());
        sync(1);
        return record["results"][0]["name"];
    }
    void vote(std::string const& proposal, std::vector<std::string> const& choices) {
        for (std::size_t i = 0; i < choices.size(); ++i)
            apply(*all[i],
                  flow::plan_vote_cast(
                      state(*all[i]), request("vote cast", {{"operand", proposal}, {"choice", choices[i]}})));
        sync(2);
    }
    void close() {
        pass("P1D");
        pass("PT2H");
        decide();
    }
    Json list(Json arguments = Json::object()) {
        return flow::proposal_list(state(acme()), request("proposal list", std::move(arguments)))
            .data->at("items");
    }
    template <typename Read>
    model::Outcome read(Read verb, std::string const& proposal) {
        return verb(state(acme()), request("proposal", {{"operand", proposal}}));
    }
};

}  // namespace

TEST_CASE("proposal open: the charter's window, timelock and life, unless others are given") {
    Proposing proposing;
    auto const plan = proposing.plan({{"title", "a drill"},
                                      {"timelock", "P2D"},
                                      {"require", {"release:payments=r-1"}},
                                      {"executor", {"1=acme", "2=globex"}}});
    REQUIRE(plan.steps.size() == 1);
    auto const& detail = *plan.steps[0].detail;
    CHECK(plan.steps[0].action == "propose");
    CHECK(detail["title"] == "a drill");
    CHECK(detail["closes"].is_null());  // counted when it is signed
    CHECK(detail["window"] == "P1D");
    CHECK(detail["timelock"] == "P2D");
    CHECK(detail["lapses"] == "P30D");
    CHECK(detail["preconditions"] ==
          Json::array({{{"kind", "release"}, {"subject", "payments"}, {"value", "r-1"}}}));
    CHECK(detail["executor"] ==
          Json::array({{{"step", 1}, {"member", "acme"}}, {{"step", 2}, {"member", "globex"}}}));
    auto const record = Town::apply(proposing.acme(), proposing.plan());
    CHECK(record["results"][0]["closes"] == "2026-10-02T09:01:00Z");  // the window, in whole minutes
}

TEST_CASE("proposal open: the plan does not depend on when it is made") {
    Proposing proposing;
    auto const before = model::digest(proposing.plan());
    proposing.pass("PT3H");
    CHECK(model::digest(proposing.plan()) == before);
}

TEST_CASE("proposal open: unknown actions and fields, and options that say nothing, are refused") {
    Proposing proposing;
    CHECK(proposing.refusal(Json::object(), "network.ad") == Code::usage);
    CHECK(proposing.refusal({{"set", {"id=drill"}}}) == Code::usage);
    CHECK(proposing.refusal({{"set", {"id=drill", "kind=rehearsal", "identity=n-2", "colour=red"}}}) ==
          Code::usage);
    CHECK(proposing.refusal({{"set", {"id", "kind=rehearsal", "identity=n-2"}}}) == Code::usage);
    CHECK(proposing.refusal({{"set", {"id=No Name", "kind=rehearsal", "identity=n-2"}}}) == Code::malformed);
    for (auto const* text : {"release", "release:payments", "payments=r-1"})
        CHECK_MESSAGE(proposing.refusal({{"require", {text}}}) == Code::usage, text);
    for (auto const* text : {"acme", "=acme", "0=acme", "11=acme"})
        CHECK_MESSAGE(proposing.refusal({{"executor", {text}}}) == Code::usage, text);
}

TEST_CASE("proposal open: only what the charter decides, by whom it lets propose") {
    Proposing proposing;
    CHECK(proposing.refusal({{"set", {"member=globex"}}}, "member.exit") == Code::not_authorized);
    proposing.acme().self.officer = "mallory";
    CHECK(proposing.refusal(Json::object()) == Code::not_authorized);
    auto const stranger = Town::settle("hooli");
    CHECK(code_of([&] {
              (void)flow::plan_proposal_open(
                  Town::state(*stranger),
                  Town::request("proposal open", {{"operand", "network.add"}, {"set", Proposing::drill()}}));
          }) == Code::refused);
}

TEST_CASE("proposal open: what the others would reject never enters the journal") {
    Proposing proposing;
    auto const size = proposing.acme().store().head().size;
    Json const soon{{"closes", "2026-10-01T10:00:00Z"}};  // an hour; the charter says a day
    CHECK(proposing.refusal(soon) == Code::refused);
    auto const plan = proposing.plan({{"executor", {"1=stranger"}}});  // no member
    CHECK(code_of([&] { Town::apply(proposing.acme(), plan); }) == Code::refused);
    CHECK(proposing.acme().store().head().size == size);
    CHECK(proposing.acme().store().acts({.kind = "proposal"}).empty());
}

TEST_CASE("proposals are found by the first digits of their id, other acts only as acts") {
    Proposing proposing;
    auto const name = proposing.open();
    auto const id = proposing.acme().store().acts({.kind = "proposal"}).at(0).id;
    auto const here = Town::state(proposing.acme());
    for (auto const& word : {name, name.substr(2), id.hex(), "p-" + id.hex().substr(0, 20)})
        CHECK_MESSAGE(flow::find_proposal(here, word).id == id, word);
    auto const found = proposing.acme().store().acts({.kind = "found"}).at(0).id;
    CHECK(flow::find_act(here, model::short_name(found)) == found);
    CHECK(code_of([&] { (void)flow::find_proposal(here, model::short_name(found)); }) == Code::not_found);
    for (auto const& word : {std::string("p-"), std::string("p-12"), std::string("p-XYZ123"), id.hex() + "0"})
        CHECK_MESSAGE(code_of([&] { (void)flow::find_act(here, word); }) == Code::usage, word);
}

TEST_CASE(
    "proposal tally and execute: what is held now; after the close what the epoch counted and enacted") {
    Proposing proposing;
    auto const name = proposing.open();
    CHECK(proposing.read(flow::proposal_execute, name).status == Code::pending);
    CHECK(proposing.list().size() == 1);
    auto const empty = proposing.read(flow::proposal_tally, name);
    CHECK(empty.data->at("ballots").empty());
    CHECK(empty.data->at("state") == "open");
    proposing.vote(name, {"no", "yes", "no", "yes"});
    proposing.vote(name, {"yes"});  // changed: a revision, still one vote
    auto const open = proposing.read(flow::proposal_tally, name);
    CHECK(open.data->at("ballots").size() == 4);
    CHECK(open.data->at("tally")["yes"] == 3);
    CHECK(open.data->at("tally")["no"] == 1);
    proposing.close();

    auto const done = proposing.read(flow::proposal_tally, name);
    CHECK(done.data->at("state") == "passed");
    CHECK(done.data->at("tally")["yes"] == 3);
    CHECK_FALSE(proposing.read(flow::proposal_execute, name).status);
    auto const show =
        *proposing
             .read(
                 [&](auto const& state, auto const& request) {
                     return flow::proposal_show(state, proposing.acme().services().certifier, request);
                 },
                 name)
             .data;
    CHECK(show["state"] == "passed");
    CHECK(show["epoch"] == 1);
    // The timelock of a day counts from when the epoch became final here.
    auto const here = Town::state(proposing.acme());
    auto const decided = flow::decided(here, flow::find_proposal(here, name));
    REQUIRE(decided);
    CHECK(decided->earliest >= decided->received + base::Duration::from_text("P1D"));
    CHECK(show["earliest"] == decided->earliest.text());
    CHECK(proposing.acme().store().latest()->networks.size() == 1);
    CHECK(proposing.list().empty());
    CHECK(proposing.list({{"all", true}}).size() == 1);
}

TEST_CASE("proposal execute: what failed is refused and changed nothing") {
    Proposing proposing;
    auto const name = proposing.open();
    proposing.vote(name, {"yes", "no", "no"});
    proposing.close();
    CHECK(proposing.read(flow::proposal_execute, name).status == Code::refused);
    CHECK(proposing.acme().store().latest()->networks.empty());
}
