#include "core/base/error.h"
#include "core/base/money.h"
#include "core/base/text.h"
#include "core/model/charter_read.h"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace consortium::model {

namespace {

using base::Duration;
using base::Json;
using base::JsonReader;

constexpr Duration shortest_attempt{360};  // PROTOCOL P6: six sync intervals, of at least a minute each
constexpr std::size_t max_clauses = 1000;

constexpr std::array<std::string_view, 3> known_methods{"equal", "volume", "weighted"};
constexpr std::array<std::string_view, 2> known_midvotes{"finish", "restart"};
constexpr std::array<std::string_view, 2> known_rekeys{"decision", "fellow"};

CostPool read_pool(JsonReader& in, std::string const& id) {
    CostPool pool;
    pool.id = id;
    pool.method = reading::choice(in, "method", known_methods, "");
    pool.driver = in.optional_text("driver", 63).value_or("");
    if (in.has("weights")) pool.weights = reading::weights(in.object("weights"));
    pool.fallback = in.optional_text("fallback").value_or("");
    if ((pool.method == "volume") == pool.driver.empty()) {
        in.fail("method", "the key 'driver' belongs to method = \"volume\" and to no other");
    }
    if (!pool.driver.empty() && !reading::is_identifier(pool.driver))
        in.fail("driver", "is not the name of a usage column");
    if ((pool.method == "weighted") == pool.weights.empty()) {
        in.fail("method", "the table 'weights' belongs to method = \"weighted\" and to no other");
    }
    if (!pool.fallback.empty() && pool.fallback != "equal")
        in.fail("fallback", "'equal' or nothing expected");
    return pool;
}

void read_agreement(JsonReader in, Charter& charter) {
    charter.grace = reading::duration(in, "grace", {3600});
    charter.settle = reading::duration(in, "settle", {86'400});
    charter.attempt = reading::duration(in, "attempt", {6 * 3600});
    charter.away = reading::duration(in, "away", {30 * 86'400});
    if (in.has("raised_quorum")) charter.raised_quorum = reading::small(in, "raised_quorum", 0, 1000);
    charter.midvote = reading::choice(in, "midvote", known_midvotes, "finish");
    charter.rekey = reading::choice(in, "rekey", known_rekeys, "fellow");
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
    charter.exit_notice = reading::duration(exit, "notice", {});
    exit.done();
}

void read_tables(JsonReader& in, Charter& charter) {
    reading::tables(in, "tier", [&](JsonReader& table, std::string const& id) {
        charter.tiers.push_back(reading::tier(table, id));
    });
    if (charter.tiers.empty()) in.fail("tier", "a charter needs at least one tier: [tier.ID]");
    reading::tables(in, "role", [&](JsonReader& table, std::string const& id) {
        auto const roles = known_roles();
        if (std::find(roles.begin(), roles.end(), id) == roles.end())
            table.fail("", fmt::format("'{}' is not a role: {} expected", id,
                                       base::join(reading::as_strings(roles), ", ")));
        charter.roles.push_back(reading::role_rule(table, id));
    });
    reading::tables(in, "decision", [&](JsonReader& table, std::string const& id) {
        charter.decisions.push_back(reading::decision(table, id, charter));
    });
    if (charter.decisions.empty())
        in.fail("decision", "a charter needs at least one decision: [decision.ID]");
    reading::tables(in, "approval", [&](JsonReader& table, std::string const& id) {
        charter.approvals.push_back(reading::approval_rule(table, id));
    });
    reading::tables(in, "gate", [&](JsonReader& table, std::string const& id) {
        charter.gates.push_back(reading::gate(table, id));
    });
    reading::tables(in, "pool", [&](JsonReader& table, std::string const& id) {
        charter.pools.push_back(read_pool(table, id));
    });
}

/// What a profile comes to is known once all of them are read.
void read_certificates(JsonReader& in, Charter& charter) {
    reading::tables(in, "certificate", [&](JsonReader& table, std::string const& id) {
        charter.certificates.push_back(reading::profile_rule(table, id, charter));
    });
    for (ProfileRule const& rule : charter.certificates) {
        JsonReader table = in.object("certificate").object(rule.id);
        reading::check_profile(table, rule, charter);
    }
}

/// Each pointer must lead somewhere in the canonical charter: an unamendable clause that is not there would
/// protect nothing.
void read_clauses(JsonReader& in, Charter& charter) {
    if (!in.has("unamendable")) return;
    auto clauses = in.texts("unamendable", max_clauses);
    auto const whole = base::JsonValue(to_json(charter));
    for (std::string const& clause : clauses) {
        bool there = clause.starts_with('/');
        try {
            there = there && whole->contains(Json::json_pointer(clause));
        } catch (Json::exception const&) {
            there = false;
        }
        if (!there)
            in.fail("unamendable", fmt::format("'{}' leads to nothing in this charter: a pointer like "
                                               "\"/decision/charter\" expected",
                                               base::printable(clause.substr(0, 80))));
    }
    std::sort(clauses.begin(), clauses.end());
    if (std::adjacent_find(clauses.begin(), clauses.end()) != clauses.end())
        in.fail("unamendable", "names a clause twice");
    charter.unamendable = std::move(clauses);
}

}  // namespace

Charter charter_from_json(Json const& value) {
    JsonReader in(value);
    Charter charter;
    read_general(in, charter);
    read_tables(in, charter);
    read_certificates(in, charter);
    if (in.has("arbitration")) charter.arbitration = reading::arbitration(in.object("arbitration"), charter);
    charter.sanctions = reading::ladder(in);
    read_clauses(in, charter);
    in.done();
    for (Decision const& decision : charter.decisions) {
        if (decision.finding && !charter.arbitration)
            in.fail("arbitration", fmt::format("is missing: '{}' needs a finding of its panel", decision.id));
    }
    return charter;
}

}  // namespace consortium::model
