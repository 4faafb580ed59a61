#include "core/flow/node_trust.h"

#include "core/base/error.h"
#include "core/base/file.h"
#include "core/base/text.h"
#include "core/flow/node.h"
#include "core/flow/node_probe.h"
#include "core/model/root.h"
#include "core/port/certifier.h"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace consortium::flow {

namespace {

using base::Code;
using base::Error;
using base::Json;

constexpr std::size_t max_roots_file = 1u << 20;

Json endpoints_of(State const& state, std::string const& only) {
    auto all = known_endpoints(state);
    if (only.empty()) return all;
    Json one = Json::object();
    for (auto const& [member, own] : all.items())
        if (own.contains(only)) one[member][only] = own.at(only);
    if (one.empty())
        throw Error(Code::not_found, "no endpoint of a node '" + base::printable(only) + "' is known here",
                    "run 'consortium node trust' for all, or 'consortium node add'");
    return one;
}

std::vector<base::Bytes> roots_in(port::Certifier const& certifier, model::Request const& request,
                                  char const* flag) {
    if (!request.arguments->contains(flag)) return {};
    return certifier.read_certificates(
        base::read_file(request.arguments->at(flag).get<std::string>(), max_roots_file));
}

TrustSets trust_sets(State const& state, port::Certifier const& certifier, model::Request const& request) {
    TrustSets sets;
    sets.old_roots = roots_in(certifier, request, "old");
    sets.new_roots = roots_in(certifier, request, "new");
    auto const& agreed = *state.joined().trust_bundle;
    if (agreed.is_null()) {
        if (!sets.old_roots.empty() || !sets.new_roots.empty()) return sets;
        throw Error(Code::refused,
                    "the members have agreed on no trust bundle: nothing says what is to be trusted",
                    "name root certificates with --old and --new");
    }
    auto const bundle = model::trust_bundle_from_json(agreed);
    auto const last = bundle.roots.size() - 1;
    if (sets.new_roots.empty()) sets.new_roots = {bundle.roots.at(last).certificate};
    if (!sets.old_roots.empty()) return sets;
    for (std::size_t i = 0; i < std::max<std::size_t>(last, 1); ++i)
        sets.old_roots.push_back(bundle.roots.at(i).certificate);
    return sets;
}

}  // namespace

Json known_endpoints(State const& state) {
    Json all = Json::object();
    auto const& pinned = *state.joined().endpoints;
    if (pinned.is_object()) all = pinned;
    for (auto const& known : known_nodes(state.store)) {
        auto const& node = known.node;
        if (node.read_url.starts_with("rehearsal:")) continue;  // a folder, no server
        auto& own = all[node.member];
        if (!own.contains(node.id)) own[node.id] = {{"url", node.read_url}, {"pin", ""}};
    }
    return all;
}

model::Outcome node_trust(State const& state, Services const& services, model::Request const& request) {
    auto const& arguments = *request.arguments;
    auto const endpoints = endpoints_of(state, arguments.value("operand", std::string()));
    auto const nodes = probe_nodes(*services.probe, services.certifier, base::JsonValue(endpoints),
                                   trust_sets(state, services.certifier, request), state.now,
                                   base::Duration::from_text(arguments.at("within").get<std::string>()));
    model::Outcome outcome;
    outcome.schema = "consortium.node.trust/1";
    Json items = Json::array();
    for (auto const& node : nodes) items.push_back(to_json(node));
    outcome.data = base::JsonValue(Json{{"items", std::move(items)}});
    outcome.text = {trust_table(nodes)};
    auto const shown = [](ProbedNode const& node) { return node.trust.has_value(); };
    auto const trusted = [](ProbedNode const& node) {
        return node.trust && node.trust->both.holds && node.pin_holds != false;
    };
    if (!std::all_of(nodes.begin(), nodes.end(), shown)) outcome.status = Code::unavailable;
    if (std::any_of(nodes.begin(), nodes.end(), [&](auto const& one) { return shown(one) && !trusted(one); }))
        outcome.status = Code::verification_failed;
    return outcome;
}

}  // namespace consortium::flow
