#include "core/base/error.h"
#include "core/base/text.h"
#include "core/flow/node.h"

#include <fmt/format.h>
#include <map>
#include <nlohmann/json.hpp>

namespace consortium::flow {

using base::Code;
using base::Json;
using base::JsonValue;

namespace {

Json record(KnownNode const& known) {
    auto out = to_json(known.node);
    out["identity"] = known.identity.empty() ? Json() : Json(known.identity);
    return out;
}

model::Outcome outcome_of(std::string schema, Json data) {
    model::Outcome outcome;
    outcome.schema = std::move(schema);
    outcome.data = JsonValue(std::move(data));
    return outcome;
}

model::Node named(State const& state, model::Request const& request) {
    return find_node(state.store, base::JsonReader(*request.arguments).name("operand")).node;
}

std::string dash(std::string const& text) {
    return text.empty() ? "-" : base::printable(text);
}

Json findings(std::vector<model::Rule> const& rules) {
    Json out = Json::array();
    for (auto const& rule : rules) {
        out.push_back({{"name", rule.name}, {"holds", rule.holds}, {"words", rule.words}});
    }
    return out;
}

Json health_record(model::Node const& node, port::HealthResult const& result) {
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

std::vector<std::string> health_row(model::Node const& node, port::HealthResult const& result) {
    auto const& health = result.health;
    return {node.id,
            node.member,
            health ? (health->ok ? "ok" : "wrong") : "unreachable",
            health ? std::to_string(health->block) : "-",
            health && health->block_age ? fmt::format("{} s", *health->block_age) : "-",
            health ? std::to_string(health->peers) : "-",
            health ? base::printable(health->version) : "-",
            base::printable(words(result))};
}

// All nodes of one kind are asked in one go by their driver.
std::vector<std::pair<model::Node, port::HealthResult>> ask_all(State const& state, Services& services) {
    std::map<std::string, std::vector<model::Node>> kinds;
    for (auto& known : known_nodes(state.store)) kinds[known.node.kind].push_back(known.node);
    std::vector<std::pair<model::Node, port::HealthResult>> out;
    for (auto const& [kind, nodes] : kinds) {
        auto const results = services.driver(kind).health_all(nodes);
        for (std::size_t i = 0; i < nodes.size(); ++i) out.emplace_back(nodes[i], results[i]);
    }
    return out;
}

}  // namespace

model::Outcome node_list(State const& state, model::Request const&) {
    model::Table table{{"node", "member", "network", "kind", "address", "url"}, {}, "no node is known here"};
    Json items = Json::array();
    for (auto const& known : known_nodes(state.store)) {
        auto const& node = known.node;
        items.push_back(record(known));
        table.rows.push_back({node.id, node.member, node.network, node.kind, dash(node.address),
                              base::printable(node.read_url)});
    }
    auto outcome = outcome_of("consortium.node/1", {{"items", std::move(items)}});
    outcome.text.emplace_back(std::move(table));
    return outcome;
}

model::Outcome node_show(State const& state, model::Request const& request) {
    auto const known = find_node(state.store, base::JsonReader(*request.arguments).name("operand"));
    auto const& node = known.node;
    model::Fields fields{{{"node", node.id},
                          {"member", node.member},
                          {"network", node.network},
                          {"kind", node.kind},
                          {"identity", dash(known.identity)},
                          {"address", dash(node.address)},
                          {"read", base::printable(node.read_url)},
                          {"admin", dash(node.admin_url)}}};
    for (auto const& [use, path] : node.credentials) fields.rows.emplace_back(use, base::printable(path));
    auto outcome = outcome_of("consortium.node/1", record(known));
    outcome.text.emplace_back(std::move(fields));
    return outcome;
}

model::Outcome node_health(State const& state, Services& services, model::Request const& request) {
    std::vector<std::pair<model::Node, port::HealthResult>> results;
    bool const one = base::JsonReader(*request.arguments).has("operand");
    if (one) {
        auto const node = named(state, request);
        results.emplace_back(node, port::HealthResult{services.driver(node.kind).health(node), {}});
    } else {
        results = ask_all(state, services);
    }
    model::Table table{{"node", "member", "state", "block", "age", "peers", "version", "words"},
                       {},
                       "no node is known here"};
    Json items = Json::array();
    std::optional<Code> status;
    for (auto const& [node, result] : results) {
        items.push_back(health_record(node, result));
        table.rows.push_back(health_row(node, result));
        if (!result.health)
            status = Code::unavailable;
        else if (!result.health->ok && !status)
            status = Code::verification_failed;
    }
    auto outcome =
        outcome_of("consortium.node.health/1", one ? items.at(0) : Json{{"items", std::move(items)}});
    outcome.text.emplace_back(std::move(table));
    outcome.status = status;
    return outcome;
}

model::Outcome node_peers(State const& state, Services& services, model::Request const& request) {
    auto const node = named(state, request);
    model::Table table{{"peer", "address", "direction"}, {}, "it is connected to no other node"};
    Json items = Json::array();
    for (auto const& peer : services.driver(node.kind).peers(node)) {
        items.push_back({{"id", peer.id}, {"address", peer.address}, {"outbound", peer.outbound}});
        table.rows.push_back({base::printable(peer.id), base::printable(peer.address),
                              peer.outbound ? "outbound" : "inbound"});
    }
    auto outcome = outcome_of("consortium.node.peer/1", {{"items", std::move(items)}});
    outcome.text.emplace_back(std::move(table));
    return outcome;
}

model::Outcome node_validators(State const& state, Services& services, model::Request const& request) {
    auto const node = named(state, request);
    std::map<std::string, KnownNode> owners;
    for (auto& known : known_nodes(state.store, node.network)) {
        if (!known.node.address.empty()) owners.emplace(known.node.address, known);
    }
    model::Table table{{"validator", "member", "seat", "live", "votes to add", "votes to remove"},
                       {},
                       "the network has no validators"};
    Json items = Json::array();
    for (auto const& validator : services.driver(node.kind).validators(node)) {
        auto const owner = owners.find(validator.address);
        auto const member = owner == owners.end() ? std::string() : owner->second.node.member;
        items.push_back({{"address", validator.address},
                         {"member", member.empty() ? Json() : Json(member)},
                         {"validator", validator.seated},
                         {"live", validator.live},
                         {"votes_to_add", validator.votes_to_add},
                         {"votes_to_remove", validator.votes_to_remove}});
        table.rows.push_back({validator.address, dash(member), validator.seated ? "validator" : "voted on",
                              validator.live ? "live" : "silent",
                              std::to_string(validator.votes_to_add.size()),
                              std::to_string(validator.votes_to_remove.size())});
    }
    auto outcome = outcome_of("consortium.node.validator/1", {{"items", std::move(items)}});
    outcome.text.emplace_back(std::move(table));
    return outcome;
}

model::Outcome node_finality(State const& state, Services& services, model::Request const& request) {
    auto const node = named(state, request);
    auto const finality = services.driver(node.kind).finality(node);
    auto outcome = outcome_of("consortium.node.finality/1", {{"node", node.id},
                                                             {"block", finality.block},
                                                             {"hash", finality.hash},
                                                             {"seals", finality.seals},
                                                             {"quorum", finality.quorum},
                                                             {"verified", finality.verified}});
    outcome.text.emplace_back(
        model::Fields{{{"block", std::to_string(finality.block)},
                       {"hash", finality.hash},
                       {"seals", fmt::format("{}, {} needed", finality.seals, finality.quorum)},
                       {"verified here", finality.verified ? "yes" : "no"}}});
    if (!finality.verified) outcome.status = Code::verification_failed;
    return outcome;
}

}  // namespace consortium::flow
