#include "core/flow/node_health.h"

#include "core/base/text.h"
#include "core/flow/node.h"

#include <algorithm>
#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <set>

namespace consortium::flow {

using base::Code;
using base::Json;

namespace {

/// Nodes are asked at the same time, but none at the very same: a fast chain makes some blocks meanwhile.
constexpr std::uint64_t blocks_behind = 10;

Json findings(std::vector<model::Rule> const& rules) {
    Json out = Json::array();
    for (auto const& rule : rules) {
        out.push_back({{"name", rule.name}, {"holds", rule.holds}, {"words", rule.words}});
    }
    return out;
}

Json record(NodeHealth const& one) {
    auto const& [node, result] = one;
    Json out{{"node", node.id},       {"member", node.member}, {"reachable", result.health.has_value()},
             {"ok", false},           {"block", nullptr},      {"block_age", nullptr},
             {"peers", nullptr},      {"version", nullptr},    {"findings", Json::array()},
             {"unreachable", nullptr}};
    if (!result.health) {
        out["unreachable"] = result.unreachable;
        return out;
    }
    auto const& health = *result.health;
    out["ok"] = health.ok;
    out["block"] = health.block;
    if (health.block_age) out["block_age"] = *health.block_age;
    out["peers"] = health.peers;
    out["version"] = health.version;
    out["findings"] = findings(health.findings);
    return out;
}

std::string words(port::HealthResult const& result) {
    if (!result.health) return result.unreachable;
    std::vector<std::string> wrong;
    for (auto const& rule : result.health->findings) {
        if (!rule.holds) wrong.push_back(rule.words);
    }
    return wrong.empty() ? "well" : base::join(wrong, "; ");
}

std::string_view state_of(port::HealthResult const& result) {
    if (!result.health) return "unreachable";
    return result.health->ok ? "ok" : "wrong";
}

std::vector<std::string> row(NodeHealth const& one) {
    auto const& [node, result] = one;
    auto const& health = result.health;
    return {node.id,
            node.member,
            std::string(state_of(result)),
            health ? std::to_string(health->block) : "-",
            health && health->block_age ? fmt::format("{} s", *health->block_age) : "-",
            health ? std::to_string(health->peers) : "-",
            health ? base::printable(health->version) : "-",
            base::printable(words(result))};
}

// All nodes of one kind are asked in one go by their driver.
std::vector<NodeHealth> ask(std::map<std::string, std::vector<model::Node>> const& kinds,
                            Services& services) {
    std::vector<NodeHealth> out;
    for (auto const& [kind, nodes] : kinds) {
        auto const results = services.driver(kind).health_all(nodes);
        for (std::size_t i = 0; i < nodes.size(); ++i) out.push_back({nodes[i], results[i]});
    }
    return out;
}

std::vector<std::string> version_warnings(std::vector<NodeHealth> const& all) {
    std::map<std::string, std::set<std::string>> versions;
    for (auto const& [node, result] : all) {
        if (result.health) versions[node.network].insert(base::printable(result.health->version));
    }
    std::vector<std::string> out;
    for (auto const& [network, seen] : versions) {
        if (seen.size() < 2) continue;
        std::vector<std::string> const list(seen.begin(), seen.end());
        out.push_back(fmt::format("the nodes of network '{}' run {} versions: {}", network, list.size(),
                                  base::join(list, ", ")));
    }
    return out;
}

/// What makes a look another one: ages and blocks change all the time.
std::map<std::string, std::string> signs(std::vector<NodeHealth> const& all) {
    std::map<std::string, std::string> out;
    for (auto const& [node, result] : all) {
        auto& sign = out[node.id];
        sign = state_of(result);
        if (!result.health) continue;
        for (auto const& rule : result.health->findings) {
            if (!rule.holds) sign += " " + rule.name;
        }
    }
    return out;
}

std::vector<std::string> news(std::map<std::string, std::string> const& before,
                              std::vector<NodeHealth> const& now) {
    std::vector<std::string> out;
    auto const seen = signs(now);
    for (auto const& [node, result] : now) {
        auto const known = before.find(node.id);
        if (known != before.end() && known->second == seen.at(node.id)) continue;
        out.push_back(fmt::format("{}: {}", node.id, base::printable(words(result))));
    }
    for (auto const& [id, unused] : before) {
        if (!seen.contains(id)) out.push_back(id + ": not known here any more");
    }
    return out;
}

bool is_over(model::Outcome const& outcome, HealthEnd until) {
    if (until == HealthEnd::never) return false;
    return outcome.status.has_value() == (until == HealthEnd::wrong);
}

}  // namespace

void compare_heights(std::vector<NodeHealth>& all) {
    std::map<std::string, std::pair<int, std::uint64_t>> highest;  // how many answer, and the block
    for (auto const& [node, result] : all) {
        if (!result.health) continue;
        auto& [count, block] = highest[node.network];
        ++count;
        block = std::max(block, result.health->block);
    }
    for (auto& [node, result] : all) {
        if (!result.health || highest[node.network].first < 2) continue;
        auto& health = *result.health;
        auto const behind = highest[node.network].second - health.block;
        bool const keeps_up = behind <= blocks_behind;
        health.findings.push_back(
            {"keeps up", keeps_up, fmt::format("{} blocks behind the highest of its network", behind)});
        health.ok = health.ok && keeps_up;
    }
}

std::vector<NodeHealth> ask_health(State const& state, Services& services, model::Request const& request) {
    base::JsonReader in(*request.arguments);
    std::map<std::string, std::vector<model::Node>> kinds;
    if (in.has("operand")) {
        auto const node = find_node(state.store, in.name("operand")).node;
        kinds[node.kind].push_back(node);
    } else {
        for (auto& known : known_nodes(state.store)) kinds[known.node.kind].push_back(known.node);
    }
    auto out = ask(kinds, services);
    compare_heights(out);
    return out;
}

model::Outcome health_outcome(std::vector<NodeHealth> const& all) {
    model::Outcome outcome;
    model::Table table{{"node", "member", "state", "block", "age", "peers", "version", "words"},
                       {},
                       "no node is known here"};
    Json items = Json::array();
    for (auto const& one : all) {
        items.push_back(record(one));
        table.rows.push_back(row(one));
        if (!one.result.health)
            outcome.status = Code::unavailable;
        else if (!one.result.health->ok && !outcome.status)
            outcome.status = Code::verification_failed;
    }
    outcome.schema = "consortium.node.health/1";
    outcome.data = base::JsonValue(Json{{"items", std::move(items)}});
    outcome.text.emplace_back(std::move(table));
    outcome.warnings = version_warnings(all);
    return outcome;
}

model::Outcome node_health(State const& state, Services& services, model::Request const& request) {
    base::JsonReader in(*request.arguments);
    if (!in.has("operand")) return health_outcome(ask_health(state, services, request));
    auto const node = find_node(state.store, in.name("operand")).node;
    auto outcome = health_outcome({{node, {services.driver(node.kind).health(node), {}}}});
    outcome.data = base::JsonValue(Json(outcome.data->at("items").at(0)));
    return outcome;
}

model::Outcome watch_health(HealthWatch const& watch, WatchedNodes const& watched) {
    std::map<std::string, std::string> before;
    for (std::int64_t round = 1;; ++round) {
        auto const all = watched.look();
        auto outcome = health_outcome(all);
        auto const changed = news(before, all);
        if (round == 1)
            watched.show(outcome, {});
        else if (!changed.empty())
            watched.show(outcome, changed);
        before = signs(all);
        bool const over = is_over(outcome, watch.until);
        if (over || (watch.rounds && round >= *watch.rounds)) {
            if (!over && watch.until != HealthEnd::never) outcome.status = Code::pending;
            return outcome;
        }
        watched.pause(watch.every);
    }
}

}  // namespace consortium::flow
