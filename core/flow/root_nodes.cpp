#include "core/flow/root_nodes.h"

#include "core/base/error.h"
#include "core/base/text.h"
#include "core/flow/carried_bundle.h"
#include "core/flow/node.h"
#include "core/flow/root_compose.h"

#include <algorithm>
#include <fmt/format.h>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

namespace consortium::flow {

using base::Code;
using base::Error;
using base::Json;
using base::JsonValue;

namespace {

/// Who votes on a network, as one of its nodes says.
struct Voters {
    std::optional<int> spare;  // how many more may be down now; none: not known
    std::string words;
};

/// A node in the order in which it follows.
struct Place {
    FollowingNode following;
    model::Node node;  // as it is known here; without a kind: it is not
};

std::set<std::string> root_names(model::TrustBundle const& bundle) {
    std::set<std::string> out;
    for (auto const& root : bundle.roots) out.insert(root.name);
    return out;
}

model::TrustBundle bundle_in_force(State const& state) {
    auto const& agreed = *state.joined().trust_bundle;
    if (!agreed.is_null()) return model::trust_bundle_from_json(agreed);
    throw Error(Code::refused, "the members have agreed on no trust bundle yet: there is nothing to follow",
                "run 'consortium root show'");
}

/// Every node, with what is known of it here.
std::vector<Place> places(State const& state, Rotation const& rotation) {
    std::map<std::pair<std::string, std::string>, model::Node> known;
    for (auto& each : known_nodes(state.store))
        known.emplace(std::pair(each.node.member, each.node.id), std::move(each.node));
    std::vector<Place> out;
    for (auto& each : following_nodes(state, rotation, bundle_in_force(state).version)) {
        auto const found = known.find({each.member, each.node});
        model::Node node;
        node.id = each.node;
        node.member = each.member;
        if (found != known.end()) node = found->second;
        out.push_back({std::move(each), std::move(node)});
    }
    return out;
}

Voters count(std::vector<model::Validator> const& all, std::string_view kind, port::NodeGuide const& guide) {
    int voters = 0, down = 0;
    for (auto const& each : all) {
        voters += each.seated ? 1 : 0;
        down += each.seated && !each.live ? 1 : 0;
    }
    auto const most = guide.may_be_down(kind, voters);
    if (!most) return {std::nullopt, "not known for networks of this kind"};
    auto const spare = std::max(0, *most - down);
    return {spare, fmt::format("{} of {} voters may be down, {} are", *most, voters, down)};
}

/// The first of this member's nodes there that answers.
Voters voters_of(State const& state, Services& services, port::NodeGuide const& guide,
                 std::string const& network) {
    Voters out{std::nullopt, "no node of this member there says who votes"};
    if (!services.driver || network.empty()) return out;
    for (auto const& node : own_nodes(state.store, network, state.self.member)) {
        try {
            return count(services.driver(node.kind).validators(node), node.kind, guide);
        } catch (Error const& error) {
            out.words = base::printable(error.message());
        }
    }
    return out;
}

std::string advice(Voters const& voters, port::NodeWork const& work) {
    if (!work.stops) return "it goes on meanwhile";
    if (!voters.spare) return "one at a time; how many may be down is not known: " + voters.words;
    if (*voters.spare == 0)
        return "its network stands still while a voter is down, so tell the other members: " + voters.words;
    return "one at a time over all members: " + voters.words;
}

Json record(Place const& place, port::NodeWork const& work, Voters const& voters, std::size_t number) {
    auto const& node = place.node;
    return {{"number", number},
            {"member", node.member},
            {"node", node.id},
            {"network", node.network},
            {"kind", node.kind},
            {"state", place.following.state},
            {"files", work.files},
            {"steps", work.steps},
            {"restart", work.restart},
            {"by", node.member},
            {"stops", work.stops},
            {"at_once", 1},
            {"may_be_down", voters.spare ? Json(*voters.spare) : Json()},
            {"voters", voters.words},
            {"confirm", "consortium node trust " + node.id},
            {"state_with", "consortium root ack " + node.id}};
}

std::string change_words(port::TrustChange const& change, model::TrustBundle const& bundle) {
    std::vector<std::string> parts;
    if (change.adds || change.removes)
        parts.push_back(fmt::format("trust {}", fmt::join(root_names(bundle), " and ")));
    if (change.presents) parts.push_back("present the chain under " + bundle.present);
    return parts.empty() ? "nothing changes for nodes" : base::join(parts, ", and ");
}

/// What is done at every node of one kind, once.
std::string instructions(std::string const& kind, port::NodeWork const& work) {
    std::string out = (kind.empty() ? std::string("a node of a kind that is not known here") : kind) + ":\n";
    for (auto const& each : work.files) out += "  $ " + each + "\n";
    for (auto const& each : work.steps) out += "  - " + each + "\n";
    return out + "  - " + work.restart + "\n";
}

void tell(model::Outcome& outcome, std::vector<Place> const& all, port::NodeGuide const& guide,
          port::TrustChange const& change, std::map<std::string, Voters> const& voters) {
    model::Table table{{"", "member", "node", "kind", "state", "then"}, {}, "no node is known here"};
    std::map<std::string, port::NodeWork> kinds;
    Json items = Json::array();
    for (auto const& place : all) {
        auto const work = guide.follow(place.node.kind, change);
        auto const number = items.size() + 1;
        items.push_back(record(place, work, voters.at(place.node.network), number));
        table.rows.push_back({std::to_string(number), place.node.member, place.node.id, place.node.kind,
                              place.following.state, "consortium node trust " + place.node.id});
        kinds.try_emplace(place.node.kind, work);
    }
    outcome.text.emplace_back(std::move(table));
    for (auto const& [kind, work] : kinds) outcome.text.emplace_back(instructions(kind, work));
    std::set<std::string> said;
    for (auto const& place : all) {
        auto const& network = place.node.network;
        auto const words = advice(voters.at(network), kinds.at(place.node.kind));
        if (said.insert(network).second)
            outcome.text.emplace_back(fmt::format("{}{}{}\n", network, network.empty() ? "" : ": ", words));
    }
    Json data = *outcome.data;
    data["items"] = std::move(items);
    outcome.data = JsonValue(std::move(data));
}

}  // namespace

port::TrustChange trust_change(State const& state, Rotation const& rotation) {
    auto const carried = carried_bundles(state.store);
    auto const now = bundle_in_force(state);
    auto const old = root_of(rotation_plan(state.store, rotation).from);
    std::set<std::string> before{old};
    auto presented = old;
    if (carried.size() > 1) {
        auto const& previous = carried.at(carried.size() - 2).bundle;
        before = root_names(previous);
        presented = previous.present;
    }
    auto const after = root_names(now);
    port::TrustChange out;
    out.adds = !std::ranges::includes(before, after);
    out.removes = !std::ranges::includes(after, before);
    out.presents = presented != now.present;
    out.version = now.version;
    return out;
}

std::vector<Quarantined> quarantined(State const& state, Rotation const& rotation,
                                     port::NodeGuide const& guide) {
    if (to_keep_apart(state, rotation).empty()) return {};
    std::vector<Quarantined> out;
    for (auto& place : places(state, rotation)) {
        if (place.following.state != "missing") continue;
        auto steps = guide.keep_out(place.node);
        out.push_back({std::move(place.following), place.node.kind, std::move(steps)});
    }
    return out;
}

model::Outcome root_nodes(State const& state, Services& services, port::NodeGuide const& guide,
                          model::Request const& request) {
    auto const found = rotation(state);
    auto const bundle = bundle_in_force(state);
    auto const change = trust_change(state, found);
    auto all = places(state, found);
    bool const only_own = !request.arguments->contains("all");
    std::erase_if(all, [&](Place const& each) {
        return each.node.id.empty() || (only_own && each.node.member != state.self.member);
    });
    // One that cannot be a validator first: if something is wrong, it shows where it halts nothing.
    std::ranges::stable_sort(
        all, {}, [](Place const& each) { return std::tuple(each.node.network, !each.node.address.empty()); });
    std::map<std::string, Voters> voters;
    for (auto const& place : all) {
        auto const& network = place.node.network;
        if (!voters.contains(network)) voters.emplace(network, voters_of(state, services, guide, network));
    }
    model::Outcome outcome;
    outcome.schema = "consortium.root.nodes/1";
    outcome.data = JsonValue(Json{{"rotation", found.name},
                                  {"phase", phase_words(found)},
                                  {"version", bundle.version},
                                  {"adds", change.adds},
                                  {"removes", change.removes},
                                  {"presents", change.presents}});
    outcome.text.emplace_back(fmt::format("bundle {}: {}\n", bundle.version, change_words(change, bundle)));
    tell(outcome, all, guide, change, voters);
    outcome.next.emplace_back(found.state == "agreed" ? "consortium root ack NODE" : "consortium root show");
    return outcome;
}

}  // namespace consortium::flow
