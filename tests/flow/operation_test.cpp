#include "core/flow/operation.h"

#include "tests/support/stage.h"

using namespace consortium;
using base::Code;
using base::Json;
using base::JsonValue;
using test::code_of;
using test::count_intents;
using test::Killed;
using test::Stage;

namespace {

/// An upgrade whose node was down, so that nothing of it was begun.
struct Held : Stage {
    explicit Held(std::string track = "ordinary") {
        add_release("r-2");
        auto what = upgrade();
        what.track = std::move(track);
        if (what.track == "emergency") decide([&](auto& epoch) { epoch.measures = {measure()}; });
        bench().stop(1);
        CHECK(execute(plan(what)) == Code::unavailable);
        decide([](auto&) {});
        bench().start(1);
        bench().pass(60);
    }
    model::Measure measure() {
        model::Measure out{base::sha256("proposal"), "release.upgrade", "net", {}, {}, {}};
        out.ends = bench().clock().now() + base::Duration{1000};
        return out;
    }
    void pause() {
        decide([](auto& epoch) {
            epoch.measures = {{base::sha256("pause"), "network.pause", "net", {}, {}, {}}};
        });
    }
    void check_refused(std::string const& rule) {
        auto const outcome =
            flow::operation_resume(services(), self(), {"operation resume", JsonValue(Json::object())});
        CHECK(outcome.status == Code::refused);
        CHECK(outcome.data->at("items")[0]["missing"][0].get<std::string>().starts_with(rule));
        CHECK(operation() == "open");
        CHECK(version() == "1.0.0");
        CHECK(effects().empty());
        CHECK(count_intents(store(), "open") == 0);
    }
};

}  // namespace

TEST_CASE("resuming begins nothing while the network is paused, and goes on when the pause has ended") {
    Held held;
    held.pause();
    held.check_refused("not paused");
    held.decide([](auto& epoch) { epoch.measures.clear(); });
    CHECK(held.resume() == std::nullopt);
    CHECK(held.version() == "2.0.0");
}

