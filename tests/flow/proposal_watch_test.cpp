#include "core/flow/proposal_watch.h"

#include "core/flow/proposal.h"
#include "core/flow/proposal_remind.h"
#include "core/flow/vote.h"
#include "tests/support/code_of.h"
#include "tests/support/town.h"

#include <doctest/doctest.h>

using namespace consortium;
using base::Code;
using base::Json;

namespace {

struct Watching : Town {
    Watching() {
        found();
        auto const plan = flow::plan_proposal_open(
            state(acme()), request("proposal open", {{"operand", "network.add"},
                                                     {"title", "a drill, now"},
                                                     {"set", {"id=drill", "kind=rehearsal", "identity=n"}}}));
        name = apply(acme(), plan)["results"][0]["name"];
        sync(1);
    }
    void vote(std::size_t who, std::string const& choice) {
        apply(*all[who], flow::plan_vote_cast(state(*all[who]),
                                              request("vote cast", {{"operand", name}, {"choice", choice}})));
        sync(2);
    }
    flow::ProposalLook look() {
        auto const here = state(acme());
        return flow::look_at(here, flow::find_proposal(here, name));
    }
    Json json() { return flow::to_json(look(), acme().clock.now()); }
    /// Watches; before each look after the first, the next of `meanwhile` happens.
    model::Outcome watch(flow::WatchOptions const& options, std::vector<std::function<void()>> meanwhile) {
        std::size_t next = 0;
        auto const show = [this](auto const&, auto const& news, base::Instant) { shown.push_back(news); };
        auto const pause = [&](base::Duration duration) {
            paused = duration;
            REQUIRE(next < meanwhile.size());
            meanwhile[next++]();
        };
        return flow::watch_proposal(name, options, {[this] { return state(acme()); }, show, pause});
    }
    model::Outcome remind(Json arguments) {
        return flow::remind(state(acme()), request("proposal remind", std::move(arguments))).outcome;
    }

    std::string name;
    std::vector<std::vector<std::string>> shown;
    base::Duration paused;
};

using Names = std::vector<std::string>;

}  // namespace

