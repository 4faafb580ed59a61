#include "core/base/error.h"
#include "core/flow/authority.h"
#include "core/flow/root.h"
#include "core/flow/root_acknowledge.h"
#include "core/flow/root_compose.h"
#include "core/flow/root_shares.h"
#include "core/flow/steps.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace consortium::flow {

using base::Json;
using base::JsonValue;

namespace {

model::Plan empty_plan(State const& state, model::Request const& request) {
    model::Plan plan;
    plan.request = request;
    plan.epoch = model::reference(state.joined());
    return plan;
}

void require_phase(Rotation const& found, std::string_view stage, std::string_view what, model::Plan& plan) {
    plan.verdict.require("phase", found.is_at(stage, "agreed"),
                         fmt::format("{}: {}", what, phase_words(found)));
    if (!plan.verdict.allowed()) plan.verdict.next = "consortium root show";
}

/// What is prepared once every node has followed.
model::Plan plan_gated(State const& state, model::Request const& request, std::string_view from,
                       std::string const& stage, std::string_view what) {
    auto plan = empty_plan(state, request);
    auto const found = require_own_rotation(state);
    require_phase(found, from, what, plan);
    if (!plan.verdict.allowed()) return plan;
    auto const waived = request.arguments->value("waive", std::vector<std::string>());
    plan.verdict = trust_gate(state, found, waived);
    if (!plan.verdict.allowed()) return plan;
    plan.verdict.next.clear();
    add_preparation(state, found, {stage, "none", waived}, plan);
    return plan;
}

/// Nothing of the stage was signed: it is as if it had not been begun.
void add_cancellation(Rotation found, std::string const& reason, model::Plan& plan) {
    plan.pins["root/" + found.name] = found.version;
    found.state = found.before.empty() ? "abandoned" : "agreed";
    if (!found.before.empty()) found.stage = found.before;
    found.before.clear();
    found.approve.reset();
    auto const words = found.is_over() ? fmt::format("give the rotation to {} up", found.name)
                                       : fmt::format("go back to: {}", phase_words(found));
    plan.steps.push_back(
        event_step("root.cancelled", {{"reason", reason}}, {to_object(found)}, "root " + found.name, words));
    plan.steps.push_back(statement_step("cancelled", {{"reason", reason}}, "tell the members"));
}

/// The stage that leads back from one that is signed; empty: nothing does.
std::string way_back(Rotation const& found) {
    if (found.stage == "trust") return "withdraw";
    if (found.stage == "switch") return "return";
    if (found.stage == "distrust") return "restore";
    return {};
}

std::string why_not_back(Rotation const& found) {
    if (found.state == "destroyed")
        return "the old root's key is destroyed: nothing leads back; rotate to a new generation instead";
    if (found.is_over()) return "the rotation is over: " + phase_words(found);
    return "this is a way back already: finish it first: " + phase_words(found);
}

void carry_destruction_out(State const& state, Services const& services, Rotation const& found,
                           model::Plan& plan) {
    auto const prepared = manifest(state.store, found);
    auto const name = prepared.destroys.front();
    plan.verdict = root_verdict(state, found);
    auto const seen = witnesses_of(state, found);
    plan.verdict.require("witnesses", seen.missing.empty(),
                         fmt::format("witnessed by {}; missing: {}", fmt::join(seen.officers, ", "),
                                     fmt::join(seen.missing, ", ")),
                         model::Verdict::Ruling::pending);
    if (!seen.missing.empty()) {
        plan.verdict.missing.insert(plan.verdict.missing.end(), seen.missing.begin(), seen.missing.end());
        if (plan.verdict.next.empty()) plan.verdict.next = "consortium root witness";
    }
    if (!plan.verdict.allowed()) return;
    plan.danger = name;
    plan.pins["root/" + found.name] = found.version;
    plan.steps.push_back({"root.destroy", name,
                          fmt::format("destroy the private key of '{}' for ever: nothing leads back", name),
                          JsonValue(Json{{"digest", found.approve->hex()}, {"authority", name}})});
    add_end_of_shares(state, services.verifier, found, plan);
    plan.steps.push_back(statement_step("destroyed", {{"witnesses", seen.officers}}, "tell the members"));
    plan.verdict.next = "consortium root show";
}

JsonValue destroy_key(model::Step const& step, Services& services, Identity const&) {
    auto const name = step.detail->at("authority").get<std::string>();
    auto old_root = authority(services.store, name);
    auto found = own_rotation(services.store);
    if (!found || !found->approve || found->approve->hex() != step.detail->at("digest").get<std::string>())
        throw base::Error(base::Code::conflict, "something else was prepared since",
                          "run 'consortium root show'");
    auto const key = base::sha256(services.certifier.describe(old_root.certificate()).content.public_key);
    if (!old_root.key.empty()) services.keys.destroy(old_root.key);
    old_root.state = "destroyed";
    old_root.key.clear();
    found->state = "destroyed";
    services.store.write([&](port::Transaction& transaction) {
        journal(transaction, services, "root.destroyed",
                {{"authority", name}, {"key", key.hex()}, {"manifest", found->approve->hex()}},
                {to_object(old_root), to_object(*found)});
    });
    return JsonValue(Json{{"authority", name}, {"key", key.hex()}, {"destroyed", true}});
}

}  // namespace

model::Plan plan_root_switch(State const& state, model::Request const& request) {
    return plan_gated(state, request, "trust", "switch", "the new root is not agreed on yet");
}

model::Plan plan_root_distrust(State const& state, model::Request const& request) {
    return plan_gated(state, request, "switch", "distrust",
                      "chains are not presented under the new root yet");
}

model::Plan plan_root_rollback(State const& state, model::Request const& request) {
    auto plan = empty_plan(state, request);
    auto const found = require_own_rotation(state);
    auto const reason = request.arguments->at("reason").get<std::string>();
    bool const unsigned_yet = found.state == "prepared" || found.is_at("trust", "proposed");
    if (unsigned_yet) {
        add_cancellation(found, reason, plan);
        plan.verdict.next = "consortium root show";
        return plan;
    }
    auto const stage = found.is_over() ? "" : way_back(found);
    plan.verdict.require("way back", !stage.empty(), why_not_back(found));
    bool const emergency = rotation_plan(state.store, found).emergency.has_value();
    plan.verdict.require("emergency", !emergency,
                         "the old root's key is in others' hands: nothing leads back to it");
    if (!plan.verdict.allowed()) return plan;
    add_preparation(state, found, {stage, "none", {}}, plan);
    return plan;
}

model::Plan plan_root_destroy(State const& state, Services const& services, model::Request const& request) {
    auto plan = empty_plan(state, request);
    auto const found = require_own_rotation(state);
    plan.verdict.require("phase", found.is_at("destroy", "prepared"),
                         found.is_at("distrust", "agreed")
                             ? "its destruction is not prepared yet"
                             : "the old root may not go yet: " + phase_words(found));
    if (plan.verdict.allowed())
        carry_destruction_out(state, services, found, plan);
    else
        plan.verdict.next =
            found.is_at("distrust", "agreed") ? "consortium root prepare" : "consortium root show";
    return plan;
}

Applier const root_destroy_applier{.remote = destroy_key};

}  // namespace consortium::flow
