#include "core/model/plan.h"

#include "core/base/error.h"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

using namespace consortium;
using model::Plan;
using model::Verdict;

namespace {

Plan sample() {
    Plan plan;
    plan.request = {"vote cast", base::Json{{"operand", "p-3fa9c1"}, {"choice", "yes"}}};
    plan.epoch = {7, base::sha256("epoch")};
    plan.pins = {{"proposal/p-3fa9c1", 12}, {"node/n1", 0}};
    plan.steps = {{"act", "p-3fa9c1", "votes yes", base::Json{{"kind", "ballot"}}}};
    plan.verdict.require("open", true, "the vote is open");
    plan.verdict.deadline = base::Instant::from_text("2026-11-02T12:00:00Z");
    return plan;
}

}  // namespace

TEST_CASE("a saved plan reads back as the same plan") {
    Plan plan = sample();
    plan.operation = "op-1";
    plan.warnings = {"careful"};
    Plan const read = model::plan_from_json(base::parse_json(base::canonical(model::to_json(plan))));
    CHECK(model::to_json(read) == model::to_json(plan));
    CHECK(model::digest(read) == model::digest(plan));
    CHECK(read.operation == "op-1");
}

TEST_CASE("the digest covers all but the operation and the warnings") {
    base::Digest const digest = model::digest(sample());
    Plan plan = sample();
    plan.operation = "op-2";
    plan.warnings = {"other"};
    CHECK(model::digest(plan) == digest);
    auto changed = [&](auto const& change) {
        Plan other = sample();
        change(other);
        return model::digest(other) != digest;
    };
    CHECK(changed([](Plan& other) { other.epoch.number = 8; }));
    CHECK(changed([](Plan& other) { other.pins["node/n1"] = 1; }));
    CHECK(changed([](Plan& other) { other.steps[0].detail = base::Json{{"kind", "approval"}}; }));
    CHECK(changed([](Plan& other) { other.danger = "r-2026"; }));
    CHECK(changed([](Plan& other) { other.verdict.ruling = Verdict::Ruling::refused; }));
    CHECK(changed([](Plan& other) { other.request.command = "vote prepare"; }));
}

TEST_CASE("a plan file with an unknown key is refused") {
    base::Json value = model::to_json(sample());
    value["extra"] = 1;
    CHECK_THROWS_AS(model::plan_from_json(value), base::Error);
}

TEST_CASE("one refusal outweighs all that is pending") {
    Verdict verdict;
    verdict.require("a", true, "fine");
    CHECK(verdict.allowed());
    verdict.require("b", false, "waits", Verdict::Ruling::pending);
    CHECK(verdict.ruling == Verdict::Ruling::pending);
    verdict.require("c", false, "no");
    verdict.require("d", false, "waits", Verdict::Ruling::pending);
    CHECK(verdict.ruling == Verdict::Ruling::refused);
    CHECK(verdict.rules.size() == 4);
}