TEST_CASE("proposal watch: who has voted, what each rule needs, who could still turn it") {
    Watching watching;
    auto const first = watching.json();
    CHECK(first["state"] == "open");
    CHECK(first["left"] == 86'400 + 60);  // a day, in whole minutes
    CHECK(first["missing"] == Json{"acme", "globex", "initech", "umbrella"});
    CHECK(first["passes"] == false);
    CHECK(first["would_pass"] == Json{"acme", "globex"});
    CHECK(first["would_block"] == Json{"acme", "globex"});
    watching.vote(1, "no");
    auto const second = watching.json();
    CHECK(second["members"][1]["choice"] == "no");
    CHECK(second["members"][1]["time"].is_string());
    CHECK(second["members"][0]["choice"].is_null());
    CHECK(second["missing"] == Json{"acme", "initech", "umbrella"});
    REQUIRE_FALSE(second["rules"].empty());
    CHECK(second["rules"][0]["rule"] == "quorum");
    CHECK(second["rules"][0]["have"] == "1");
    CHECK(second["rules"][0]["need"] == "2");
    CHECK(second["rules"][0]["holds"] == false);
    CHECK(second["would_pass"] == Json{"acme", "initech"});
    watching.vote(2, "no");
    CHECK(watching.json()["would_pass"].is_null());
}

TEST_CASE("proposal watch: shows what changed, and nothing where nothing did, until it is decided") {
    Watching watching;
    flow::WatchOptions options;
    options.every = base::Duration{7};
    auto const outcome =
        watching.watch(options, {[&] { watching.vote(0, "yes"); }, [] {},
                                 [&] {
                                     watching.vote(1, "no");
                                     watching.vote(1, "yes");
                                 },
                                 [&] { watching.vote(2, "yes"); }, [&] { watching.pass("P1DT1M"); },
                                 [&] {
                                     watching.pass("PT2H");
                                     watching.decide();
                                 }});
    CHECK(watching.paused == base::Duration{7});
    REQUIRE(watching.shown.size() == 6);
    CHECK(watching.shown[0].empty());
    CHECK(watching.shown[1] == Names{"acme votes yes"});
    CHECK(watching.shown[2] == Names{"globex votes yes"});
    CHECK(watching.shown[3].front() == "initech votes yes");
    CHECK(watching.shown[4].front() == "it is closed");
    CHECK(watching.shown[5].back() == "epoch 1 decided it: passed");
    CHECK_FALSE(outcome.status);
    CHECK(outcome.data->at("state") == "passed");
    CHECK(outcome.data->at("epoch") == 1);
    CHECK(outcome.data->at("left").is_null());
    CHECK(outcome.next == Names{"consortium proposal execute " + watching.name});
}

TEST_CASE("proposal watch: ends where it was told to, and is pending where its rounds ended before") {
    Watching watching;
    flow::WatchOptions options;
    options.rounds = 2;
    CHECK(watching.watch(options, {[] {}}).status == Code::pending);
    options.until = flow::WatchEnd::closed;
    options.rounds.reset();
    auto const closed = watching.watch(options, {[&] { watching.pass("P1DT1M"); }});
    CHECK_FALSE(closed.status);
    CHECK(closed.data->at("state") == "closed");
    CHECK(code_of([&] {
              watching.name = "p-000000";
              (void)watching.watch(options, {});
          }) == Code::not_found);
}

TEST_CASE("proposal remind: one text a member that is missing, with the time in the charter's zone") {
    Watching watching;
    watching.vote(0, "yes");
    auto const outcome = watching.remind(Json::object());
    auto const& items = outcome.data->at("items");
    REQUIRE(items.size() == 3);
    CHECK(items[0]["member"] == "globex");
    CHECK(items[0]["officers"] == Json{"globex-ada"});
    auto const text = items[0]["text"].get<std::string>();
    CHECK(text.find("Voting ends 2026-10-02 09:01 UTC") != std::string::npos);
    CHECK(text.find("consortium vote cast " + watching.name + " --choice yes   (or no, abstain)") !=
          std::string::npos);
    CHECK(items[0]["subject"].get<std::string>().find("a drill, now") != std::string::npos);
    CHECK(watching.remind({{"to", "umbrella"}}).data->at("items").size() == 1);
    CHECK(watching.remind({{"to", "acme"}}).data->at("items").empty());
    CHECK(code_of([&] { (void)watching.remind({{"to", "globx"}}); }) == Code::not_found);
    watching.pass("P1DT1M");
    CHECK(watching.remind({{"operand", watching.name}}).data->at("items").empty());
}

TEST_CASE("proposal remind: the dates, tentative until it has passed, under the same names") {
    Watching watching;
    auto const events = [&] { return flow::calendar_events(Town::state(watching.acme()), watching.look()); };
    auto const open = events();
    REQUIRE(open.size() == 3);
    CHECK(open[0].start == base::Instant::from_text("2026-10-02T09:01:00Z"));
    CHECK_FALSE(open[0].tentative);
    CHECK(open[1].tentative);
    // Close, an hour of grace, a day of timelock.
    CHECK(open[1].start == base::Instant::from_text("2026-10-03T10:01:00Z"));
    CHECK(open[2].start == base::Instant::from_text("2026-11-01T09:01:00Z"));
    for (auto const& one : open) CHECK(one.stamp == base::Instant::from_text("2026-10-01T09:00:00Z"));
    watching.pass("PT1H");
    CHECK(events()[0].stamp == open[0].stamp);  // not when it is written
    for (std::size_t who = 0; who < 3; ++who) watching.vote(who, "yes");
    watching.pass("P1D");
    watching.pass("PT2H");
    watching.decide();
    auto const done = events();
    REQUIRE(done.size() == 2);
    CHECK(done[0].uid == open[1].uid);
    CHECK(done[0].sequence > open[1].sequence);
    CHECK_FALSE(done[0].tentative);
    auto const here = Town::state(watching.acme());
    CHECK(done[0].start == flow::decided(here, flow::find_proposal(here, watching.name))->earliest);
}
