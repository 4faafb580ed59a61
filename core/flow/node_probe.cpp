#include "core/flow/node_probe.h"

#include "core/base/error.h"
#include "core/base/text.h"
#include "core/port/certifier.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace consortium::flow {

namespace {

using base::Code;
using base::Error;
using base::Json;

constexpr std::array<std::string_view, 4> with_tls{"https", "wss", "grpcs", "tls"};
constexpr std::uint16_t usual_port = 443;
constexpr std::size_t longest_host = 253;

[[noreturn]] void no_address(std::string_view url) {
    throw Error(Code::malformed,
                "'" + base::printable(url.substr(0, 200)) + "' is not the address of a node");
}

/// "node.example:8545", "[::1]:8545", "node.example".
port::TlsPlace place_of(std::string_view authority, std::string_view url) {
    port::TlsPlace place{{}, usual_port};
    std::string_view port;
    if (authority.starts_with('[')) {
        auto const end = authority.find(']');
        if (end == std::string_view::npos) no_address(url);
        place.host = authority.substr(1, end - 1);
        port = authority.substr(end + 1);
    } else {
        auto const end = std::min(authority.find(':'), authority.size());
        place.host = authority.substr(0, end);
        port = authority.substr(end);
    }
    constexpr std::string_view letters =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._:%";
    if (place.host.empty() || place.host.size() > longest_host ||
        place.host.find_first_not_of(letters) != std::string::npos)
        no_address(url);
    if (port.empty()) return place;
    auto const* const end = port.data() + port.size();
    auto const read = std::from_chars(port.data() + 1, end, place.port);
    if (port.front() != ':' || read.ec != std::errc() || read.ptr != end || place.port == 0) no_address(url);
    return place;
}

TrustAnswer answer(port::Certifier const& certifier, std::vector<base::Bytes> const& chain,
                   std::vector<base::Bytes> const& roots, TrustSets const& sets, base::Instant now) {
    using model::ChainQuestion;
    ChainQuestion question;
    question.certificate = chain.front();
    question.intermediates.assign(chain.begin() + 1, chain.end());
    question.roots = roots;
    question.crls = sets.crls;
    question.now = now;
    question.revocation =
        sets.crls.empty() ? ChainQuestion::Revoked::ignored : ChainQuestion::Revoked::checked;
    question.purpose = ChainQuestion::Purpose::tls_server;
    try {
        auto found = certifier.verify(question);
        return {found.holds, std::move(found.sentence)};
    } catch (Error const& error) {
        return {false, base::printable(error.message())};  // a server may present anything
    }
}

/// The endpoints in order, and of those that can be looked at where.
struct Endpoints {
    std::vector<ProbedNode> nodes;
    std::vector<port::TlsPlace> places;
    std::vector<std::size_t> of_place;  // which node each place is of

    void add(std::string const& member, std::string const& node, Json const& endpoint) {
        auto& added = nodes.emplace_back();
        added.member = member;
        added.node = node;
        added.url = endpoint.at("url").get<std::string>();
        added.pin = endpoint.value("pin", std::string());
        try {
            places.push_back(tls_place(nodes.back().url));
            of_place.push_back(nodes.size() - 1);
        } catch (Error const& error) {
            nodes.back().shown.failure = error.code() == Code::unsupported ? "plain" : "address";
            nodes.back().shown.words = error.message();
        }
    }
};

Endpoints endpoints_in(base::JsonValue const& all) {
    Endpoints out;
    if (!all->is_object()) return out;
    for (auto const& [member, own] : all->items())
        for (auto const& [node, endpoint] : own.items()) out.add(member, node, endpoint);
    return out;
}

/// Names of a root are compared as their bytes: a server repeats those of the certificates that it has.
bool names_one(std::vector<base::Bytes> const& names, std::vector<base::Bytes> const& roots,
               port::Certifier const& certifier) {
    return std::any_of(roots.begin(), roots.end(), [&](base::Bytes const& root) {
        return std::find(names.begin(), names.end(), certifier.describe(root).content.subject) != names.end();
    });
}

void judge(ProbedNode& node, port::Certifier const& certifier, TrustSets const& sets, base::Instant now) {
    auto const& shown = node.shown;
    if (!shown.failure.empty()) return;
    node.trust = judge_chain(certifier, shown.chain, sets, now);
    if (!shown.authorities.empty())
        node.clients =
            ClientTrust{shown.authorities.size(), names_one(shown.authorities, sets.old_roots, certifier),
                        names_one(shown.authorities, sets.new_roots, certifier)};
    if (node.pin.empty()) return;
    auto const key = presented_key(certifier, shown);
    node.pin_holds = key && key->hex() == node.pin;
}

Json record(TrustAnswer const& answer) {
    return {{"holds", answer.holds}, {"sentence", answer.sentence}};
}

std::string cell(ProbedNode const& node, TrustAnswer ChainTrust::*which) {
    if (!node.trust) return "-";
    return ((*node.trust).*which).holds ? "yes" : "no";
}

std::string clients_of(ProbedNode const& node) {
    if (!node.clients) return {};
    auto const& found = *node.clients;
    if (!found.old_named && !found.new_named) return " of other authorities";
    if (!found.old_named || !found.new_named)
        return found.old_named ? " of the old roots" : " of the new roots";
    return " of the old and the new roots";
}

std::string remark(ProbedNode const& node) {
    auto const& shown = node.shown;
    if (!node.trust) return shown.failure + ": " + shown.words;
    if (node.pin_holds == false) return "presents another key than the one that is pinned";
    if (!node.trust->both.holds) return node.trust->both.sentence;
    return shown.protocol + (shown.asks_client ? ", asks for a client certificate" + clients_of(node) : "");
}

}  // namespace

