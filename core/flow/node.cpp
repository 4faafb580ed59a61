#include "core/flow/node.h"

#include "core/base/error.h"
#include "core/flow/steps.h"

#include <algorithm>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace consortium::flow {

using base::Code;
using base::Error;
using base::Json;
using base::JsonValue;

namespace {

std::string const kind = "node";
constexpr std::string_view rehearsal = "rehearsal:";
/// Flags whose files a node is asked with, and what the driver calls them.
constexpr std::pair<char const*, char const*> credential_flags[] = {{"authorities", "authorities"},
                                                                    {"certificate", "certificate"},
                                                                    {"key-file", "key"},
                                                                    {"bearer-file", "bearer"},
                                                                    {"login-file", "login"}};

std::string absolute(std::string const& path) {
    return std::filesystem::absolute(path).lexically_normal().string();
}

// A rehearsal network is found wherever the command is run from.
std::string absolute_url(std::string const& url) {
    if (!url.starts_with(rehearsal)) return url;
    auto const end = std::min(url.find_first_of("?#"), url.size());
    return std::string(rehearsal) + absolute(url.substr(rehearsal.size(), end - rehearsal.size())) +
           url.substr(end);
}

model::Network const* agreed(model::Epoch const& epoch, std::string const& id) {
    for (auto const& network : epoch.networks) {
        if (network.id == id) return &network;
    }
    return nullptr;
}

std::string read_kind(base::JsonReader& in, std::string const& url, model::Network const* network) {
    auto const given = in.optional_text("kind");
    if (network != nullptr && given && *given != network->kind) {
        throw Error(Code::conflict, fmt::format("network '{}' is of kind {}", network->id, network->kind));
    }
    if (network != nullptr) return network->kind;
    if (given) return *given;
    if (url.starts_with(rehearsal)) return "rehearsal";
    throw Error(Code::usage, "no network of that name is agreed yet: --kind is needed",
                "run 'consortium help node add'");
}

model::Node read_node(State const& state, model::Request const& request) {
    base::JsonReader in(*request.arguments);
    model::Node node;
    node.id = in.name("operand");
    node.network = in.name("network");
    node.member = in.optional_text("member").value_or(state.self.member);
    node.read_url = absolute_url(in.text("url", 2048));
    node.admin_url = in.optional_text("admin-url", 2048).value_or("");
    node.address = in.optional_text("address").value_or("");
    node.kind = read_kind(in, node.read_url, agreed(state.joined(), node.network));
    for (auto const& [flag, use] : credential_flags) {
        if (auto const path = in.optional_text(flag)) node.credentials[use] = absolute(*path);
    }
    return node;
}

model::Object object_of(model::Node const& node, std::string const& identity) {
    model::Object object{kind, node.id, "known", node.member, {}, {}, 0};
    object.data = JsonValue(Json{{"node", to_json(node)}, {"identity", identity}});
    return object;
}

KnownNode from_object(model::Object const& object) {
    return {model::node_from_json(object.data->at("node")), object.data->at("identity").get<std::string>()};
}

void join(port::NodeDriver& driver, model::Node const& node) {
    auto const intent = base::sha256("node.join\n" + node.id + "\n" + node.read_url);
    for (auto const& step : driver.plan_change(node, {"node.join", node.id, {}}, {})) {
        driver.apply_step(node, step, intent);
    }
}

std::string ask_address(port::NodeDriver& driver, model::Node const& node) {
    try {
        return driver.address(node);
    } catch (Error const& error) {
        if (error.code() != Code::unsupported) throw;
        return {};  // not every node has an identity on the ledger, or tells it
    }
}

JsonValue add(model::Step const& step, Services& services, Identity const& self) {
    auto node = model::node_from_json(step.detail->at("node"));
    auto& driver = services.driver(node.kind);
    if (node.kind == "rehearsal" && node.member == self.member) join(driver, node);
    auto const identity = driver.network(node).identity;
    auto const& expected = step.detail->at("identity");
    if (!expected.is_null() && expected != identity) {
        throw Error(Code::verification_failed,
                    fmt::format("node '{}' is on another network than '{}'", node.id, node.network),
                    "check its URL; 'consortium node list' shows the network's other nodes",
                    {{"agreed", expected.get<std::string>()}, {"shown", identity}});
    }
    auto const address = ask_address(driver, node);
    if (!node.address.empty() && !address.empty() && node.address != address) {
        throw Error(Code::verification_failed, fmt::format("node '{}' has another address", node.id), {},
                    {{"given", node.address}, {"shown", address}});
    }
    if (!address.empty()) node.address = address;
    model::Event event;
    event.kind = "node.added";
    event.time = services.clock.now();
    event.body = JsonValue(Json{{"node", node.id}});
    event.writes.push_back(object_of(node, identity));
    services.store.write([&](port::Transaction& transaction) { transaction.append_event(event); });
    return JsonValue(Json{{"node", node.id}, {"identity", identity}, {"address", node.address}});
}

void check_rules(State const& state, model::Node const& node, model::Plan& plan) {
    auto const& epoch = state.joined();
    plan.verdict.require("rehearsal only", node.kind != "rehearsal" || epoch.rehearsal,
                         "a simulated node proves nothing in a consortium that is no rehearsal");
    plan.verdict.require("member", epoch.member(node.member) != nullptr,
                         fmt::format("'{}' is not a member", node.member));
    bool const own = node.member == state.self.member;
    plan.verdict.require("foreign nodes are read-only", own || node.admin_url.empty(),
                         "another member's node is never told anything: leave --admin-url out");
}

bool has_open_intent(port::Store const& store, std::string const& node) {
    bool found = false;
    for (auto const* state : {"open", "submitted"}) {
        store.objects({.kind = "intent", .state = state},
                      [&](model::Object const& object) { found = found || object.data->at("node") == node; });
    }
    return found;
}

}  // namespace