TEST_CASE("resuming begins nothing after the decision lapsed") {
    Held held;
    held.bench().pass(100'001);
    held.check_refused("not lapsed");
}

TEST_CASE("resuming begins nothing of an emergency that has ended, unless it was ratified") {
    Held held("emergency");
    held.bench().pass(1000);
    held.check_refused("in force");
    held.decide([](auto& epoch) { epoch.measures.clear(); });
    held.check_refused("in force");
    auto const digest = base::sha256("r-2").hex();
    held.decide([&](auto& epoch) {
        epoch.releases = JsonValue(Json{{"net", {{"release", "r-2"}, {"digest", digest}}}});
    });
    CHECK(held.resume() == std::nullopt);
    CHECK(held.version() == "2.0.0");
}

TEST_CASE("what is under way is finished though the network was paused since") {
    Stage stage;
    stage.others_vote();
    CHECK(stage.execute(stage.plan(stage.addition())) == Code::pending);
    stage.decide([](auto& epoch) {
        epoch.measures = {{base::sha256("pause"), "network.pause", "net", {}, {}, {}}};
    });
    stage.bench().pass(60);
    CHECK(stage.resume() == std::nullopt);
    CHECK(stage.operation() == "done");
}

TEST_CASE("a validator is added: intent, submission, other votes, confirmation, clean-up, outcome") {
    Stage stage;
    auto const plan = stage.plan(stage.addition());
    REQUIRE(plan.verdict.allowed());
    CHECK(stage.execute(plan) == Code::pending);
    CHECK(count_intents(stage.store(), "submitted") == 1);
    CHECK(stage.resume() == Code::pending);
    stage.others_vote();
    stage.bench().pass(60);
    CHECK(stage.bench().proposals(1) == 1);
    CHECK(stage.resume() == std::nullopt);
    CHECK(stage.operation() == "done");
    CHECK(stage.bench().proposals(1) == 0);  // G2
    CHECK(count_intents(stage.store(), "confirmed") == 1);
    CHECK(stage.effects().size() == 2);
    CHECK(stage.resume() == std::nullopt);
    CHECK(stage.effects().size() == 2);
}

TEST_CASE("G31 killed at every boundary, an addition resumes to one effect") {
    int boundaries = 0;
    for (int at = 1;; ++at) {
        Stage stage;
        stage.others_vote();
        stage.crash().at = at;
        bool killed = false;
        auto const plan = stage.plan(stage.addition());
        auto const story = [&](auto const& first) {
            if (first() == Code::pending) {
                stage.bench().pass(60);
                auto const end = stage.resume();  // outside CHECK, which would catch the kill
                CHECK(end == std::nullopt);
            }
        };
        try {
            story([&] { return stage.execute(plan); });
        } catch (Killed const&) {
            killed = true;
        }
        CAPTURE(at);
        if (killed) {  // a new process, a little later
            stage.bench().pass(7);
            stage.crash().at = 0;
            bool const begun = stage.store().object("operation", "op").has_value();
            story([&] { return begun ? stage.resume() : stage.execute(plan); });
            ++boundaries;
        }
        CHECK(stage.operation() == "done");
        CHECK(count_intents(stage.store(), "confirmed") == 1);
        CHECK(stage.effects().size() == 2);  // one proposal, one discard
        CHECK(stage.bench().proposals(1) == 0);
        CHECK(stage.bench().network().head().validators.size() == 5);
        if (!killed) break;
    }
    CHECK(boundaries >= 12);
}

TEST_CASE("G31 killed at every boundary, an upgrade resumes to one effect") {
    int boundaries = 0;
    for (int at = 1;; ++at) {
        Stage stage;
        stage.add_release("r-2");
        CAPTURE(at);
        bool const killed = killed_at(at, stage, stage.plan(stage.upgrade()));
        boundaries += killed ? 1 : 0;
        CHECK(stage.operation() == "done");
        CHECK(stage.effects().size() == 1);
        CHECK(stage.bench().network().nodes().at("v1").version == "2.0.0");
        if (!killed) break;
    }
    CHECK(boundaries >= 8);
}

TEST_CASE("G31 the same decision executed twice has one effect") {
    Stage stage;
    stage.add_release("r-2");
    auto first = stage.plan(stage.upgrade());
    auto second = first;
    second.operation = "again";
    CHECK(stage.execute(first) == std::nullopt);
    CHECK(stage.execute(second) == std::nullopt);
    CHECK(stage.effects().size() == 1);
}

TEST_CASE("one open intent a node: another decision waits") {
    Stage stage;
    stage.add_release("r-2");
    CHECK(stage.execute(stage.plan(stage.addition())) == Code::pending);
    auto other = stage.plan(stage.upgrade());
    other.operation = "other";
    CHECK(stage.execute(other) == Code::conflict);
    CHECK(stage.effects().size() == 1);
}

TEST_CASE("a witness that is down leaves the outcome unconfirmed, until it can be asked") {
    Stage stage;
    stage.others_vote();
    CHECK(stage.execute(stage.plan(stage.addition())) == Code::pending);
    stage.bench().pass(60);
    stage.bench().stop(4);
    CHECK(stage.resume() == Code::unconfirmed);
    CHECK(stage.operation() == "open");
    stage.bench().start(4);
    CHECK(stage.resume() == std::nullopt);
}

TEST_CASE("an own node that is down: nothing is intended, and the command can be repeated") {
    Stage stage;
    stage.bench().stop(1);
    CHECK(stage.execute(stage.plan(stage.addition())) == Code::unavailable);
    CHECK(count_intents(stage.store(), "open") == 0);
    stage.bench().start(1);
    stage.bench().pass(60);
    CHECK(stage.resume() == Code::pending);
    CHECK(count_intents(stage.store(), "submitted") == 1);
}

TEST_CASE("G1 the preflight refuses before anything is journaled") {
    Stage stage;
    auto const stranger = stage.enacted(
        "validator.remove", {{"network", "net"}, {"address", "0x" + std::string(40, 'a')}, {"member", "m9"}});
    auto const plan = stage.plan(stranger);
    // Removing somebody who is not there holds already: there is nothing to do.
    CHECK(stage.execute(plan) == std::nullopt);
    CHECK(stage.effects().empty());
    stage.bench().stop(3);
    stage.bench().stop(4);
    stage.bench().pass(120);
    auto const halted = stage.plan(stage.addition());
    auto const size = stage.store().head().size;
    CHECK(code_of([&] { flow::preflight(halted, stage.services(), stage.self()); }) == Code::refused);
    CHECK(stage.store().head().size == size);
}

TEST_CASE("G26 the digest that was decided is the one that is executed") {
    Stage stage;
    CHECK(code_of([&] { static_cast<void>(stage.plan(stage.upgrade())); }) == Code::not_found);
    stage.add_release("another file");
    auto const plan = stage.plan(stage.upgrade());
    CHECK(plan.verdict.ruling == model::Verdict::Ruling::refused);
}

TEST_CASE("G32 a node of another network is told nothing") {
    Stage stage;
    auto state = stage.state();
    auto epoch = *state.epoch;
    epoch.networks[0].identity = base::sha256("elsewhere").hex();
    state.epoch = std::make_shared<model::Epoch>(epoch);
    auto plan = flow::plan_enacted(state, {"proposal execute", JsonValue(Json::object())}, stage.addition());
    plan.operation = "op";
    CHECK(stage.execute(plan) == Code::verification_failed);
    CHECK(stage.effects().empty());
}

TEST_CASE("not before the timelock, not after the decision lapsed") {
    Stage stage;
    auto early = stage.addition();
    early.earliest = stage.bench().clock().now() + base::Duration{1};
    auto const waiting = stage.plan(early);
    CHECK(waiting.verdict.ruling == model::Verdict::Ruling::pending);
    CHECK(waiting.verdict.deadline == early.earliest);
    early.earliest = stage.bench().clock().now();
    CHECK(stage.plan(early).verdict.allowed());
    early.lapses = stage.bench().clock().now() - base::Duration{1};
    CHECK(stage.plan(early).verdict.ruling == model::Verdict::Ruling::refused);
}

TEST_CASE("an abandoned operation takes its proposal back") {
    Stage stage;
    CHECK(stage.execute(stage.plan(stage.addition())) == Code::pending);
    CHECK(stage.bench().proposals(1) == 1);
    auto plan = flow::plan_operation_abandon(stage.state(),
                                             {"operation abandon", JsonValue(Json{{"operand", "op"}})});
    CHECK(plan.danger == "op");
    plan.operation = "given-up";
    CHECK(stage.execute(plan) == std::nullopt);
    CHECK(stage.bench().proposals(1) == 0);
    CHECK(stage.operation() == "abandoned");
    CHECK(count_intents(stage.store(), "abandoned") == 1);
}

TEST_CASE("resuming everything says for each operation what it waits for") {
    Stage stage;
    CHECK(stage.execute(stage.plan(stage.addition())) == Code::pending);
    auto const outcome = flow::operation_resume(stage.services(), stage.self(),
                                                {"operation resume", JsonValue(Json::object())});
    CHECK(outcome.status == Code::pending);
    CHECK(outcome.data->at("items")[0]["code"] == "pending");
    CHECK_FALSE(outcome.data->at("items")[0]["missing"].empty());
    auto const listed = flow::operation_list(stage.state(), {"operation list", JsonValue(Json::object())});
    CHECK(listed.data->at("items").size() == 1);
    auto const shown =
        flow::operation_show(stage.state(), {"operation show", JsonValue(Json{{"operand", "op"}})});
    CHECK(shown.data->at("intents")[0]["state"] == "submitted");
}
