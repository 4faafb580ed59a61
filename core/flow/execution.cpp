#include "core/flow/execution.h"

#include "core/agreement/follow_up.h"
#include "core/base/error.h"
#include "core/base/text.h"
#include "core/flow/duty.h"
#include "core/flow/node.h"
#include "core/flow/release.h"

#include <algorithm>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace consortium::flow {

using base::Code;
using base::Error;
using base::Json;
using base::JsonValue;
using Ruling = model::Verdict::Ruling;

namespace {

bool is_vote(std::string_view kind) {
    return kind == "validator.add" || kind == "validator.remove";
}

std::string text_of(model::Action const& action, char const* key) {
    return action.detail->at(key).get<std::string>();
}

void require_time(model::Plan& plan, Enacted const& enacted, base::Instant now) {
    plan.verdict.require("timelock", now >= enacted.earliest,
                         "not to be executed before " + enacted.earliest.text(), Ruling::pending);
    plan.verdict.require("not lapsed", now <= enacted.lapses,
                         "the decision lapsed at " + enacted.lapses.text());
    if (now >= enacted.earliest) return;
    plan.verdict.deadline = enacted.earliest;
    plan.verdict.state = "decided, waiting for its timelock";
}

bool is_release_of(model::Epoch const& epoch, model::Action const& action) {
    auto const& releases = *epoch.releases;
    auto const network = text_of(action, "network");
    return action.kind == "release.upgrade" && releases.is_object() && releases.contains(network) &&
           releases.at(network).at("digest") == text_of(action, "digest");
}

void require_no_pause(model::Plan& plan, Enacted const& enacted, model::Epoch const& epoch) {
    auto const* pause = agreement::pause_of(epoch, text_of(enacted.action, "network"));
    bool const held_up = pause != nullptr && enacted.track != "emergency" && !enacted.back;
    plan.verdict.require(
        "not paused", !held_up,
        pause == nullptr ? std::string("changes to the network are not paused") : agreement::in_words(*pause),
        Ruling::pending);
}

// What an emergency did ends with its measure, unless the ordinary vote ratified it: then the epoch keeps it.
void require_in_force(model::Plan& plan, Enacted const& enacted, model::Epoch const& epoch,
                      base::Instant now) {
    if (enacted.track != "emergency" || enacted.back) return;
    auto const measure = std::find_if(epoch.measures.begin(), epoch.measures.end(),
                                      [&](auto const& one) { return one.proposal == enacted.proposal; });
    bool const stands = measure != epoch.measures.end() ? !measure->ends || now < *measure->ends
                                                        : is_release_of(epoch, enacted.action);
    plan.verdict.require("in force", stands,
                         "the emergency's measure " + model::short_name(enacted.proposal) +
                             (stands ? " stands" : " has ended"));
}

void require_standing(model::Plan& plan, Enacted const& enacted, model::Epoch const& epoch,
                      base::Instant now) {
    require_time(plan, enacted, now);
    require_no_pause(plan, enacted, epoch);
    require_in_force(plan, enacted, epoch, now);
}

// The digest that was decided is the digest that is executed (G26).
JsonValue upgrade_detail(State const& state, Enacted const& enacted, model::Plan& plan) {
    auto const& action = enacted.action;
    auto const name = text_of(action, "release");
    auto const decided = text_of(action, "digest");
    auto const object = state.store.object("release", name);
    plan.pins["release/" + name] = object ? object->version : 0;
    auto const release = find_release(state.store, name);
    plan.verdict.require("release", release.digest.hex() == decided,
                         fmt::format("release '{}' here has digest {}, decided was {}", name,
                                     release.digest.brief(), decided.substr(0, 12)));
    Json out{{"release", name}, {"version", release.version}, {"digest", decided}};
    if (enacted.back) out["rollback"] = true;  // an intent of its own, though it leads where one led before
    return JsonValue(std::move(out));
}

std::string summary(Enacted const& enacted, std::vector<std::string> const& targets) {
    auto const& action = enacted.action;
    auto const nodes = base::join(targets, ", ");
    if (enacted.back) return fmt::format("roll {} back to release {}", nodes, text_of(action, "release"));
    if (action.kind == "release.upgrade") {
        return fmt::format("upgrade {} to release {}", nodes, text_of(action, "release"));
    }
    return fmt::format("vote with {} to {} validator {} of {}", nodes,
                       action.kind == "validator.add" ? "add" : "remove", text_of(action, "address"),
                       text_of(action, "member"));
}

model::Step node_step(State const& state, Enacted const& enacted, model::Network const& network,
                      std::vector<std::string> const& targets, model::Plan& plan) {
    auto const& action = enacted.action;
    bool const vote = is_vote(action.kind);
    auto const detail = vote ? JsonValue() : upgrade_detail(state, enacted, plan);
    Json out{{"network", network.id},
             {"network_kind", network.kind},
             {"identity", network.identity},
             {"kind", action.kind},
             {"subject", vote ? Json(text_of(action, "address")) : Json()},
             {"detail", *detail},
             {"epoch", enacted.epoch.hash.hex()},
             {"proposal", enacted.proposal.hex()},
             {"earliest", enacted.earliest.text()},
             {"lapses", enacted.lapses.text()},
             {"track", enacted.track},
             {"targets", targets}};
    return {"node", "network/" + network.id, summary(enacted, targets), JsonValue(std::move(out))};
}

Json settled(Settlement const& one) {
    Json witnesses = Json::array();
    for (auto const& rule : one.witnesses) {
        witnesses.push_back({{"name", rule.name}, {"holds", rule.holds}, {"words", rule.words}});
    }
    return {{"node", one.node},
            {"intent", one.intent.hex()},
            {"state", progress_name(one.progress)},
            {"witnesses", std::move(witnesses)}};
}

Error::Details missing(std::vector<Settlement> const& all) {
    Error::Details out;
    for (auto const& one : all) {
        for (auto const& rule : one.witnesses) {
            if (!rule.holds) out.emplace_back(rule.name, rule.words);
        }
    }
    return out;
}

constexpr char const* resume_hint = "run 'consortium operation resume' later";

void report(std::vector<Settlement> const& all) {
    auto const any = [&](auto const& property) { return std::any_of(all.begin(), all.end(), property); };
    if (any([](auto const& one) { return one.contradicted; })) {
        throw Error(Code::verification_failed, "a node shows a chain that cannot be",
                    "compare the members' nodes: run 'consortium node finality'", missing(all));
    }
    if (any([](auto const& one) { return one.unconfirmed; })) {
        throw Error(Code::unconfirmed, "done, but not every member's node could be asked", resume_hint,
                    missing(all));
    }
    if (any([](auto const& one) { return one.progress == Progress::abandoned; })) return;
    if (any([](auto const& one) { return one.progress != Progress::confirmed; })) {
        throw Error(Code::pending, "done here; the effect waits for other members or for blocks", resume_hint,
                    missing(all));
    }
}

std::vector<std::string> own_targets(State const& state, std::string const& network, model::Plan& plan) {
    std::vector<std::string> out;
    for (auto const& node : own_nodes(state.store, network, state.self.member)) {
        out.push_back(node.id);
        plan.pins["node/" + node.id] = state.store.object("node", node.id)->version;
    }
    plan.verdict.require(
        "own nodes", !out.empty(),
        fmt::format("no node of '{}' on network '{}' is known here: run 'consortium node add'",
                    state.self.member, network));
    return out;
}

/// Only where the upgrade was begun, and nothing of it is still under way.
std::vector<std::string> targets_back(State const& state, Enacted const& enacted, std::string const& network,
                                      model::Plan& plan) {
    auto const begun = upgrades_begun(state.store, enacted.proposal);
    std::vector<std::string> out, under_way;
    for (auto const& node : own_targets(state, network, plan)) {
        auto const found = begun.find(node);
        if (found == begun.end()) continue;
        bool const settled = found->second == Progress::confirmed || found->second == Progress::abandoned;
        (settled ? out : under_way).push_back(node);
    }
    plan.verdict.require("begun", !out.empty() || !under_way.empty(),
                         "the upgrade was begun on no node of '" + state.self.member + "' here");
    plan.verdict.require("settled", under_way.empty(),
                         fmt::format("the upgrade of {} is still under way: run 'consortium operation "
                                     "resume' or 'consortium operation abandon'",
                                     base::join(under_way, ", ")));
    return out;
}

/// The decision as the operation keeps it, as far as its rules need it.
Enacted enacted_of(model::Step const& step) {
    base::JsonReader in(*step.detail, "/detail");
    auto const change = JsonValue(in.value("detail"));
    Enacted out;
    out.proposal = in.digest("proposal");
    Json action{{"network", in.name("network")}};
    if (change->contains("digest")) action["digest"] = change->at("digest");
    out.action.kind = in.text("kind");
    out.action.detail = JsonValue(std::move(action));
    out.earliest = in.instant("earliest");
    out.lapses = in.instant("lapses");
    out.back = change->contains("rollback");
    out.track = in.text("track");
    return out;
}

// An operation may be taken up again long after it was planned: what has been decided since counts.
void require_still_decided(model::Step const& step, Services& services) {
    auto const epoch = services.store.latest();
    model::Plan plan;
    require_standing(plan, enacted_of(step), epoch ? *epoch : model::Epoch(), services.clock.now());
    if (plan.verdict.allowed()) return;
    std::vector<std::string> words;
    Error::Details details;
    for (auto const& rule : plan.verdict.rules) {
        if (rule.holds) continue;
        words.push_back(rule.words);
        details.emplace_back(rule.name, rule.words);
    }
    bool const waits = plan.verdict.ruling == Ruling::pending;
    throw Error(Code::refused, "the change is not begun: " + base::join(words, "; "),
                waits ? resume_hint : "run 'consortium operation abandon'", std::move(details));
}

JsonValue execute(model::Step const& step, Services& services, Identity const& self) {
    std::vector<Settlement> all;
    std::optional<Error> failure;
    for (auto const& task : tasks_of(step)) {
        try {
            all.push_back(settle(task, services, self, [&] { require_still_decided(step, services); }));
        } catch (Error const& error) {  // one node that is down does not keep the others waiting
            if (!failure) failure = error.with("node", task.node);
        }
    }
    if (failure) throw failure->hinting(resume_hint);
    report(all);
    for (auto const& task : tasks_of(step)) fulfil_duty(services, task.proposal);
    Json targets = Json::array();
    for (auto const& one : all) targets.push_back(settled(one));
    return JsonValue(Json{{"targets", std::move(targets)}});
}

}  // namespace