Applier const node_add_applier{.remote = add};

KnownNode find_node(port::Store const& store, std::string const& name) {
    auto const object = store.object(kind, name);
    if (object) return from_object(*object);
    throw Error(Code::not_found, "no node '" + name + "' here",
                "run 'consortium node list' to see those that there are");
}

std::vector<KnownNode> known_nodes(port::Store const& store, std::string const& network) {
    std::vector<KnownNode> out;
    store.objects({.kind = kind}, [&](model::Object const& object) {
        auto known = from_object(object);
        if (network.empty() || known.node.network == network) out.push_back(std::move(known));
    });
    return out;
}

std::vector<model::Node> own_nodes(port::Store const& store, std::string const& network,
                                   std::string const& member) {
    std::vector<model::Node> out;
    for (auto& known : known_nodes(store, network)) {
        if (known.node.member == member) out.push_back(std::move(known.node));
    }
    return out;
}

std::vector<model::Node> witnesses(port::Store const& store, std::string const& network,
                                   std::string const& member) {
    std::vector<model::Node> out;
    for (auto& known : known_nodes(store, network)) {
        if (known.node.member != member) out.push_back(std::move(known.node));
    }
    return out;
}

model::Plan plan_node_add(State const& state, model::Request const& request) {
    auto const node = read_node(state, request);
    model::Plan plan;
    plan.request = request;
    plan.epoch = model::reference(state.joined());
    auto const known = state.store.object(kind, node.id);
    plan.pins[kind + "/" + node.id] = known ? known->version : 0;
    if (known) {
        throw Error(Code::conflict, "a node '" + node.id + "' is known here",
                    "run 'consortium node remove " + node.id + "' first, or choose another name");
    }
    check_rules(state, node, plan);
    auto const* network = agreed(state.joined(), node.network);
    if (network == nullptr) {
        plan.warnings.push_back("network '" + node.network + "' is not agreed yet: 'consortium node show " +
                                node.id + "' tells the identity that a proposal network.add needs");
    }
    auto const summary = fmt::format("add node {} of {} on network {}", node.id, node.member, node.network);
    plan.verdict.next = "consortium node show " + node.id;
    if (base::JsonReader in(*request.arguments); in.has("unchecked")) {
        plan.steps.push_back(event_step("node.added", {{"node", node.id}}, {object_of(node, "")},
                                        kind + "/" + node.id, summary + ", without asking it"));
        return plan;
    }
    Json detail{{"node", to_json(node)}, {"identity", network ? Json(network->identity) : Json()}};
    plan.steps.push_back({"node.add", kind + "/" + node.id, summary, JsonValue(std::move(detail))});
    return plan;
}

model::Plan plan_node_remove(State const& state, model::Request const& request) {
    auto const name = base::JsonReader(*request.arguments).name("operand");
    auto const known = find_node(state.store, name);
    model::Plan plan;
    plan.request = request;
    plan.epoch = model::reference(state.joined());
    plan.pins[kind + "/" + name] = state.store.object(kind, name)->version;
    plan.verdict.require("no open operation", !has_open_intent(state.store, name),
                         "an operation on this node is open: run 'consortium operation list'");
    auto object = object_of(known.node, known.identity);
    object.state.clear();
    plan.steps.push_back(event_step("node.removed", {{"node", name}}, {object}, kind + "/" + name,
                                    fmt::format("forget node {}; the node itself is not changed", name)));
    return plan;
}

}  // namespace consortium::flow
