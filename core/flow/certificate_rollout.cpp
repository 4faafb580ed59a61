#include "core/flow/certificate_rollout.h"

#include "core/base/error.h"
#include "core/flow/certificate.h"
#include "core/flow/node.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

namespace consortium::flow {

namespace {

/// RFC 3986 3.2: "https://node1.example:8545/x" -> "node1.example", "http://[::1]:1" -> "::1".
std::string host_in(std::string_view url) {
    auto const scheme = url.find("://");
    if (scheme == std::string_view::npos) return {};
    url.remove_prefix(scheme + 3);
    url = url.substr(0, url.find_first_of("/?#"));
    if (auto const user = url.rfind('@'); user != std::string_view::npos) url.remove_prefix(user + 1);
    bool const is_ipv6 = url.starts_with('[');
    return std::string(is_ipv6 ? url.substr(1, url.find(']') - 1) : url.substr(0, url.find(':')));
}

std::set<std::string> hosts_of(model::Node const& node) {
    std::set<std::string> out;
    for (auto const* url : {&node.read_url, &node.admin_url})
        if (auto host = host_in(*url); !host.empty()) out.insert(std::move(host));
    return out;
}

bool presents(model::Node const& node, model::AlternativeNames const& names) {
    auto const hosts = hosts_of(node);
    return std::ranges::any_of(std::array{&names.dns, &names.ip}, [&](auto const* list) {
        return std::ranges::any_of(*list, [&](auto const& name) { return hosts.contains(name); });
    });
}

model::NewCertificate in_words(State const& state, base::Json const& detail) {
    model::NewCertificate out;
    out.common_name = detail.at("common_name").get<std::string>();
    auto const old = certificate_object(state.store, detail.at("renews").get<std::string>());
    if (old.data->at("issuer") != detail.at("issuer"))
        out.new_issuer = detail.at("issuer").get<std::string>();
    return out;
}

std::vector<model::ManualStep> install(Services const& services, model::Node const& node,
                                       model::NewCertificate const& certificate) {
    try {
        return services.driver(node.kind).install_certificate(node, certificate);
    } catch (base::Error const& error) {
        if (error.code() != base::Code::unsupported) throw;
        return {{node.id, "install it as the node's software asks, and restart it if that asks so", {}}};
    }
}

}  // namespace

std::set<std::string> hosts_of_node(port::Store const& store, std::string const& name) {
    std::set<std::string> out{name};
    for (auto const& known : known_nodes(store)) {
        if (known.node.id == name) out.merge(hosts_of(known.node));
    }
    return out;
}

std::vector<model::ManualStep> certificate_rollout(State const& state, Services const& services,
                                                   base::Json const& detail) {
    if (!detail.contains("renews")) return {};
    auto const names = model::alternative_names_from_json(detail.at("names"));
    std::vector<model::Node> nodes;
    for (auto& known : known_nodes(state.store)) {
        if (presents(known.node, names)) nodes.push_back(std::move(known.node));
    }
    // One that cannot be a validator first: if something is wrong with the certificate, it shows where it
    // halts nothing.
    std::ranges::stable_partition(nodes, [](auto const& node) { return node.address.empty(); });
    auto const certificate = in_words(state, detail);
    std::vector<model::ManualStep> out;
    for (auto const& node : nodes) {
        for (auto& step : install(services, node, certificate)) out.push_back(std::move(step));
    }
    return out;
}

}  // namespace consortium::flow
