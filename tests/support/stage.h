#pragma once

#include "core/flow/execution.h"
#include "core/flow/steps.h"
#include "tests/driver/rehearsal_bench.h"
#include "tests/support/crashing.h"
#include "tests/support/flow.h"

namespace consortium::test {

/// A store whose latest epoch a test can replace.
class DecidingStore : public CrashingStore {
public:
    using CrashingStore::CrashingStore;
    std::shared_ptr<model::Epoch const> shown;
    std::shared_ptr<model::Epoch const> latest() const override {
        return shown ? shown : CrashingStore::latest();
    }
};

/// Member m1's workspace on a simulated network of five nodes; m1 owns v1, the others are witnesses.
class Stage {
public:
    using Code = consortium::base::Code;
    using Json = consortium::base::Json;
    using JsonValue = consortium::base::JsonValue;

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

    /// From now on the latest epoch is the stage's own with this change.
    void decide(std::function<void(model::Epoch&)> const& change) {
        auto epoch = *state().epoch;
        change(epoch);
        m_store.shown = std::make_shared<model::Epoch const>(std::move(epoch));
    }

    flow::State state() {
        if (m_store.shown) return {m_store, m_store.shown, m_bench.clock().now(), self()};
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
    void add_release(std::string const& content, std::string const& name = "r-2",
                     std::string const& version = "2.0.0") {
        model::Object object{"release", name, "added", "m1", {}, {}, 0};
        object.data = JsonValue(Json{{"name", name},
                                     {"version", version},
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
    std::optional<Code> resume(std::string const& operation = "op") {
        return result([&] { flow::resume(operation, services(), self()); });
    }
    void others_vote() {
        for (int i = 2; i <= 3; ++i) test::submit(m_bench, i, {"validator.add", m_bench.address(5), {}});
    }
    std::vector<std::string> effects() { return m_bench.network().nodes().at("v1").effects; }
    std::string operation(std::string const& id = "op") { return m_store.object("operation", id)->state; }
    std::string version() { return m_bench.network().nodes().at("v1").version; }

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
    DecidingStore m_store;
    std::unique_ptr<flow::Services> m_services;
};

/// Executes a plan in a process that is killed at the given boundary, and again in a new one if it was.
/// Whether it was.
inline bool killed_at(int boundary, Stage& stage, model::Plan const& plan) {
    stage.crash().seen = 0;
    stage.crash().at = boundary;
    bool killed = false;
    try {
        auto const end = stage.execute(plan);  // outside CHECK, which would catch the kill
        CHECK(end == std::nullopt);
    } catch (Killed const&) {
        killed = true;
    }
    stage.crash().at = 0;
    if (killed) {
        bool const begun = stage.store().object("operation", plan.operation).has_value();
        CHECK((begun ? stage.resume(plan.operation) : stage.execute(plan)) == std::nullopt);
    }
    return killed;
}

inline std::size_t count_intents(port::Store const& store, std::string const& state) {
    std::size_t count = 0;
    store.objects({.kind = "intent", .state = state}, [&](model::Object const&) { ++count; });
    return count;
}

}  // namespace consortium::test
