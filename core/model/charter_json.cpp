#include "core/base/error.h"
#include "core/base/money.h"
#include "core/base/text.h"
#include "core/model/charter.h"
#include "core/model/proposal.h"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <set>

namespace consortium::model {

namespace {

using base::Duration;
using base::Json;
using base::JsonReader;
using Words = std::span<std::string_view const>;

constexpr std::int64_t max_weight = 1'000'000'000;
constexpr Duration shortest_attempt{360};  // PROTOCOL P6: six sync intervals, of at least a minute each

constexpr std::array<std::string_view, 4> known_rights{"read", "write", "validate", "vote"};
constexpr std::array<std::string_view, 3> known_choices{"yes", "no", "abstain"};
constexpr std::array<std::string_view, 3> known_weights{"per_member", "per_tier", "custom"};
constexpr std::array<std::string_view, 3> known_pass_bases{"yes+no", "cast", "eligible"};
constexpr std::array<std::string_view, 1> known_quorum_bases{"eligible"};
constexpr std::array<std::string_view, 3> known_methods{"equal", "volume", "weighted"};
constexpr std::array<std::string_view, 2> known_midvotes{"finish", "restart"};

/// "unknown role 'x': governance, security … expected; did you mean …?"
std::string unknown(std::string_view what, std::string_view word, std::vector<std::string> const& known) {
    std::string out = fmt::format("unknown {} '{}': {} expected", what, base::printable(word.substr(0, 80)),
                                  base::join(known, ", "));
    std::string const likely = base::nearest(word, known);
    return likely.empty() ? out : fmt::format("{}; did you mean '{}'?", out, likely);
}

std::vector<std::string> known_actions() {
    std::vector<std::string> names;
    for (ActionKind const& kind : action_kinds()) names.emplace_back(kind.name);
    return names;
}

std::vector<std::string> as_strings(Words words) {
    return {words.begin(), words.end()};
}

std::string choice(JsonReader& in, std::string_view key, Words known, std::string_view fallback) {
    if (!in.has(key) && !fallback.empty()) return std::string(fallback);
    std::string text = in.text(key);
    if (std::find(known.begin(), known.end(), text) == known.end()) {
        in.fail(key, unknown(key, text, as_strings(known)));
    }
    return text;
}

/// A list without repetitions whose items are all known. Sorted: its order means nothing.
std::vector<std::string> subset(JsonReader& in, std::string_view key, std::string_view what,
                                std::vector<std::string> const& known) {
    std::vector<std::string> items = in.texts(key);
    for (std::size_t i = 0; i < items.size(); ++i) {
        std::string const place = fmt::format("{}/{}", key, i);
        auto const here = items.begin() + static_cast<std::ptrdiff_t>(i);
        if (std::find(known.begin(), known.end(), items[i]) == known.end()) {
            throw base::Error(base::Code::malformed,
                              fmt::format("{}/{}: {}", in.pointer(), place, unknown(what, items[i], known)),
                              {}, {{"pointer", fmt::format("{}/{}", in.pointer(), place)}});
        }
        if (std::find(items.begin(), here, items[i]) != here) {
            in.fail(key, fmt::format("names the {} '{}' twice", what, items[i]));
        }
    }
    std::sort(items.begin(), items.end());
    return items;
}

std::vector<std::string> some_of(JsonReader& in, std::string_view key, std::string_view what,
                                 std::vector<std::string> const& known) {
    std::vector<std::string> items = subset(in, key, what, known);
    if (items.empty()) in.fail(key, fmt::format("names no {}", what));
    return items;
}

Duration duration(JsonReader& in, std::string_view key, Duration fallback) {
    return in.has(key) ? in.duration(key) : fallback;
}

int small(JsonReader& in, std::string_view key, int min, int max) {
    return static_cast<int>(in.integer(key, min, max));
}

bool truth(JsonReader& in, std::string_view key, std::optional<bool> fallback) {
    return in.has(key) || !fallback ? in.boolean(key) : *fallback;
}

Bound read_bound(JsonReader& in, std::string_view key) {
    Bound bound;
    try {
        bound = Bound::from_text(in.text(key));
    } catch (base::Error const& error) {
        if (!error.details().empty()) throw;  // not a text: its place is named already
        in.fail(key, error.message());
    }
    bool const beyond = bound.value > base::Rational(1) || (bound.strict && bound.value == base::Rational(1));
    if (beyond) in.fail(key, fmt::format("'{}' can never be reached: a share is at most 1", bound.text()));
    if (bound.value < base::Rational(0)) in.fail(key, "a bound below zero");
    return bound;
}

std::map<std::string, std::int64_t> read_weights(JsonReader in) {
    std::map<std::string, std::int64_t> weights;
    for (auto const& item : in.whole().items()) {
        if (!base::is_name(item.key())) in.fail(item.key(), "is not the name of a member");
        weights[item.key()] = in.integer(item.key(), 1, max_weight);
    }
    return weights;
}

bool is_identifier(std::string_view text) {
    return !text.empty() && text.size() <= 63 &&
           text.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-_") == std::string_view::npos;
}

/// Calls `each(reader, id)` for every table of [key.ID], by id.
template <class Each>
void tables(JsonReader& in, std::string_view key, Each const& each) {
    if (!in.has(key)) return;
    JsonReader group = in.object(key);
    for (auto const& item : group.whole().items()) {
        if (!is_identifier(item.key()))
            group.fail(item.key(), "is not an id: a-z, 0-9, '-' and '_' expected");
        JsonReader table = group.object(item.key());
        each(table, item.key());
        table.done();
    }
}

Tier read_tier(JsonReader& in, std::string const& id) {
    Tier tier;
    tier.id = id;
    tier.rights = subset(in, "rights", "right", as_strings(known_rights));
    if (in.has("weight")) tier.weight = in.integer("weight", 1, max_weight);
    return tier;
}

void read_weight(JsonReader& in, Decision& decision) {
    if (!in.has("weight")) return;
    JsonReader weight = in.object("weight");
    decision.weight = choice(weight, "base", known_weights, "");
    if (weight.has("members")) decision.weights = read_weights(weight.object("members"));
    if ((decision.weight == "custom") == decision.weights.empty()) {
        weight.fail("base", "the table 'members' belongs to base = \"custom\" and to no other");
    }
    weight.done();
}

void read_thresholds(JsonReader& in, Decision& decision) {
    JsonReader quorum = in.object("quorum");
    decision.quorum_of = choice(quorum, "of", known_quorum_bases, "eligible");
    decision.quorum_counts = as_strings(known_choices);
    if (quorum.has("counts"))
        decision.quorum_counts = some_of(quorum, "counts", "choice", as_strings(known_choices));
    std::sort(decision.quorum_counts.begin(), decision.quorum_counts.end());
    decision.quorum = read_bound(quorum, "min");
    quorum.done();
    JsonReader pass = in.object("pass");
    decision.pass_of = choice(pass, "of", known_pass_bases, "yes+no");
    decision.pass = read_bound(pass, "min");
    if (decision.pass.value == base::Rational(0)) {
        pass.fail("min", fmt::format("'{}' asks for no consent at all", decision.pass.text()));
    }
    pass.done();
}

void read_times(JsonReader& in, Decision& decision) {
    JsonReader time = in.object("time");
    decision.window = time.duration("window");
    decision.timelock = duration(time, "timelock", {});
    decision.lapses = duration(time, "lapses", {30 * 86'400});
    if (decision.window == Duration{}) time.fail("window", "a vote that closes at once");
    if (decision.lapses <= decision.timelock) {
        time.fail("lapses", "not longer than the timelock: what is decided could never be carried out");
    }
    time.done();
}

Decision read_decision(JsonReader& in, std::string const& id, Charter const& charter) {
    Decision decision;
    decision.id = id;
    std::vector<std::string> tiers;
    tiers.reserve(charter.tiers.size());
    for (Tier const& tier : charter.tiers) tiers.push_back(tier.id);
    decision.actions = some_of(in, "actions", "action", known_actions());
    decision.electorate = some_of(in, "electorate", "tier", tiers);
    for (std::string const& name : decision.electorate) {
        auto const& rights = charter.tier(name)->rights;
        if (std::find(rights.begin(), rights.end(), "vote") != rights.end()) continue;
        in.fail("electorate", fmt::format("the tier '{}' has no right to vote", name));
    }
    decision.proposers = {"governance"};
    if (in.has("proposers")) decision.proposers = some_of(in, "proposers", "role", as_strings(known_roles()));
    read_weight(in, decision);
    read_thresholds(in, decision);
    read_times(in, decision);
    if (in.has("ballot")) {
        JsonReader ballot = in.object("ballot");
        decision.ballot_change = truth(ballot, "change", true);
        ballot.done();
    }
    for (std::string const& action : decision.actions) {
        Decision const* other = charter.decision_for(action);
        if (other != nullptr)
            in.fail("actions", fmt::format("'{}' is decided by '{}' already", action, other->id));
    }
    return decision;
}

ApprovalRule read_approval(JsonReader& in, std::string const& id) {
    ApprovalRule rule;
    rule.id = id;
    rule.officers = small(in, "officers", 1, 1000);
    rule.members = small(in, "members", 1, 1000);
    rule.roles = some_of(in, "roles", "role", as_strings(known_roles()));
    rule.exclude_proposer = truth(in, "exclude_proposer", std::nullopt);
    if (rule.members > rule.officers) {
        in.fail("members", fmt::format("{} officers cannot be of {} members", rule.officers, rule.members));
    }
    bool const robots = rule.roles == std::vector<std::string>{"automation"};
    if (robots) in.fail("roles", "automation signs no approvals: the rule could never be met");
    return rule;
}

Gate read_gate(JsonReader& in, std::string const& id) {
    Gate gate;
    gate.id = id;
    gate.items = in.texts("items");
    for (std::string const& item : gate.items) {
        if (!is_identifier(item)) in.fail("items", fmt::format("'{}' is not an id", base::printable(item)));
    }
    if (gate.items.empty()) in.fail("items", "names no evidence");
    if (std::set(gate.items.begin(), gate.items.end()).size() != gate.items.size()) {
        in.fail("items", "names an item twice");
    }
    gate.roles = some_of(in, "roles", "role", as_strings(known_roles()));
    return gate;
}

CostPool read_pool(JsonReader& in, std::string const& id) {
    CostPool pool;
    pool.id = id;
    pool.method = choice(in, "method", known_methods, "");
    pool.driver = in.optional_text("driver", 63).value_or("");
    if (in.has("weights")) pool.weights = read_weights(in.object("weights"));
    pool.fallback = in.optional_text("fallback").value_or("");
    if ((pool.method == "volume") == pool.driver.empty()) {
        in.fail("method", "the key 'driver' belongs to method = \"volume\" and to no other");
    }
    if (!pool.driver.empty() && !is_identifier(pool.driver))
        in.fail("driver", "is not the name of a usage column");
    if ((pool.method == "weighted") == pool.weights.empty()) {
        in.fail("method", "the table 'weights' belongs to method = \"weighted\" and to no other");
    }
    if (!pool.fallback.empty() && pool.fallback != "equal")
        in.fail("fallback", "'equal' or nothing expected");
    return pool;
}

void read_agreement(JsonReader in, Charter& charter) {
    charter.grace = duration(in, "grace", {3600});
    charter.settle = duration(in, "settle", {86'400});
    charter.attempt = duration(in, "attempt", {6 * 3600});
    charter.away = duration(in, "away", {30 * 86'400});
    if (in.has("raised_quorum")) charter.raised_quorum = small(in, "raised_quorum", 0, 1000);
    charter.midvote = choice(in, "midvote", known_midvotes, "finish");
    if (charter.attempt < shortest_attempt) {
        in.fail("attempt", fmt::format("shorter than {}: the seats need six rounds of exchange in it",
                                       shortest_attempt.text()));
    }
    if (charter.away <= charter.attempt) in.fail("away", "not longer than an attempt");
    in.done();
}

void read_general(JsonReader& in, Charter& charter) {
    charter.name = in.name("name");
    charter.time_zone = in.optional_text("time_zone", 64).value_or("UTC");
    constexpr std::string_view zone_letters =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_+-/";
    if (charter.time_zone.empty() || charter.time_zone.find_first_not_of(zone_letters) != std::string::npos) {
        in.fail("time_zone", "is not the name of a time zone, like \"Europe/Zurich\"");
    }
    charter.currency = in.optional_text("currency", 16).value_or("EUR");
    try {
        static_cast<void>(base::Currency::from_code(charter.currency));
    } catch (base::Error const& error) {
        in.fail("currency", error.message());
    }
    read_agreement(in.has("agreement") ? in.object("agreement") : JsonReader(Json::object(), ""), charter);
    if (!in.has("exit")) return;
    JsonReader exit = in.object("exit");
    charter.exit_notice = duration(exit, "notice", {});
    exit.done();
}

}  // namespace

Charter charter_from_json(Json const& value) {
    JsonReader in(value);
    Charter charter;
    read_general(in, charter);
    tables(in, "tier",
           [&](JsonReader& table, std::string const& id) { charter.tiers.push_back(read_tier(table, id)); });
    if (charter.tiers.empty()) in.fail("tier", "a charter needs at least one tier: [tier.ID]");
    tables(in, "decision", [&](JsonReader& table, std::string const& id) {
        charter.decisions.push_back(read_decision(table, id, charter));
    });
    if (charter.decisions.empty())
        in.fail("decision", "a charter needs at least one decision: [decision.ID]");
    tables(in, "approval", [&](JsonReader& table, std::string const& id) {
        charter.approvals.push_back(read_approval(table, id));
    });
    tables(in, "gate",
           [&](JsonReader& table, std::string const& id) { charter.gates.push_back(read_gate(table, id)); });
    tables(in, "pool",
           [&](JsonReader& table, std::string const& id) { charter.pools.push_back(read_pool(table, id)); });
    in.done();
    return charter;
}

}  // namespace consortium::model
