#include "core/flow/cost.h"

#include "core/base/error.h"
#include "tests/support/code_of.h"
#include "tests/support/data_folder.h"
#include "tests/support/membership.h"

#include <doctest/doctest.h>

using namespace consortium;
using base::Json;

namespace {

std::string const sample = consortium::test::data_folder() + "/usage/usage-2026-10.csv";

struct CostFixture : MembershipFixture {
    Json import(std::string const& file, Json more = Json::object()) {
        more["operand"] = file;
        more["month"] = "2026-10";
        return apply(flow::plan_cost_import(state(), request("cost import", more)));
    }

    model::Plan allocation(Json more = Json::object()) {
        more["month"] = "2026-10";
        if (!more.contains("pool")) more["pool"] = {"infrastructure=12000.00", "support=900.00"};
        return flow::plan_cost_allocate(state(), request("cost allocate", more));
    }

    model::Outcome verify(Json more = Json::object()) {
        more["operand"] = "2026-10";
        return flow::cost_verify(state(), request("cost verify", more));
    }

    base::Path changed_sample() {
        auto text = base::read_text(sample, 1u << 20);
        text.replace(text.find(",20325,"), 7, ",20326,");
        auto const file = folder() / "changed.csv";
        base::write_file(file, text);
        return file;
    }
};

}  // namespace

TEST_CASE("usage is journaled once; the same file again changes nothing") {
    CostFixture fixture;
    fixture.import(sample);
    auto const size = fixture.store().head().size;
    auto const usage = flow::imported_usage(fixture.store(), "2026-10");
    REQUIRE(usage.has_value());
    CHECK(usage->rows == 206);
    CHECK(usage->file.hex() == base::sha256(base::read_text(sample, 1u << 20)).hex());
    auto const again = flow::plan_cost_import(
        fixture.state(), fixture.request("cost import", {{"operand", sample}, {"month", "2026-10"}}));
    CHECK(again.steps.empty());
    CHECK(again.verdict.allowed());
    CHECK(fixture.store().head().size == size);
}

TEST_CASE("another file for the same month is refused unless it is a correction") {
    CostFixture fixture;
    fixture.import(sample);
    auto const changed = fixture.changed_sample();
    CHECK(code_of([&] { fixture.import(changed); }) == base::Code::conflict);
    fixture.import(changed, {{"correction", "counted twice"}});
    CHECK(flow::imported_usage(fixture.store(), "2026-10")
              ->member("alpha-bank")
              ->quantities.at("transactions") == 1451410);
}

TEST_CASE("a bad file leaves nothing behind") {
    CostFixture fixture;
    auto const size = fixture.store().head().size;
    auto const file = fixture.folder() / "bad.csv";
    base::write_file(file, base::read_text(sample, 1u << 20) + "2026-10-31,zeta,z,1,1,1\n");
    CHECK_THROWS_WITH((void)fixture.import(file), "bad.csv:208: 'zeta' is not a member");
    CHECK(code_of([&] { fixture.import(fixture.folder() / "none.csv"); }) == base::Code::not_found);
    CHECK(code_of([&] { fixture.import(fixture.folder()); }) == base::Code::storage);
    CHECK(fixture.store().head().size == size);
    CHECK_FALSE(fixture.store().object("usage", "2026-10"));
}

