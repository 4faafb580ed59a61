#include "core/flow/root_acknowledge.h"

#include "core/base/error.h"
#include "core/base/text.h"
#include "core/flow/node.h"
#include "core/flow/node_trust.h"
#include "core/flow/root_sight.h"
#include "core/flow/steps.h"

#include <algorithm>
#include <fmt/format.h>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

namespace consortium::flow {

using base::Json;
using base::JsonValue;
using model::Verdict;

namespace {

constexpr std::string_view acknowledged = "acknowledged";
constexpr std::size_t max_nodes = 500;
constexpr std::size_t max_words = 500;
constexpr std::size_t max_note = 160;  // what was seen has its room beside it

struct Statement {
    std::string node, state, words;
};

std::vector<Statement> read_nodes(model::CeremonyNotice const& notice) {
    std::vector<Statement> out;
    base::JsonReader in(*notice.facts, "/body/facts");
    in.objects(
        "nodes",
        [&out](base::JsonReader& each) {
            Statement one;
            one.node = each.text("node", 63);
            one.state = each.text("state", 16);
            one.words = each.text("words", max_words);
            each.done();
            out.push_back(std::move(one));
        },
        max_nodes);
    return out;
}

using Known = std::map<std::pair<std::string, std::string>, FollowingNode>;

void know(Known& known, std::string const& member, std::string const& node) {
    known.try_emplace({member, node}, FollowingNode{member, node, "missing", {}, {}, {}});
}

void add_nodes_on_record(State const& state, Known& known) {
    auto const& epoch = state.joined();
    if (epoch.endpoints->is_object()) {
        for (auto const& [member, nodes] : epoch.endpoints->items())
            for (auto const& [node, pin] : nodes.items()) know(known, member, node);
    }
    for (auto const& each : known_nodes(state.store)) know(known, each.node.member, each.node.id);
}

void add_statements(State const& state, Rotation const& rotation, std::int64_t version, Known& known) {
    for (auto const& held : notices_of(state, rotation.plan)) {
        if (held.notice.about != acknowledged) continue;
        auto const& act = held.act.act;
        for (auto const& each : read_nodes(held.notice)) {
            know(known, act.member, each.node);
            auto& row = known.at({act.member, each.node});
            if (held.notice.attempt < version) continue;
            row.state = each.state == "waived" ? "waived" : std::string(acknowledged);
            row.words = each.words;
            row.officer = act.officer;
            row.time = act.time;
        }
    }
}

std::int64_t version_in_force(State const& state) {
    auto const& agreed = *state.joined().trust_bundle;
    return agreed.is_null() ? 0 : model::trust_bundle_from_json(agreed).version;
}

void require_agreed(Rotation const& rotation, Verdict& verdict) {
    verdict.require(
        "phase", rotation.state == "agreed",
        fmt::format("there is no agreed bundle of this rotation to trust: {}", phase_words(rotation)));
}

model::Plan empty_plan(State const& state, model::Request const& request) {
    model::Plan plan;
    plan.request = request;
    plan.epoch = model::reference(state.joined());
    return plan;
}

std::set<std::string> own_node_names(State const& state, Rotation const& rotation) {
    std::set<std::string> out;
    for (auto const& each : following_nodes(state, rotation, 0)) {
        if (each.member == state.self.member && !each.node.empty()) out.insert(each.node);
    }
    return out;
}

model::Step notice_step(State const& state, Rotation const& rotation, model::CeremonyNotice const& notice,
                        std::string summary) {
    return act_step({"ceremony", {opening_of(state, rotation)}, JsonValue(model::to_json(notice)), false},
                    "root " + rotation.name, std::move(summary));
}

model::CeremonyNotice notice_of(Rotation const& rotation, std::string about, Json facts) {
    model::CeremonyNotice notice;
    notice.plan = rotation.plan;
    notice.about = std::move(about);
    notice.attempt = std::max<std::int64_t>(rotation.attempt, 1);
    notice.facts = JsonValue(std::move(facts));
    return notice;
}

/// What was seen of those of one's own nodes that are asked for, by node.
std::map<std::string, Sight> looked_at(State const& state, Services const& services, Rotation const& rotation,
                                       std::set<std::string> const& nodes, Json const& arguments) {
    auto const all = known_endpoints(state);
    auto const& self = state.self.member;
    Json wanted = Json::object();
    if (all.contains(self)) {
        for (auto const& [node, endpoint] : all.at(self).items())
            if (nodes.contains(node)) wanted[self][node] = endpoint;
    }
    std::map<std::string, Sight> out;
    auto const within = base::Duration::from_text(arguments.value("within", std::string("PT10S")));
    for (auto& sight : look_at(state, services, rotation, wanted, within)) {
        auto const node = sight.node;
        out.emplace(node, std::move(sight));
    }
    return out;
}

std::string words_of(Json const& arguments, char const* flag, std::string const& otherwise,
                     std::size_t most) {
    auto words = arguments.value(flag, otherwise);
    if (words.empty() || words.size() > most)
        throw base::Error(base::Code::usage, fmt::format("--{} has up to {} bytes", flag, most));
    return words;
}

/// An act has a limit, however many nodes it names.
std::size_t room_for_words(std::size_t nodes) {
    constexpr std::size_t all = 40'000, frame = 120;
    auto const each = all / nodes;
    return std::clamp(each, frame + 40, frame + max_words) - frame;
}

std::vector<Statement> waived_nodes(Json const& arguments, std::set<std::string> const& nodes) {
    auto const words = words_of(arguments, "waive", {}, max_words);
    std::vector<Statement> out;
    out.reserve(nodes.size());
    for (auto const& node : nodes) out.push_back({node, "waived", words});
    return out;
}

/// What was seen stands beside the officer's own words, and where it says otherwise there must be some.
std::vector<Statement> acknowledged_nodes(std::map<std::string, Sight> const& sights, Json const& arguments,
                                          std::set<std::string> const& nodes, Verdict& verdict) {
    auto const words = words_of(arguments, "note", "stated by its owner", max_note);
    auto const room = room_for_words(nodes.size());
    Sight const nowhere{{}, {}, false, false, "not looked at: no endpoint is known", {}};
    std::vector<Statement> out;
    out.reserve(nodes.size());
    for (auto const& node : nodes) {
        auto const found = sights.find(node);
        auto const sight = found == sights.end() ? nowhere : found->second;
        if (!sight.against.empty())
            verdict.require("seen", arguments.contains("note"),
                            fmt::format("{} {}; if that is right, say why with --note", node, sight.against));
        // What it says otherwise comes first: where there is little room, that is not what is cut.
        auto const against = sight.against.empty() ? "" : "it " + sight.against + "; ";
        auto const whole = fmt::format("{}; {}{}", words, against, sight.words);
        out.push_back({node, std::string(acknowledged), shortened(whole, room)});
    }
    return out;
}

Json statements_json(std::vector<Statement> const& all) {
    Json out = Json::array();
    for (auto const& each : all)
        out.push_back({{"node", each.node}, {"state", each.state}, {"words", each.words}});
    return out;
}

std::string summary_of(std::vector<Statement> const& all, std::int64_t version, base::Digest const& bundle) {
    constexpr std::size_t most_words = 5;
    std::vector<std::string> which;
    which.reserve(all.size());
    for (auto const& each : all) {
        auto const name = each.node.empty() ? "this member, which has no node on record" : each.node;
        which.push_back(all.size() > most_words ? name
                                                : fmt::format("{} ({})", name, base::printable(each.words)));
    }
    if (all.front().state == "waived")
        return fmt::format("state that bundle {} need not be trusted by {}", version,
                           base::join(which, ", "));
    return fmt::format("state that bundle {}, SHA-256 {}, is trusted by {}", version, bundle.hex(),
                       base::join(which, ", "));
}

}  // namespace

std::vector<FollowingNode> following_nodes(State const& state, Rotation const& rotation,
                                           std::int64_t version) {
    Known known;
    add_nodes_on_record(state, known);
    add_statements(state, rotation, version, known);
    std::vector<FollowingNode> out;
    for (auto const& member : state.joined().members) {
        if (!member.belongs()) continue;
        auto const before = out.size();
        for (auto const& [name, row] : known) {
            if (name.first == member.id && !name.second.empty()) out.push_back(row);
        }
        if (out.size() > before) continue;
        know(known, member.id, "");
        out.push_back(known.at({member.id, ""}));
    }
    return out;
}

std::vector<FollowingNode> to_keep_apart(State const& state, Rotation const& rotation) {
    bool const agreed = rotation.state == "agreed" || rotation.stage == "destroy";
    if (!agreed || !rotation_plan(state.store, rotation).emergency) return {};
    auto out = following_nodes(state, rotation, version_in_force(state));
    std::erase_if(out, [](FollowingNode const& each) { return each.state != "missing"; });
    return out;
}

Verdict trust_gate(State const& state, Rotation const& rotation, std::vector<std::string> const& waived) {
    std::set<std::string> names;
    for (auto const& each : waived) names.insert(each.substr(0, each.find(':')));
    Verdict verdict;
    std::size_t have = 0, all = 0;
    for (auto const& each : following_nodes(state, rotation, version_in_force(state))) {
        ++all;
        bool const done = each.state != "missing" || names.contains(each.name());
        have += done ? 1 : 0;
        if (!done) verdict.missing.push_back(each.name());
        names.erase(each.name());
    }
    verdict.state = fmt::format("{} of {} nodes", have, all);
    verdict.require("nodes", have == all,
                    fmt::format("every node trusts the agreed bundle, or is waived: {} of {}", have, all),
                    Verdict::Ruling::pending);
    verdict.require("waived", names.empty(), fmt::format("nothing waits for {}", fmt::join(names, ", ")));
    if (!verdict.allowed()) verdict.next = "consortium root ack";
    return verdict;
}

model::Plan plan_root_acknowledge(State const& state, Services const& services,
                                  model::Request const& request) {
    auto plan = empty_plan(state, request);
    auto const found = rotation(state);
    require_agreed(found, plan.verdict);
    if (!plan.verdict.allowed()) {
        plan.verdict.next = "consortium root show";
        return plan;
    }
    auto const& arguments = *request.arguments;
    auto nodes = own_node_names(state, found);
    if (arguments.contains("operand")) nodes = {arguments.at("operand").get<std::string>()};
    if (nodes.empty()) nodes.insert("");
    bool const waived = arguments.contains("waive");
    auto const said = waived ? waived_nodes(arguments, nodes)
                             : acknowledged_nodes(looked_at(state, services, found, nodes, arguments),
                                                  arguments, nodes, plan.verdict);
    if (!plan.verdict.allowed()) {
        plan.verdict.next = "consortium node trust";
        return plan;
    }
    auto const bundle = model::trust_bundle_from_json(*state.joined().trust_bundle);
    auto const digest = base::sha256(model::document(bundle));
    auto notice = notice_of(found, std::string(acknowledged),
                            {{"bundle", digest.hex()}, {"nodes", statements_json(said)}});
    notice.attempt = bundle.version;
    plan.steps.push_back(notice_step(state, found, notice, summary_of(said, bundle.version, digest)));
    plan.verdict.next = "consortium exchange sync";
    return plan;
}

Witnesses witnesses_of(State const& state, Rotation const& rotation) {
    std::set<std::string> seen;
    for (auto const& held : notices_of(state, rotation.plan)) {
        bool const same = held.notice.about == "witnessed" && rotation.approve &&
                          held.notice.facts->value("manifest", "") == rotation.approve->hex();
        if (same && held.act.act.officer != rotation.proposer) seen.insert(held.act.act.officer);
    }
    Witnesses out;
    out.officers.assign(seen.begin(), seen.end());
    for (auto const& each : rotation_plan(state.store, rotation).officers("witness")) {
        if (!seen.contains(each)) out.missing.push_back(each);
    }
    if (out.officers.empty() && out.missing.empty()) out.missing.emplace_back("a witness");
    return out;
}

model::Plan plan_root_witness(State const& state, model::Request const& request) {
    auto plan = empty_plan(state, request);
    auto const found = rotation(state);
    plan.verdict.require("phase", found.is_at("destroy", "prepared"),
                         fmt::format("nothing waits for witnesses: {}", phase_words(found)));
    plan.verdict.require("witness", state.self.officer != found.proposer,
                         "who proposed it is no witness of it (G25)");
    if (!plan.verdict.allowed()) return plan;
    auto const words = request.arguments->value("note", std::string());
    plan.steps.push_back(notice_step(
        state, found, notice_of(found, "witnessed", {{"manifest", found.approve->hex()}, {"words", words}}),
        fmt::format("attest as a witness that {} may be destroyed as manifest {} says",
                    fmt::join(manifest(state.store, found).destroys, ", "), found.approve->hex())));
    plan.verdict.next = "consortium exchange sync";
    return plan;
}

model::Plan plan_root_note(State const& state, model::Request const& request) {
    auto plan = empty_plan(state, request);
    auto const found = rotation(state);
    auto const words = request.arguments->at("operand").get<std::string>();
    plan.verdict.require("words", !words.empty() && words.size() <= max_words,
                         fmt::format("a note has up to {} bytes", max_words));
    plan.steps.push_back(notice_step(state, found,
                                     notice_of(found, "noted", {{"stage", found.stage}, {"words", words}}),
                                     fmt::format("note for the transcript: {}", base::printable(words))));
    plan.verdict.next = "consortium root show";
    return plan;
}

}  // namespace consortium::flow
