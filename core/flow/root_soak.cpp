#include "core/flow/root_soak.h"

#include "core/flow/authority.h"
#include "core/flow/certificate.h"
#include "core/flow/certificate_renew.h"
#include "core/flow/node_trust.h"
#include "core/flow/root_acknowledge.h"
#include "core/flow/root_compose.h"
#include "core/flow/root_nodes.h"
#include "core/flow/root_sight.h"

#include <algorithm>
#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <set>

namespace consortium::flow {

using base::Json;
using base::JsonValue;

namespace {

constexpr std::size_t most_shown = 100;

struct Dependency {
    std::string kind;  // node | intermediate | certificate
    std::string name, words, next;
};

void add_nodes(State const& state, Rotation const& rotation, std::vector<Dependency>& out) {
    auto const& agreed = *state.joined().trust_bundle;
    auto const version = agreed.is_null() ? 0 : model::trust_bundle_from_json(agreed).version;
    for (auto const& each : following_nodes(state, rotation, version)) {
        if (each.state == "missing")
            out.push_back({"node", each.name(), fmt::format("has not said that it trusts bundle {}", version),
                           "consortium root ack"});
        if (each.state == "waived") out.push_back({"node", each.name(), "is waived: " + each.words, {}});
    }
}

/// What endpoints show of themselves. Returns those of which nothing was seen: nobody knows what these do.
std::vector<Sight> add_endpoints(State const& state, Services const& services, Rotation const& rotation,
                                 base::Duration within, std::vector<Dependency>& out) {
    if (state.joined().trust_bundle->is_null()) return {};
    std::vector<Sight> unseen;
    for (auto& sight : look_at(state, services, rotation, known_endpoints(state), within)) {
        auto const name = sight.member + "/" + sight.node;
        auto words = sight.against;
        if (words.empty() && sight.old_alone) words = "presents a chain that the old root alone certifies";
        if (!words.empty()) out.push_back({"endpoint", name, words, "consortium node trust " + sight.node});
        if (!sight.seen) unseen.push_back(std::move(sight));
    }
    return unseen;
}

/// The intermediates that nobody reaches from the new root.
std::set<std::string> add_intermediates(State const& state, std::string const& new_root,
                                        std::vector<Dependency>& out) {
    std::set<std::string> names;
    for (auto const& each : authorities(state.store)) {
        if (!is_relied_on(each, state.now)) continue;
        if (std::ranges::find(each.certificates, new_root, &AuthorityCertificate::issuer) !=
            each.certificates.end())
            continue;
        names.insert(each.name);
        out.push_back({"intermediate", each.name, fmt::format("has no certificate under {}", new_root),
                       fmt::format("consortium ca add NAME --replaces {}", each.name)});
    }
    return names;
}

/// Those of such an intermediate, and those that the old root has issued itself. Returns how many more there
/// are than are listed.
std::size_t add_certificates(State const& state, std::set<std::string> const& issuers,
                             std::vector<Dependency>& out) {
    std::size_t left = 0;
    auto const before = out.size();
    state.store.objects({.kind = "certificate"}, [&](model::Object const& object) {
        auto const issuer = object.data->at("issuer").get<std::string>();
        bool const in_force = is_unrevoked(object) && object.due && *object.due > state.now;
        if (!in_force || !issuers.contains(issuer)) return;
        if (out.size() - before >= most_shown) {
            ++left;
            return;
        }
        out.push_back({"certificate", object.name,
                       fmt::format("{}, by {}, until {}", object.data->at("subject").get<std::string>(),
                                   issuer, object.due->text()),
                       "consortium cert renew " + object.name});
    });
    return left;
}

void tell_unseen(std::vector<Sight> const& unseen, model::Outcome& outcome) {
    Json list = Json::array();
    for (auto const& each : unseen) {
        auto const name = each.member + "/" + each.node;
        list.push_back({{"name", name}, {"words", each.words}});
        outcome.warnings.push_back(name + " was " + each.words);
    }
    Json data = *outcome.data;
    data["unseen"] = std::move(list);
    outcome.data = JsonValue(std::move(data));
}

void tell_quarantined(std::vector<Quarantined> const& all, model::Outcome& outcome) {
    Json list = Json::array();
    for (auto const& each : all) {
        auto const name = each.node.name();
        list.push_back({{"name", name}, {"kind", each.kind}, {"steps", each.steps}});
        for (auto const& step : each.steps)
            outcome.by_hand.push_back(fmt::format("keep out {}: {}", name, step));
    }
    Json data = *outcome.data;
    data["quarantine"] = std::move(list);
    outcome.data = JsonValue(std::move(data));
}

}  // namespace

model::Outcome root_soak(State const& state, Services const& services, port::NodeGuide const& guide,
                         model::Request const& request) {
    auto const found = rotation(state);
    auto const plan = rotation_plan(state.store, found);
    auto const within = base::Duration::from_text(request.arguments->value("within", std::string("PT10S")));
    std::vector<Dependency> all;
    add_nodes(state, found, all);
    auto const unseen = add_endpoints(state, services, found, within, all);
    std::size_t left = 0;
    if (found.version != 0) {
        auto issuers = add_intermediates(state, root_of(plan.to), all);
        issuers.insert(root_of(plan.from));
        left = add_certificates(state, issuers, all);
    }
    Json items = Json::array();
    model::Table table{{"kind", "name", "what", "next"}, {}, "nothing depends on the old root alone"};
    for (auto const& each : all) {
        items.push_back(
            {{"kind", each.kind}, {"name", each.name}, {"words", each.words}, {"next", each.next}});
        table.rows.push_back({each.kind, each.name, each.words, each.next});
    }
    model::Outcome outcome;
    outcome.schema = "consortium.root.soak/1";
    outcome.data = JsonValue(Json{{"rotation", found.name}, {"items", items}, {"more", left}});
    outcome.text.emplace_back(std::move(table));
    if (left > 0) outcome.text.emplace_back(fmt::format("and {} more certificates\n", left));
    tell_unseen(unseen, outcome);
    tell_quarantined(quarantined(state, found, guide), outcome);
    if (!all.empty()) outcome.status = base::Code::verification_failed;
    outcome.next.emplace_back("consortium root show");
    return outcome;
}

}  // namespace consortium::flow
