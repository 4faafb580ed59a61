#pragma once

#include "core/base/error.h"
#include "core/port/node_driver.h"
#include "tests/support/fakes.h"

#include <algorithm>
#include <doctest/doctest.h>
#include <functional>
#include <memory>
#include <nlohmann/json.hpp>

/// What every driver of a QBFT network must do. A bench is a network of four validators v1 … v4 and a fifth
/// node v5 that follows the chain; each node is owned by a member of its own, "m1" … "m5".
namespace consortium::test {

struct Bench {
    virtual ~Bench() = default;
    virtual port::NodeDriver& driver() = 0;
    virtual model::Node node(int number) = 0;       // 1 to 5
    virtual std::string address(int number) = 0;    // on the ledger
    virtual void pass(std::int64_t seconds) = 0;    // time passes, blocks are made
    virtual void stop(int number) = 0;              // the node goes down
    virtual void start(int number) = 0;             // and comes back
    virtual std::size_t proposals(int number) = 0;  // that the node holds
};

using MakeBench = std::function<std::unique_ptr<Bench>()>;

inline base::Code code_of(std::function<void()> const& work) {
    try {
        work();
    } catch (base::Error const& error) {
        INFO(error.message());
        return error.code();
    }
    FAIL("nothing was thrown");
    return base::Code::internal;
}

inline std::vector<model::Node> others(Bench& bench, int number, int last = 4) {
    std::vector<model::Node> out;
    for (int i = 1; i <= last; ++i) {
        if (i != number) out.push_back(bench.node(i));
    }
    return out;
}

/// Plans and submits a change on one node.
inline model::NodeChange submit(Bench& bench, int number, model::NodeChange change) {
    auto const node = bench.node(number);
    auto const intent = base::sha256(change.kind + change.subject + std::to_string(number));
    for (auto const& step : bench.driver().plan_change(node, change, others(bench, number, 5))) {
        bench.driver().apply_step(node, step, intent);
        if (!step.call->at("pin").is_null()) {
            change.detail = base::JsonValue(base::Json{{"pin", step.call->at("pin")}});
        }
    }
    return change;
}

inline model::Confirmation::State confirmed(Bench& bench, int number, model::NodeChange const& change) {
    return bench.driver().confirm(bench.node(number), change, others(bench, number)).state;
}

inline std::vector<std::string> addresses(std::vector<model::Validator> const& validators) {
    std::vector<std::string> out;
    for (auto const& validator : validators) out.push_back(validator.address);
    std::sort(out.begin(), out.end());
    return out;
}

using State = model::Confirmation::State;

inline void check_reading(MakeBench const& make) {
    auto bench = make();
    auto& driver = bench->driver();
    bench->pass(60);
    auto const health = driver.health(bench->node(1));
    CHECK(health.ok);
    CHECK(health.block > 4);
    CHECK(health.peers == 4);
    CHECK_FALSE(health.version.empty());
    CHECK(*health.block_age <= 30);
    CHECK(driver.peers(bench->node(1)).size() == 4);
    auto const validators = driver.validators(bench->node(5));
    REQUIRE(validators.size() == 4);
    for (auto const& validator : validators) CHECK(validator.live);
    auto const finality = driver.finality(bench->node(2));
    CHECK(finality.verified);
    CHECK(finality.quorum == 3);
    CHECK(finality.seals >= 3);
    CHECK(driver.network(bench->node(1)).identity == driver.network(bench->node(3)).identity);
    CHECK_FALSE(driver.network(bench->node(1)).identity.empty());
}

inline void check_addition_and_removal(MakeBench const& make) {
    auto bench = make();
    bench->pass(60);
    auto const newcomer = bench->address(5);
    auto const add = submit(*bench, 1, {"validator.add", newcomer, {}});
    submit(*bench, 2, {"validator.add", newcomer, {}});
    bench->pass(60);
    CHECK(confirmed(*bench, 1, add) == State::waiting);  // two of three votes
    auto const listed = bench->driver().validators(bench->node(3));
    auto const pending =
        std::find_if(listed.begin(), listed.end(), [&](auto const& v) { return v.address == newcomer; });
    REQUIRE(pending != listed.end());
    CHECK(pending->votes_to_add.size() == 2);
    submit(*bench, 3, {"validator.add", newcomer, {}});
    bench->pass(60);
    CHECK(confirmed(*bench, 1, add) == State::holds);
    CHECK(addresses(bench->driver().validators(bench->node(4))).size() == 5);
    for (int i = 1; i <= 3; ++i) submit(*bench, i, {"vote.discard", newcomer, {}});
    auto const remove = submit(*bench, 2, {"validator.remove", newcomer, {}});
    submit(*bench, 3, {"validator.remove", newcomer, {}});
    bench->pass(90);
    CHECK(confirmed(*bench, 2, remove) == State::waiting);
    submit(*bench, 4, {"validator.remove", newcomer, {}});
    bench->pass(90);
    CHECK(confirmed(*bench, 2, remove) == State::holds);
    CHECK(bench->driver().validators(bench->node(1)).size() == 4);
}

inline void check_pointless_votes(MakeBench const& make) {
    auto bench = make();
    bench->pass(60);
    auto const plan = [&](int number, std::string kind, std::string subject) {
        return [=, &bench] {
            bench->driver().plan_change(bench->node(number), {kind, subject, {}}, others(*bench, number));
        };
    };
    std::string const stranger = "0x00000000000000000000000000000000000000aa";
    CHECK(code_of(plan(1, "validator.add", bench->address(2))) == base::Code::refused);
    CHECK(code_of(plan(1, "validator.remove", stranger)) == base::Code::refused);
    CHECK(code_of(plan(5, "validator.remove", bench->address(2))) == base::Code::refused);
}

inline void check_typed_arguments(MakeBench const& make) {
    auto bench = make();
    bench->pass(60);
    for (std::string const subject : {"", "0x12", "null", "50deb75513987f6a4f79e9f2b59fff1a2291330b",
                                      "0x50deb75513987f6a4f79e9f2b59fff1a2291330g"}) {
        CAPTURE(subject);
        CHECK(code_of([&] {
                  bench->driver().plan_change(bench->node(1), {"validator.remove", subject, {}}, {});
              }) == base::Code::malformed);
    }
    for (int i = 1; i <= 4; ++i) CHECK(bench->proposals(i) == 0);
}

inline void check_stale_proposals(MakeBench const& make) {
    auto bench = make();
    bench->pass(60);
    auto const newcomer = bench->address(5);
    for (int i = 1; i <= 3; ++i) submit(*bench, i, {"validator.add", newcomer, {}});
    bench->pass(60);
    model::NodeChange const discard{"vote.discard", newcomer, {}};
    CHECK(bench->proposals(1) == 1);  // passed, and still there
    CHECK(confirmed(*bench, 1, discard) == State::waiting);
    submit(*bench, 1, discard);
    CHECK(bench->proposals(1) == 0);
    auto const left = bench->driver().confirm(bench->node(1), discard, others(*bench, 1));
    CHECK(left.state == State::holds);
    CHECK(std::count_if(left.witnesses.begin(), left.witnesses.end(),
                        [](auto const& rule) { return !rule.holds; }) == 2);
    CHECK(bench->driver().plan_change(bench->node(1), discard, {}).empty());
}

inline void check_lost_quorum(MakeBench const& make) {
    auto bench = make();
    bench->pass(60);
    bench->stop(4);
    bench->pass(90);
    CHECK(bench->driver().health(bench->node(1)).ok);  // slow, not halted
    auto const refuses = [&](int subject) {
        return code_of([&] {
            bench->driver().plan_change(bench->node(1), {"validator.remove", bench->address(subject), {}},
                                        others(*bench, 1));
        });
    };
    for (auto const& validator : bench->driver().validators(bench->node(1))) {
        CHECK(validator.live == (validator.address != bench->address(4)));
    }
    // The dead one may go: three live validators are a quorum of three. A live one may go too (two of three).
    CHECK_NOTHROW(submit(*bench, 1, {"validator.remove", bench->address(4), {}}));
    submit(*bench, 1, {"vote.discard", bench->address(4), {}});
    bench->stop(3);
    bench->pass(120);
    auto const halted = bench->driver().health(bench->node(1));
    CHECK_FALSE(halted.ok);
    CHECK(*halted.block_age > 30);
    CHECK(refuses(4) == base::Code::refused);
    bench->start(3);
    bench->start(4);
    bench->pass(120);
    CHECK(bench->driver().health(bench->node(1)).ok);
    CHECK_NOTHROW(submit(*bench, 2, {"validator.remove", bench->address(4), {}}));
}

inline void check_dead_newcomer(MakeBench const& make) {
    auto bench = make();
    bench->pass(60);
    bench->stop(4);
    bench->stop(5);
    bench->pass(90);
    // Three live of five would be below the quorum of four.
    CHECK(code_of([&] {
              submit(*bench, 1, {"validator.add", bench->address(5), {}});
          }) == base::Code::refused);
    CHECK(bench->proposals(1) == 0);
    bench->start(5);
    CHECK_NOTHROW(submit(*bench, 1, {"validator.add", bench->address(5), {}}));
}

inline void check_silent_nodes(MakeBench const& make) {
    auto bench = make();
    bench->pass(60);
    auto const newcomer = bench->address(5);
    auto add = submit(*bench, 1, {"validator.add", newcomer, {}});
    for (int i = 2; i <= 3; ++i) submit(*bench, i, {"validator.add", newcomer, {}});
    bench->pass(60);
    bench->stop(2);
    CHECK(code_of([&] { bench->driver().health(bench->node(2)); }) == base::Code::unavailable);
    CHECK(code_of([&] { bench->driver().peers(bench->node(2)); }) == base::Code::unavailable);
    CHECK(code_of([&] { bench->driver().confirm(bench->node(2), add, {}); }) == base::Code::unavailable);
    auto const seen = bench->driver().confirm(bench->node(1), add, others(*bench, 1));
    CHECK(seen.asked == 4);
    CHECK(seen.answered == 3);
    CHECK(seen.state == State::holds);
    std::vector<model::Node> nodes;
    for (int i = 1; i <= 4; ++i) nodes.push_back(bench->node(i));
    auto const all = bench->driver().health_all(nodes);
    REQUIRE(all.size() == 4);
    CHECK(all[0].health.has_value());
    CHECK_FALSE(all[1].health.has_value());
    CHECK_FALSE(all[1].unreachable.empty());
    CHECK(all[3].health.has_value());
}

inline void check_repeated_submission(MakeBench const& make) {
    auto bench = make();
    bench->pass(60);
    submit(*bench, 1, {"validator.add", bench->address(5), {}});
    submit(*bench, 1, {"validator.add", bench->address(5), {}});
    CHECK(bench->proposals(1) == 1);
    CHECK(code_of([&] {
              bench->driver().plan_change(bench->node(1), {"network.dissolve", "", {}}, {});
          }) == base::Code::unsupported);
}

inline void check_forged_pin(MakeBench const& make) {
    auto bench = make();
    bench->pass(60);
    auto change = submit(*bench, 1, {"validator.add", bench->address(5), {}});
    auto pin = *change.detail;
    pin["pin"]["validators"][0] = "0x00000000000000000000000000000000000000aa";
    change.detail = base::JsonValue(pin);
    CHECK(confirmed(*bench, 1, change) == State::contradicted);
}

/// Runs the whole contract; each part on a network of its own.
inline void check_contract(MakeBench const& make) {
    SUBCASE("health, peers, validators, finality, network") {
        check_reading(make);
    }
    SUBCASE("three of four votes add, three of five remove") {
        check_addition_and_removal(make);
    }
    SUBCASE("G1 a vote that cannot count is refused") {
        check_pointless_votes(make);
    }
    SUBCASE("G35 arguments are typed and checked before they are sent") {
        check_typed_arguments(make);
    }
    SUBCASE("G2 a passed proposal stays until it is discarded") {
        check_stale_proposals(make);
    }
    SUBCASE("G3 G8 a change that halts the network is refused, a halted chain is not healthy") {
        check_lost_quorum(make);
    }
    SUBCASE("G3 a newcomer that does not follow the chain does not count as live") {
        check_dead_newcomer(make);
    }
    SUBCASE("a node that is down is unavailable, and spoils no other") {
        check_silent_nodes(make);
    }
    SUBCASE("a repeated submission has one effect; an unknown change is unsupported") {
        check_repeated_submission(make);
    }
    SUBCASE("headers that do not follow from the pinned validators confirm nothing") {
        check_forged_pin(make);
    }
}

}  // namespace consortium::test
