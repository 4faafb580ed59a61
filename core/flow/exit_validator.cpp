#include "core/base/error.h"
#include "core/base/text.h"
#include "core/flow/exit_case.h"
#include "core/flow/node.h"
#include "core/model/member.h"

#include <algorithm>
#include <fmt/format.h>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

namespace consortium::flow {

using base::Json;
using base::JsonValue;
using model::ExitGate;
using Ruling = model::Verdict::Ruling;

namespace {

bool may_validate(model::Epoch const& epoch, std::string_view id) {
    auto const* member = epoch.member(id);
    auto const* tier = member == nullptr ? nullptr : epoch.charter.tier(member->tier);
    return tier != nullptr &&
           std::find(tier->rights.begin(), tier->rights.end(), "validate") != tier->rights.end();
}

std::string folded(std::string text) {
    for (auto& byte : text)
        if (byte >= 'A' && byte <= 'Z') byte = static_cast<char>(byte - 'A' + 'a');
    return text;
}

/// network -> addresses of the member's validators: from its nodes, its application and what was decided.
using Addresses = std::map<std::string, std::set<std::string>>;

void add_decided(GateInput const& input, Addresses& out) {
    for (auto number = input.state.joined().number + 1; number-- > 0;) {
        auto const epoch = input.state.store.epoch(number);
        if (!epoch) return;
        for (auto const& result : epoch->results) {
            bool const validator = result.action == "validator.add" || result.action == "validator.remove";
            if (!validator || result.detail->value("member", std::string()) != input.exit.notice.member)
                continue;
            out[result.detail->at("network").get<std::string>()].insert(
                folded(result.detail->at("address").get<std::string>()));
        }
    }
}

Addresses addresses_of(GateInput const& input) {
    Addresses out;
    auto const& member = input.exit.notice.member;
    for (auto const& [node, identity] : known_nodes(input.state.store)) {
        if (node.member == member && !node.address.empty()) out[node.network].insert(folded(node.address));
    }
    for (auto const& act :
         input.state.store.acts({.kind = "submit", .subject = {}, .epoch = {}, .member = member}))
        for (auto const& node : model::submission_from_json(*act.act.body).nodes)
            out[node.network].insert(folded(node.address));
    add_decided(input, out);
    return out;
}

std::vector<model::Node> others_nodes(GateInput const& input) {
    std::vector<model::Node> out;
    for (auto const& [node, identity] : known_nodes(input.state.store)) {
        if (node.member != input.exit.notice.member) out.push_back(node);
    }
    return out;
}

struct Sightings {
    std::vector<std::string> present, silent;
    std::map<std::string, int> absent;  // by network: nodes that do not show it any more
    std::vector<model::GateEvidence> evidence;
};

void ask(model::Node const& node, std::set<std::string> const& addresses, GateInput const& input,
         Sightings& seen) {
    try {
        Json record{{"node", node.id}, {"member", node.member}, {"network", node.network}};
        Json validators = Json::array();
        bool present = false;
        for (auto const& one : input.services.driver(node.kind).validators(node)) {
            validators.push_back(one.address);
            present = present || addresses.contains(folded(one.address));
        }
        record["validators"] = validators;
        seen.evidence.push_back({"record",
                                 fmt::format("{} of {} lists {} validators, {}", node.id, node.member,
                                             validators.size(), present ? "it among them" : "it is not one"),
                                 base::digest_of(record), JsonValue(record)});
        if (present)
            seen.present.push_back(node.id);
        else
            ++seen.absent[node.network];
    } catch (base::Error const& error) {
        if (error.code() != base::Code::unavailable && error.code() != base::Code::unsupported) throw;
        seen.silent.push_back(node.id + " (" + error.message() + ")");
    }
}

std::string unseen_networks(Addresses const& addresses, Sightings const& seen) {
    std::vector<std::string> out;
    for (auto const& [network, unused] : addresses)
        if (!seen.absent.contains(network)) out.push_back(network);
    return base::join(out, ", ");
}

void judge(ExitGate& gate, Addresses const& addresses, Sightings const& seen) {
    auto const unseen = unseen_networks(addresses, seen);
    gate.ruling = Ruling::pending;
    if (!seen.present.empty())
        gate.words = "still a validator on " + base::join(seen.present, ", ");
    else if (!seen.silent.empty())
        gate.words = "no answer from " + base::join(seen.silent, "; ");
    else if (!unseen.empty())
        gate.words = "no node of another member is known on " + unseen;
    else {
        gate.ruling = Ruling::allowed;
        gate.words =
            fmt::format("on none of {} nodes of the other members is it a validator", seen.evidence.size());
        gate.next.clear();
    }
}

}  // namespace

ExitGate validator_gate(GateInput const& input) {
    auto const& epoch = input.state.joined();
    auto const& member = input.exit.notice.member;
    ExitGate gate{"validator", Ruling::allowed, {}, {}, "consortium proposal open validator.remove"};
    auto const addresses = addresses_of(input);
    if (addresses.empty()) {
        bool const expected = !epoch.networks.empty() && may_validate(epoch, member);
        gate.ruling = expected ? Ruling::pending : Ruling::allowed;
        gate.words = expected ? "it may validate, but no node of it is known here" : "it runs no validator";
        gate.next = expected ? "consortium node add" : std::string();
        return gate;
    }
    Sightings seen;
    for (auto const& node : others_nodes(input)) {
        auto const found = addresses.find(node.network);
        if (found != addresses.end()) ask(node, found->second, input, seen);
    }
    gate.evidence = seen.evidence;
    judge(gate, addresses, seen);
    return gate;
}

}  // namespace consortium::flow
