#include "core/account/allocation.h"

#include "core/account/statement.h"
#include "core/base/error.h"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>
#include <random>

using namespace consortium;
using account::allocate;
using model::Allocation;
using model::CostInputs;
using model::CostPool;

namespace {

CostInputs october(std::vector<model::Participant> members, std::vector<model::PoolAmount> pools) {
    CostInputs inputs;
    inputs.month = "2026-10";
    inputs.currency = base::Currency::from_code("EUR");
    inputs.days = 31;
    inputs.members = std::move(members);
    inputs.pools = std::move(pools);
    inputs.due = base::Day::from_text("2026-11-30");
    inputs.dispute_by = base::Day::from_text("2026-11-15");
    return inputs;
}

/// The month of the example file; gas in whole units.
std::vector<model::Participant> five() {
    return {{"alpha-bank", "Alpha Bank AG", 31, {{"gas", 102'206'662'000}}},
            {"borealis-energy", "Borealis Energy", 31, {{"gas", 13'049'617'000}}},
            {"cedar-health", "Cedar Health", 31, {{"gas", 49'756'250'000}}},
            {"delta-ports", "Delta Ports", 31, {{"gas", 7'663'036'000}}},
            {"ember-city", "Ember City", 20, {{"gas", 890'229'000}}}};
}

CostPool equal_pool() {
    return {"support", "equal", "", {}, ""};
}
CostPool gas_pool() {
    return {"infrastructure", "volume", "gas", {}, "equal"};
}

std::vector<std::int64_t> amounts(Allocation const& allocation) {
    std::vector<std::int64_t> out;
    for (auto const& line : allocation.lines) out.push_back(line.minor);
    return out;
}

using Amounts = std::vector<std::int64_t>;

}  // namespace

TEST_CASE("equal shares by member-days, computed by hand") {
    // 124 + 20 = 144 member-days; 1,000.00 EUR / 144 = 694.4 cents a day:
    // 31 days 21527.77..., 20 days 13888.88...: floors sum to 99996; the four units left go to the larger
    // fractions: .88 first, then .77 in the order of ids.
    auto const allocation = allocate(october(five(), {{equal_pool(), 100'000}}));
    CHECK(amounts(allocation) == Amounts{21'528, 21'528, 21'528, 21'527, 13'889});
    auto const& ember = allocation.lines.back();
    CHECK(ember.quota == base::Rational::of(125'000, 9));
    CHECK(ember.adjustment == base::Rational::of(1, 9));
    CHECK(ember.days == 20);
    CHECK(ember.weight == 20);
    CHECK(ember.total == 144);
}

TEST_CASE("volume shares of the example month") {
    // By Python's fractions.
    auto const allocation = allocate(october(five(), {{gas_pool(), 1'200'000}}));
    CHECK(amounts(allocation) == Amounts{706'637, 90'222, 344'005, 52'981, 6'155});
    CHECK(allocation.lines[0].days == 0);
    CHECK(allocation.lines[0].quota == base::Rational::of(base::Wide{1'200'000} * 102'206'662, 173'565'794));
}

TEST_CASE("weighted shares, prorated") {
    CostPool const pool{"audit", "weighted", "", {{"a", 3}, {"b", 1}}, ""};
    auto const allocation = allocate(october({{"a", "A", 10, {}}, {"b", "B", 30, {}}}, {{pool, 101}}));
    // 30 to 30, tie: one unit to the smaller id.
    CHECK(amounts(allocation) == Amounts{51, 50});
    CHECK_THROWS_WITH((void)allocate(october({{"a", "A", 10, {}}, {"c", "C", 30, {}}}, {{pool, 101}})),
                      "pool 'audit' cannot be shared: the charter gives no weight to 'c'");
}

TEST_CASE("the airport game: what each runway section costs, shared by those who need it") {
    // Littlechild and Owen: costs 8, 11, 13, 18 give 2, 3, 4, 9. Each section is an equal pool of its users.
    std::vector<model::PoolAmount> pools;
    std::int64_t const sections[] = {8, 3, 2, 5};
    std::vector<model::Participant> planes{
        {"p1", "", 31, {}}, {"p2", "", 31, {}}, {"p3", "", 31, {}}, {"p4", "", 31, {}}};
    std::map<std::string, std::int64_t> sums;
    for (std::size_t section = 0; section < 4; ++section) {
        CostPool pool{"section-" + std::to_string(section), "weighted", "", {}, ""};
        for (std::size_t plane = 0; plane < 4; ++plane)
            pool.weights[planes[plane].member] = plane >= section ? 1 : 0;
        pools.push_back({pool, sections[section] * 100});
    }
    for (auto const& line : allocate(october(planes, pools)).lines) sums[line.member] += line.minor;
    CHECK(sums == std::map<std::string, std::int64_t>{{"p1", 200}, {"p2", 300}, {"p3", 400}, {"p4", 900}});
}

TEST_CASE("zero total weight takes the fallback or names the pool") {
    auto members = five();
    for (auto& member : members) member.quantities["gas"] = 0;
    auto const allocation = allocate(october(members, {{gas_pool(), 100}}));
    CHECK(allocation.lines[0].method == "equal");
    CHECK(amounts(allocation) == Amounts{22, 22, 21, 21, 14});
    auto strict = gas_pool();
    strict.fallback = "";
    try {
        (void)allocate(october(members, {{strict, 100}}));
        FAIL("no refusal");
    } catch (base::Error const& error) {
        CHECK(error.code() == base::Code::refused);
        CHECK(error.message() ==
              "pool 'infrastructure' cannot be shared: its total weight is zero and it has no fallback");
    }
    for (auto& member : members) member.quantities.clear();
    CHECK_THROWS_WITH(
        (void)allocate(october(members, {{gas_pool(), 100}})),
        "pool 'infrastructure' cannot be shared: no usage with the column 'gas' was imported for "
        "the month");
}

TEST_CASE("every pool sums to the cent, every total is the sum of its lines") {
    std::mt19937_64 random(99);
    for (int round = 0; round < 200; ++round) {
        auto members = five();
        for (auto& member : members) {
            member.days = static_cast<int>(random() % 31 + 1);
            member.quantities["gas"] = static_cast<std::int64_t>(random() % 1'000'000'000'000);
        }
        auto const first = static_cast<std::int64_t>(random() % 100'000'000) - 50'000'000;
        auto const second = static_cast<std::int64_t>(random() % 100'000'000);
        auto const allocation = allocate(october(members, {{gas_pool(), first}, {equal_pool(), second}}));
        std::map<std::string, std::int64_t> pools;
        for (auto const& line : allocation.lines) pools[line.pool] += line.minor;
        REQUIRE(pools["infrastructure"] == first);
        REQUIRE(pools["support"] == second);
        std::int64_t all = 0;
        for (auto const& statement : account::statements(allocation, "payments")) {
            std::int64_t sum = 0;
            for (auto const& line : statement.lines) sum += line.minor;
            REQUIRE(statement.total == sum);
            all += sum;
        }
        REQUIRE(all == first + second);
        REQUIRE(account::differences(allocation).empty());
    }
}

TEST_CASE("G27 a closed month is corrected by lines for the difference, its old lines stay") {
    auto const first = allocate(october(five(), {{gas_pool(), 1'200'000}}));
    auto inputs = october(five(), {{gas_pool(), 1'200'000}});
    inputs.members[4].quantities["gas"] = 2'000'000'000;
    inputs.corrects = base::sha256(model::document(first));
    for (auto const& line : first.lines) inputs.billed.push_back({line.pool, line.member, line.minor});
    auto const correction = allocate(inputs);
    std::int64_t sum = 0;
    for (std::size_t i = 0; i < correction.lines.size(); ++i) {
        auto const& line = correction.lines[i];
        CHECK(line.billed == first.lines[i].minor);
        CHECK(line.minor == line.share - line.billed);
        sum += line.minor;
    }
    CHECK(sum == 0);
    CHECK(correction.lines[4].minor > 0);
    CHECK(correction.lines[0].minor < 0);
    CHECK(account::differences(correction).empty());
}

TEST_CASE("the document reads back, and a changed amount is found") {
    auto const allocation =
        allocate(october(five(), {{gas_pool(), 922'337'203'685'477}, {equal_pool(), 90'000}}));
    auto const text = model::document(allocation);
    auto read = model::allocation_from_json(base::parse_canonical(text, {16u << 20, 32, false}));
    CHECK(model::document(read) == text);
    CHECK(account::differences(read).empty());
    --read.lines[1].minor;
    REQUIRE(account::differences(read).size() == 1);
    CHECK(account::differences(read)[0].find("line infrastructure/borealis-energy says ") == 0);
    read.lines.pop_back();
    CHECK(account::differences(read).size() == 2);
}

TEST_CASE("statements name parties, period, policy, pools, quantities, rounding and dates") {
    auto const allocation = allocate(october(five(), {{gas_pool(), 1'200'000}, {equal_pool(), 90'000}}));
    auto const all = account::statements(allocation, "payments");
    REQUIRE(all.size() == 5);
    auto const& ember = all[4];
    CHECK(ember.number == "2026-10/ember-city");
    auto const text = account::text_of(ember);
    for (auto const* part : {"Ember City (ember-city)", "2026-10, a member on 20 of 31 days", "2026-11-30",
                             "890229000 gas", "12000.00", "20 of 31 days"})
        CHECK_MESSAGE(text.find(part) != std::string::npos, part);
    auto const json = model::to_json(ember);
    CHECK(json["lines"][1]["days"] == 20);
    CHECK(json["due"] == "2026-11-30");
    CHECK(json["allocation"] == base::sha256(model::document(allocation)).hex());
}
