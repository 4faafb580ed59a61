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
