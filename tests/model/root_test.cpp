#include "core/model/root.h"

#include "core/base/error.h"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

using namespace consortium;

namespace {

model::TrustBundle bundle(std::int64_t version) {
    return {version,
            "root-g1",
            {{"root-g1", {1, 2}}, {"root-g2", {3}}},
            {{"g2-by-g1", {4}}},
            {{"issuing-1", {5}}}};
}

}  // namespace

TEST_CASE("a trust bundle is one canonical text") {
    auto const text = document(bundle(2));
    CHECK(model::trust_bundle_from_text(text) == bundle(2));
    CHECK_THROWS_AS((void)model::trust_bundle_from_text(text + " "), base::Error);
    auto more = model::to_json(bundle(2));
    more["colour"] = "red";
    CHECK_THROWS_AS((void)model::trust_bundle_from_json(more), base::Error);
}

TEST_CASE("a trust bundle presents one of its roots") {
    auto other = model::to_json(bundle(2));
    other["present"] = "root-g3";
    CHECK_THROWS_AS((void)model::trust_bundle_from_json(other), base::Error);
}

TEST_CASE("trust bundle versions only rise, and one root stays") {
    CHECK_NOTHROW(model::check_successor(nullptr, bundle(1)));
    CHECK_NOTHROW(model::check_successor(model::to_json(bundle(1)), bundle(2)));
    CHECK_THROWS_AS(model::check_successor(model::to_json(bundle(2)), bundle(2)), base::Error);
    CHECK_THROWS_AS(model::check_successor(model::to_json(bundle(3)), bundle(2)), base::Error);
    CHECK_THROWS_AS(model::check_successor(nullptr, model::TrustBundle{1, {}, {}, {}, {}}), base::Error);
}

TEST_CASE("a rotation plan goes up a generation") {
    model::RotationPlan plan{"Payments",      "Payments",   1, 2, base::sha256("old"), "p256",
                             {3650 * 86'400}, {"issuing-1"}};
    CHECK(model::rotation_plan_from_text(document(plan)) == plan);
    plan.roster = {{"custodian", "acme-sec"}, {"witness", "globex-sec"}};
    plan.threshold = 1;
    plan.dates = {{"switch", base::Instant::from_text("2027-01-01T00:00:00Z")}};
    plan.emergency =
        model::RotationPlan::Emergency{"stolen", base::Instant::from_text("2026-11-02T00:00:00Z")};
    CHECK(model::rotation_plan_from_text(document(plan)) == plan);
    CHECK(plan.officers("witness") == std::vector<std::string>{"globex-sec"});
    std::swap(plan.roster[0], plan.roster[1]);
    CHECK_THROWS_AS((void)model::rotation_plan_from_text(document(plan)), base::Error);
    plan.roster = {{"king", "acme-sec"}};
    CHECK_THROWS_AS((void)model::rotation_plan_from_text(document(plan)), base::Error);
    plan.roster.clear();
    plan.to = 1;
    CHECK_THROWS_AS((void)model::rotation_plan_from_text(document(plan)), base::Error);
}
