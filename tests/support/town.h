#pragma once

#include "core/flow/apply.h"
#include "tests/support/organization.h"

#include <algorithm>

/// Four organizations that can found a consortium as `init` does it, and have when asked; one may lie, so
/// that two must welcome a newcomer. They exchange in memory.
class Town {
public:
    using Json = consortium::base::Json;

    Town() {
        for (auto const* name : {"acme", "globex", "initech", "umbrella"}) all.push_back(settle(name));
        consortium::base::write_file(acme().self.workspace / "charter.toml", charter);
    }

    /// An organization with the record that `init` writes for founders and inviters.
    static std::unique_ptr<Organization> settle(std::string const& name, std::string const& seed = "seed") {
        using namespace consortium;
        auto made = std::make_unique<Organization>(name, seed);
        base::make_folder(made->self.workspace / "out");
        base::write_file(flow::founder_file(made->self.workspace),
                         base::canonical(model::to_json(made->founder)));
        return made;
    }
    Organization& acme() { return *all[0]; }
    Organization& globex() { return *all[1]; }

    static consortium::flow::State state(Organization& one) {
        return {one.store(), one.store().latest(), one.clock.now(), one.self};
    }
    static consortium::model::Request request(std::string command, Json arguments) {
        return {std::move(command), consortium::base::JsonValue(std::move(arguments))};
    }
    /// Carries the plan out; the record of the operation.
    static Json apply(Organization& one, consortium::model::Plan const& plan) {
        REQUIRE(plan.verdict.allowed());
        return *consortium::flow::apply(plan, one.services(), one.self);
    }

    Json founding_arguments() {
        Json arguments{{"charter", (acme().self.workspace / "charter.toml").string()},
                       {"rehearsal", true},
                       {"founder", Json::array()}};
        for (auto const& one : all)
            arguments["founder"].push_back(consortium::flow::founder_file(one->self.workspace).string());
        return arguments;
    }
    /// acme writes the genesis and signs it; the path of its document.
    std::string compose() {
        apply(acme(), consortium::flow::plan_genesis(state(acme()), request("init", founding_arguments())));
        return (acme().self.workspace / "out" / "genesis.json").string();
    }
    static consortium::model::Plan acceptance(Organization& founder, std::string const& genesis) {
        return consortium::flow::plan_genesis_acceptance(
            state(founder), request("init", {{"genesis", genesis}, {"rehearsal", true}}));
    }
    /// All have signed, all know it.
    void found() {
        auto const genesis = compose();
        for (std::size_t i = 1; i < all.size(); ++i) apply(*all[i], acceptance(*all[i], genesis));
        sync(3);
        for (auto const& one : all) REQUIRE(one->store().latest());
    }

    void sync(int rounds) {
        for (int round = 0; round < rounds; ++round)
            for (auto const& one : all) one->sync(exchange);
    }
    /// Until nobody's latest epoch is this one any more; a live leader needs at most five rounds (PROTOCOL
    /// P6).
    void decide() {
        auto const before = acme().store().latest()->number;
        for (int round = 0; round < 6; ++round) {
            sync(1);
            if (std::all_of(all.begin(), all.end(),
                            [&](auto const& one) { return one->store().latest()->number > before; }))
                return;
        }
        FAIL("no epoch became final");
    }
    void pass(std::string_view duration) {
        for (auto const& one : all) one->clock.advance(consortium::base::Duration::from_text(duration));
    }

    std::vector<std::unique_ptr<Organization>> all;
    MemoryExchange exchange;

    static constexpr char const* charter = R"(name = "payments"
[agreement]
grace = "PT1H"
settle = "P1D"
attempt = "P1D"
away = "P180D"
[tier.validator]
rights = ["read", "write", "validate", "vote"]
[decision.networks]
actions = ["network.add"]
electorate = ["validator"]
proposers = ["governance"]
quorum = {min = ">=1/2"}
pass = {min = ">=2/3"}
time = {window = "P1D", timelock = "P1D", lapses = "P30D"}
)";
};