port::TlsPlace tls_place(std::string_view url) {
    auto const colon = url.find("://");
    if (colon == std::string_view::npos) no_address(url);
    auto const scheme = url.substr(0, colon);
    auto authority = url.substr(colon + 3);
    authority = authority.substr(0, std::min(authority.find_first_of("/?#"), authority.size()));
    if (auto const at = authority.rfind('@'); at != std::string_view::npos) authority.remove_prefix(at + 1);
    auto place = place_of(authority, url);
    if (std::find(with_tls.begin(), with_tls.end(), scheme) != with_tls.end()) return place;
    throw Error(Code::unsupported,
                fmt::format("its address says no TLS ({})", base::printable(scheme.substr(0, 20))));
}

ChainTrust judge_chain(port::Certifier const& certifier, std::vector<base::Bytes> const& chain,
                       TrustSets const& sets, base::Instant now) {
    ChainTrust out;
    if (chain.empty()) {
        out.old_only.sentence = out.new_only.sentence = out.both.sentence = "it presented no certificate";
        return out;
    }
    auto both = sets.old_roots;
    both.insert(both.end(), sets.new_roots.begin(), sets.new_roots.end());
    out.old_only = answer(certifier, chain, sets.old_roots, sets, now);
    out.new_only = answer(certifier, chain, sets.new_roots, sets, now);
    out.both = answer(certifier, chain, both, sets, now);
    return out;
}

std::optional<base::Digest> presented_key(port::Certifier const& certifier, port::TlsShown const& shown) {
    if (shown.chain.empty()) return std::nullopt;
    try {
        return base::sha256(certifier.describe(shown.chain.front()).content.public_key);
    } catch (Error const&) {
        return std::nullopt;  // a server may present anything
    }
}

std::vector<ProbedNode> probe_nodes(port::TlsProbe& probe, port::Certifier const& certifier,
                                    base::JsonValue const& endpoints, TrustSets const& sets,
                                    base::Instant now, base::Duration deadline) {
    auto found = endpoints_in(endpoints);
    auto shown = probe.look(found.places, deadline);
    for (std::size_t i = 0; i < shown.size(); ++i) {
        auto& node = found.nodes[found.of_place[i]];
        node.shown = std::move(shown[i]);
        judge(node, certifier, sets, now);
    }
    return std::move(found.nodes);
}

base::Json to_json(ProbedNode const& node) {
    Json certificates = Json::array();
    for (auto const& der : node.shown.chain) certificates.push_back(base::sha256(der).hex());
    Json trust;
    if (node.trust)
        trust = {{"old", record(node.trust->old_only)},
                 {"new", record(node.trust->new_only)},
                 {"both", record(node.trust->both)}};
    Json clients;
    if (node.clients)
        clients = {{"named", node.clients->named},
                   {"old", node.clients->old_named},
                   {"new", node.clients->new_named}};
    return {{"member", node.member},
            {"node", node.node},
            {"url", node.url},
            {"pin", node.pin},
            {"pin_holds", node.pin_holds ? Json(*node.pin_holds) : Json()},
            {"shown", node.shown.failure.empty()},
            {"failure", node.shown.failure},
            {"words", node.shown.words},
            {"protocol", node.shown.protocol},
            {"cipher", node.shown.cipher},
            {"asks_client", node.shown.asks_client},
            {"clients_of", std::move(clients)},
            {"certificates", std::move(certificates)},
            {"trust", std::move(trust)}};
}

model::Table trust_table(std::vector<ProbedNode> const& nodes) {
    model::Table table{{"member", "node", "old only", "new only", "both", "remark"},
                       {},
                       "the epoch names no endpoints, and no node is known here"};
    for (auto const& node : nodes)
        table.rows.push_back({node.member, node.node, cell(node, &ChainTrust::old_only),
                              cell(node, &ChainTrust::new_only), cell(node, &ChainTrust::both),
                              base::printable(remark(node))});
    return table;
}

}  // namespace consortium::flow