TEST_CASE("allocation signs the document, writes statements and verifies") {
    CostFixture fixture;
    fixture.import(sample);
    auto const ledger = fixture.folder() / "october.journal";
    fixture.apply(fixture.allocation({{"hledger", ledger.string()}}));
    auto const held = flow::held_allocations(fixture.store(), "2026-10");
    REQUIRE(held.size() == 1);
    CHECK(held[0].issuer == "alpha-bank");
    // The figures of tests/account/allocation_test.cpp.
    std::vector<std::int64_t> amounts;
    for (auto const& line : held[0].allocation.lines) amounts.push_back(line.minor);
    CHECK(amounts == std::vector<std::int64_t>{706'637, 90'222, 344'005, 52'981, 6'155,  //
                                               19'375, 19'375, 19'375, 19'375, 12'500});
    auto const folder = fixture.folder() / "out" / "costs" / "2026-10";
    auto const text = base::read_text(folder / "ember-city.txt", 1u << 20);
    CHECK(text.find("a member on 20 of 31 days") != std::string::npos);
    auto const json = base::parse_json(base::read_text(folder / "ember-city.json", 1u << 20));
    CHECK(json["total"] == "186.55");
    CHECK_FALSE(fixture.verify().status.has_value());
    CHECK_FALSE(fixture.verify({{"usage", sample}}).status.has_value());
}

TEST_CASE("G27 a month is allocated once; a correction charges the differences") {
    CostFixture fixture;
    fixture.import(sample);
    fixture.apply(fixture.allocation());
    CHECK(code_of([&] { (void)fixture.allocation(); }) == base::Code::conflict);
    CHECK(code_of([&] {
              (void)fixture.allocation({{"correction", "x"}, {"pool", {"infrastructure=12000.00"}}});
          }) == base::Code::usage);
    auto const before = flow::held_allocations(fixture.store(), "2026-10").front().digest;
    fixture.import(fixture.changed_sample(), {{"correction", "one transaction more"}});
    fixture.apply(fixture.allocation(
        {{"correction", "support cost more"}, {"pool", {"infrastructure=12000.00", "support=901.00"}}}));
    auto const held = flow::held_allocations(fixture.store(), "2026-10");
    REQUIRE(held.size() == 2);
    CHECK(held[0].digest == before);
    CHECK(held[1].allocation.inputs.corrects == before);
    std::int64_t sum = 0;
    for (auto const& line : held[1].allocation.lines) sum += line.minor;
    CHECK(sum == 100);
    CHECK_FALSE(fixture.verify().status.has_value());
}

TEST_CASE("verification finds an allocation that does not follow from its inputs") {
    CostFixture fixture;
    fixture.import(sample);
    auto plan = fixture.allocation();
    auto document =
        base::parse_json((*plan.steps[0].detail)["files"][0].get<std::string>(), {16u << 20, 32, false});
    SUBCASE("an amount") {
        document["lines"][0]["amount"] = "7066.36";
    }
    SUBCASE("member-days") {
        document["inputs"]["members"][4]["days"] = 19;
    }
    SUBCASE("a pool's rule") {
        document["inputs"]["pools"][0]["fallback"] = "";
    }
    SUBCASE("usage") {
        document["inputs"]["members"][0]["quantities"]["gas"] = "102206662001";
    }
    auto detail = *plan.steps[0].detail;
    auto const text = base::canonical(document);
    detail["files"][0] = text;
    detail["body"]["document"] = base::sha256(text).hex();
    plan.steps[0].detail = base::JsonValue(detail);
    fixture.apply(plan);
    auto const outcome = fixture.verify();
    REQUIRE(outcome.status.has_value());
    CHECK(*outcome.status == base::Code::verification_failed);
}

TEST_CASE("what the command line gets wrong about pools is said") {
    CostFixture fixture;
    fixture.import(sample);
    auto const code = [&](char const* pool) {
        return code_of([&] { (void)fixture.allocation({{"pool", {pool}}}); });
    };
    CHECK(code("infrastructure") == base::Code::usage);
    CHECK(code("=12") == base::Code::usage);
    CHECK(code("infrastrucure=12.00") == base::Code::not_found);
    CHECK(code("infrastructure=12.001") == base::Code::malformed);
    CHECK(code("infrastructure=1e3") == base::Code::malformed);
    CHECK(code_of([&] { (void)fixture.allocation({{"pool", Json::array()}}); }) == base::Code::usage);
    CHECK(code_of([&] {
              (void)fixture.allocation({{"pool", {"support=1.00", "support=2.00"}}});
          }) == base::Code::usage);
}

TEST_CASE("a pool shared by volume needs the month's usage") {
    CostFixture fixture;
    CHECK(code_of([&] { (void)fixture.allocation(); }) == base::Code::refused);
    CHECK_NOTHROW((void)fixture.allocation({{"pool", {"support=900.00"}}}));
}

TEST_CASE("the same plan follows from the same state") {
    CostFixture fixture;
    fixture.import(sample);
    CHECK(model::digest(fixture.allocation()) == model::digest(fixture.allocation()));
}
