#include "core/flow/operation.h"

#include "core/flow/execution.h"
#include "core/flow/node.h"
#include "core/flow/steps.h"
#include "tests/driver/rehearsal_bench.h"
#include "tests/support/crashing.h"
#include "tests/support/flow.h"

using namespace consortium;
using base::Code;
using base::Json;
using base::JsonValue;
using test::code_of;
using test::Crash;
using test::Killed;

namespace {

/// Member m1's workspace on a simulated network of five nodes; m1 owns v1, the others are witnesses.
class Stage {
public:
    Stage() : m_fixture("m1"), m_driver(m_bench.driver(), m_crash), m_store(m_fixture.store(), m_crash) {
        auto const& made = m_fixture.services();
        m_services.reset(new flow::Services{
            .clock = m_bench.clock(),
            .entropy = made.entropy,
            .verifier = made.verifier,
            .keys = made.keys,
            .store = m_store,
            .certifier = made.certifier,
            .progress = made.progress,
            .driver = [this](std::string_view) -> port::NodeDriver& { return m_driver; },
            .exchange = {},
            .renderer = {},
            .report_template = {},
            .new_passphrase = {},
        });
        m_bench.pass(60);
        for (int i = 1; i <= 4; ++i) know(m_bench.node(i));
    }

    test::RehearsalBench& bench() { return m_bench; }
    flow::Services& services() { return *m_services; }
    port::Store& store() { return m_store; }
    Crash& crash() { return m_crash; }
    flow::Identity self() const { return {"m1", "m1-gov", {}, true}; }

    void know(model::Node const& node) {
        model::Object object{"node", node.id, "known", node.member, {}, {}, 0};
        object.data = JsonValue(Json{{"node", to_json(node)}, {"identity", ""}});
        model::Event event{"node.added", m_bench.clock().now(), JsonValue(Json::object()), {object}};
        m_fixture.store().write([&](port::Transaction& transaction) { transaction.append_event(event); });
    }

    flow::State state() {
        auto epoch = std::make_shared<model::Epoch>();
        epoch->number = 3;
        epoch->rehearsal = true;
        epoch->networks.push_back({"net", "rehearsal", m_bench.network().identity()});
        return {m_store, epoch, m_bench.clock().now(), self()};
    }

    flow::Enacted enacted(std::string kind, Json detail) {
        auto const now = m_bench.clock().now();
        return {base::sha256("proposal"),
                {std::move(kind), JsonValue(std::move(detail))},
                {3, base::sha256("epoch 3")},
                now - base::Duration{10},
                now + base::Duration{100'000}};
    }
    flow::Enacted addition() {
        return enacted("validator.add",
                       {{"network", "net"}, {"address", m_bench.address(5)}, {"member", "m5"}});
    }
    flow::Enacted upgrade() {
        return enacted("release.upgrade",
                       {{"network", "net"}, {"release", "r-2"}, {"digest", base::sha256("r-2").hex()}});
    }
    void add_release(std::string const& content) {
        model::Object object{"release", "r-2", "added", "m1", {}, {}, 0};
        object.data = JsonValue(Json{{"name", "r-2"},
                                     {"version", "2.0.0"},
                                     {"digest", base::sha256(content).hex()},
                                     {"file", nullptr}});
        model::Event event{"release.added", m_bench.clock().now(), JsonValue(Json::object()), {object}};
        m_fixture.store().write([&](port::Transaction& transaction) { transaction.append_event(event); });
    }

    model::Plan plan(flow::Enacted const& what) {
        auto made =
            flow::plan_enacted(state(), {"proposal execute", JsonValue(Json{{"operand", "p-1"}})}, what);
        made.operation = "op";
        return made;
    }
    /// What executing a plan comes to: none if it is done.
    std::optional<Code> execute(model::Plan const& what) {
        return result([&] { flow::apply(what, services(), self()); });
    }
    std::optional<Code> resume() {
        return result([&] { flow::resume("op", services(), self()); });
    }
    void others_vote() {
        for (int i = 2; i <= 3; ++i) test::submit(m_bench, i, {"validator.add", m_bench.address(5), {}});
    }
    std::vector<std::string> effects() { return m_bench.network().nodes().at("v1").effects; }
    std::string operation() { return m_store.object("operation", "op")->state; }

private:
    static std::optional<Code> result(std::function<void()> const& work) {
        try {
            work();
        } catch (base::Error const& error) {
            return error.code();
        }
        return std::nullopt;
    }

    FlowFixture m_fixture;
    test::RehearsalBench m_bench;
    Crash m_crash;
    test::CrashingDriver m_driver;
    test::CrashingStore m_store;
    std::unique_ptr<flow::Services> m_services;
};

std::size_t count_intents(port::Store const& store, std::string const& state) {
    std::size_t count = 0;
    store.objects({.kind = "intent", .state = state}, [&](model::Object const&) { ++count; });
    return count;
}

}  // namespace

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
        auto const plan = stage.plan(stage.upgrade());
        stage.crash().at = at;
        bool killed = false;
        try {
            auto const end = stage.execute(plan);
            CHECK(end == std::nullopt);
        } catch (Killed const&) {
            killed = true;
        }
        stage.crash().at = 0;
        CAPTURE(at);
        if (killed) {
            ++boundaries;
            bool const begun = stage.store().object("operation", "op").has_value();
            CHECK((begun ? stage.resume() : stage.execute(plan)) == std::nullopt);
        }
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
