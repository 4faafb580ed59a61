#include "core/base/error.h"
#include "core/base/text.h"
#include "core/flow/charter.h"
#include "core/flow/charter_chart.h"
#include "core/flow/charter_file.h"
#include "core/policy/coalition.h"
#include "core/policy/simulation.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace consortium::flow {

namespace {

using base::Code;
using base::Error;
using base::Json;
using base::Rational;
using policy::Coalitions;
using policy::Elector;
using policy::Habits;

constexpr std::int64_t most_ballots = 100'000'000;  // rounds times members, over all that is simulated
constexpr int sweep_steps = 10;

/// What is supposed of the votes.
struct Wish {
    Habits habits;
    policy::Track track = policy::Track::ordinary;
    int rounds = 0;
    std::uint64_t seed = 0;
};

Rational share(std::string_view flag, std::string const& text) {
    constexpr std::int64_t finest = 1'000'000'000;
    try {
        Rational const value = Rational::from_text(text);
        if (value >= Rational(0) && value <= Rational(1) && value.denominator() <= finest) return value;
    } catch (Error const& error) {
        if (error.code() != Code::malformed) throw;
    }
    throw Error(Code::usage, fmt::format("{} is '{}', expected a share from 0 to 1 like 80% or 4/5", flag,
                                         base::printable(text)));
}

/// "80%" for all, "observer=20%" for a tier.
void read_turnout(Habits& habits, std::string const& text, model::Charter const& charter) {
    std::size_t const mark = text.find('=');
    if (mark == std::string::npos) {
        habits.turnout = share("--turnout", text);
        return;
    }
    std::string const tier = text.substr(0, mark);
    if (charter.tier(tier) == nullptr)
        throw Error(Code::usage, fmt::format("--turnout names the tier '{}', which the charter does not have",
                                             base::printable(tier)));
    habits.by_tier[tier] = share("--turnout", text.substr(mark + 1));
}

Wish read_wish(Json const& arguments, model::Charter const& charter) {
    Wish out;
    out.habits.turnout = Rational::of(4, 5);
    for (auto const& text : arguments.value("turnout", std::vector<std::string>{}))
        read_turnout(out.habits, text, charter);
    out.habits.support = share("--support", arguments.value("support", std::string("60%")));
    out.habits.abstain = share("--abstain", arguments.value("abstain", std::string("0")));
    auto const track = arguments.value("track", std::string("ordinary"));
    if (track == "expedited") out.track = policy::Track::expedited;
    if (track == "emergency") out.track = policy::Track::emergency;
    auto const rounds = arguments.value("rounds", std::int64_t{10'000});
    auto const seed = arguments.value("seed", std::int64_t{1});
    if (rounds < 1 || rounds > 1'000'000) throw Error(Code::usage, "--rounds must be from 1 to 1000000");
    if (seed < 0) throw Error(Code::usage, "--seed must not be negative");
    out.rounds = static_cast<int>(rounds);
    out.seed = static_cast<std::uint64_t>(seed);
    return out;
}

Json members_json(Coalitions::Members const& members) {
    return members ? Json(*members) : Json();
}

Json item_of(model::Decision const& decision, std::vector<Elector> const& electors, Wish const& wish) {
    auto const runs =
        policy::cast_by_chance(decision, electors, wish.habits, wish.track, wish.rounds, wish.seed);
    auto const coalitions = policy::smallest_coalitions(decision, electors);
    return {{"decision", decision.id},
            {"electors", electors.size()},
            {"passed", runs.passed},
            {"missed", runs.missed},
            {"deciding", members_json(coalitions.deciding)},
            {"blocking", members_json(coalitions.blocking)},
            {"absent", members_json(coalitions.absent)}};
}

Json patterns_json(model::Decision const& decision, std::vector<Elector> const& electors) {
    auto const patterns = policy::turnout_patterns(decision, electors);
    if (!patterns) return {};
    Json out = Json::array();
    for (policy::Pattern const& one : *patterns)
        out.push_back({{"voting", one.voting},
                       {"at_best", one.at_best ? Json(*one.at_best) : Json()},
                       {"surely", one.surely ? Json(*one.surely) : Json()}});
    return out;
}

/// The same habits, but for a turnout of everybody alike from a tenth up to all.
Json sweep_json(model::Decision const& decision, std::vector<Elector> const& electors, Wish wish) {
    Json out = Json::array();
    wish.habits.by_tier.clear();
    for (int step = 1; step <= sweep_steps; ++step) {
        wish.habits.turnout = Rational::of(step, sweep_steps);
        auto const runs =
            policy::cast_by_chance(decision, electors, wish.habits, wish.track, wish.rounds, wish.seed);
        out.push_back({{"turnout", 100 * step / sweep_steps}, {"passed", runs.passed}});
    }
    return out;
}

std::string percent(int part, int whole) {
    return Rational::of(base::Wide{100} * part, whole).decimal(1) + " %";
}

std::string missed_words(Json const& missed, int rounds) {
    std::vector<std::string> out;
    for (auto const& item : missed.items())
        out.push_back(fmt::format("{} {}", item.key(), percent(item.value().get<int>(), rounds)));
    return out.empty() ? "-" : base::join(out, ", ");
}

std::string so_many(Json const& members) {
    if (members.is_null()) return "nobody can";
    return members.empty() ? "nobody need" : std::to_string(members.size());
}

model::Table items_table(Json const& items, int rounds) {
    model::Table table{
        {"decision", "passes", "missed by", "pass it", "stop it", "stay away"}, {}, "no decision"};
    for (Json const& one : items)
        table.rows.push_back({one["decision"].get<std::string>(), percent(one["passed"].get<int>(), rounds),
                              missed_words(one["missed"], rounds), so_many(one["deciding"]),
                              so_many(one["blocking"]), so_many(one["absent"])});
    return table;
}

Json habits_json(Habits const& habits) {
    Json tiers = Json::object();
    for (auto const& [tier, turnout] : habits.by_tier) tiers[tier] = turnout.text();
    return {{"turnout", habits.turnout.text()},
            {"by_tier", std::move(tiers)},
            {"support", habits.support.text()},
            {"abstain", habits.abstain.text()}};
}

model::Decision const& wanted(model::Charter const& charter, std::string const& id) {
    if (auto const* decision = charter.decision(id)) return *decision;
    std::vector<std::string> names;
    names.reserve(charter.decisions.size());
    for (auto const& one : charter.decisions) names.push_back(one.id);
    throw Error(Code::not_found, fmt::format("the charter has no decision '{}': {}", base::printable(id),
                                             base::join(names, ", ")));
}

void bound_work(Wish const& wish, std::size_t members, std::size_t votes) {
    auto const ballots = static_cast<std::int64_t>(members * votes) * wish.rounds;
    if (ballots > most_ballots)
        throw Error(
            Code::usage,
            fmt::format("{} rounds of {} votes by {} members are too many", wish.rounds, votes, members),
            "take fewer --rounds, or name a --decision");
}

std::string sentence(Json const& data) {
    auto const& habits = data["habits"];
    std::string tiers;
    for (auto const& item : habits["by_tier"].items())
        tiers += fmt::format(", {} of {}", item.value().get<std::string>(), item.key());
    return fmt::format(
        "charter '{}' for {} members: {} rounds from seed {}, {} of them vote{}, {} of these abstain, {} of "
        "the "
        "others say yes",
        data["name"].get<std::string>(), data["members"].get<int>(), data["rounds"].get<int>(),
        data["seed"].get<std::uint64_t>(), habits["turnout"].get<std::string>(), tiers,
        habits["abstain"].get<std::string>(), habits["support"].get<std::string>());
}

}  // namespace

Json simulation(model::Charter const& charter, std::vector<policy::Party> const& parties,
                Json const& arguments) {
    Wish const wish = read_wish(arguments, charter);
    auto const id = arguments.value("decision", std::string());
    if (parties.empty())
        throw Error(Code::usage, "there are no members to simulate",
                    "suppose some with --members TIER=COUNT");
    Json data{{"name", charter.name},   {"members", parties.size()},    {"rounds", wish.rounds},
              {"seed", wish.seed},      {"track", name_of(wish.track)}, {"habits", habits_json(wish.habits)},
              {"items", Json::array()}, {"patterns", nullptr},          {"sweep", Json::array()}};
    if (id.empty()) {
        bound_work(wish, parties.size(), charter.decisions.size());
        for (model::Decision const& one : charter.decisions)
            data["items"].push_back(item_of(one, policy::electors_of(charter, one, parties), wish));
        return data;
    }
    auto const& decision = wanted(charter, id);
    auto const electors = policy::electors_of(charter, decision, parties);
    bound_work(wish, electors.size(), sweep_steps + 1);
    data["items"].push_back(item_of(decision, electors, wish));
    data["patterns"] = patterns_json(decision, electors);
    data["sweep"] = sweep_json(decision, electors, wish);
    return data;
}

model::Outcome charter_simulate(model::Epoch const* epoch, model::Request const& request) {
    Json const& arguments = *request.arguments;
    model::Charter charter;
    if (arguments.contains("operand")) {
        charter = read_charter_file(arguments["operand"].get<std::string>()).charter;
    } else if (epoch != nullptr) {
        charter = epoch->charter;
    } else {
        throw Error(Code::usage, "no charter is named, and none is in force here", "name a FILE");
    }
    Json data = simulation(charter, parties_for(request, charter, epoch), arguments);
    model::Outcome outcome;
    outcome.schema = "consortium.charter-simulation/1";
    int const rounds = data["rounds"].get<int>();
    outcome.text.emplace_back(sentence(data));
    outcome.text.emplace_back(items_table(data["items"], rounds));
    auto const chart = [&](std::vector<std::string> const& lines) {
        outcome.text.emplace_back(std::string());
        for (auto const& line : lines) outcome.text.emplace_back(line);
    };
    if (!data["patterns"].is_null()) chart(pattern_chart(data["patterns"]));
    if (!data["sweep"].empty()) chart(sweep_chart(data["sweep"], rounds));
    outcome.data = base::JsonValue(std::move(data));
    return outcome;
}

}  // namespace consortium::flow