Applier const node_applier{.remote = execute};

std::vector<Task> tasks_of(model::Step const& step) {
    base::JsonReader in(*step.detail, "/detail");
    Task task;
    task.network = {in.name("network"), in.text("network_kind"), in.text("identity")};
    task.change.kind = in.text("kind");
    task.change.detail = JsonValue(in.value("detail"));
    task.epoch = in.digest("epoch");
    task.proposal = in.digest("proposal");
    auto const subject = in.optional_text("subject");
    std::vector<Task> out;
    for (auto const& target : in.texts("targets")) {
        task.node = target;
        task.change.subject = subject.value_or(target);  // an upgrade is about the node itself
        out.push_back(task);
    }
    return out;
}

model::Plan plan_enacted(State const& state, model::Request const& request, Enacted const& enacted) {
    auto const& action = enacted.action;
    if (!is_vote(action.kind) && action.kind != "release.upgrade") {
        throw Error(Code::unsupported, "'" + action.kind + "' is not executed on nodes");
    }
    auto const& epoch = state.joined();
    model::Plan plan;
    plan.request = request;
    plan.epoch = model::reference(epoch);
    require_standing(plan, enacted, epoch, state.now);
    auto const id = text_of(action, "network");
    auto const network = std::find_if(epoch.networks.begin(), epoch.networks.end(),
                                      [&](auto const& one) { return one.id == id; });
    plan.verdict.require("network", network != epoch.networks.end(),
                         "the consortium has no network '" + id + "'");
    auto const targets = enacted.back ? targets_back(state, enacted, id, plan) : own_targets(state, id, plan);
    if (network != epoch.networks.end() && !targets.empty()) {
        plan.steps.push_back(node_step(state, enacted, *network, targets, plan));
    }
    plan.verdict.next = plan.verdict.allowed() ? "consortium operation list" : "";
    return plan;
}

void preflight(model::Plan const& plan, Services& services, Identity const& self) {
    if (!plan.verdict.allowed()) return;
    for (auto const& step : plan.steps) {
        if (step.action != "node") continue;
        for (auto const& task : tasks_of(step)) {
            if (read_intent(services.store, intent_id(task)).progress != Progress::none) continue;
            check(task, services, self);
        }
    }
}

}  // namespace consortium::flow
