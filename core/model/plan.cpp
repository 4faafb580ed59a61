#include "core/model/plan.h"

#include "core/model/private_part.h"

#include <nlohmann/json.hpp>

namespace consortium::model {

namespace {

using base::Json;

Json request_json(Request const& request) {
    return {{"command", request.command}, {"arguments", *request.arguments}};
}

/// What may be hashed into the journal of it: of what is said in private, that it is said.
Json public_json(Request const& request) {
    Json out{{"command", request.command},
             {"arguments", without_private_arguments(request.command, *request.arguments)}};
    auto const given = private_arguments(request.command, *request.arguments);
    if (!given.empty()) out["private"] = given;
    return out;
}

/// What two runs of a planner must agree on.
Json pinned_json(Plan const& plan) {
    Json steps = Json::array();
    for (Step const& step : plan.steps) {
        steps.push_back({{"action", step.action},
                         {"target", step.target},
                         {"summary", step.summary},
                         {"detail", *step.detail}});
    }
    return {{"request", request_json(plan.request)},
            {"epoch", {{"number", plan.epoch.number}, {"hash", plan.epoch.hash.hex()}}},
            {"pins", plan.pins},
            {"steps", std::move(steps)},
            {"verdict", to_json(plan.verdict)},
            {"danger", plan.danger}};
}

std::uint64_t natural(base::JsonReader& in, std::string_view key) {
    return static_cast<std::uint64_t>(in.integer(key, 0, (std::int64_t{1} << 53) - 1));
}

Request read_request(base::JsonReader in) {
    Request request;
    request.command = in.text("command");
    request.arguments = in.value("arguments");
    in.done();
    return request;
}

EpochReference read_epoch(base::JsonReader in) {
    EpochReference const epoch{natural(in, "number"), in.digest("hash")};
    in.done();
    return epoch;
}

Step read_step(base::JsonReader& in) {
    Step step;
    step.action = in.text("action");
    step.target = in.text("target");
    step.summary = in.text("summary");
    step.detail = in.value("detail");
    in.done();
    return step;
}

ManualStep read_manual(base::JsonReader& in) {
    ManualStep step{in.text("node"), in.text("summary"), in.optional_text("check").value_or("")};
    in.done();
    return step;
}

}  // namespace

Json to_json(std::vector<ManualStep> const& steps) {
    Json out = Json::array();
    for (auto const& step : steps) {
        out.push_back({{"node", step.node},
                       {"summary", step.summary},
                       {"check", step.check.empty() ? Json() : Json(step.check)}});
    }
    return out;
}

Json to_json(Plan const& plan) {
    Json out = pinned_json(plan);
    if (!plan.by_hand.empty()) out["by_hand"] = to_json(plan.by_hand);
    out["operation"] = plan.operation;
    out["warnings"] = plan.warnings;
    return out;
}

Plan plan_from_json(Json const& value) {
    base::JsonReader in(value);
    Plan plan;
    plan.request = read_request(in.object("request"));
    plan.epoch = read_epoch(in.object("epoch"));
    base::JsonReader pins = in.object("pins");
    for (auto const& pin : pins.whole().items()) plan.pins[pin.key()] = natural(pins, pin.key());
    in.objects("steps", [&](base::JsonReader& step) { plan.steps.push_back(read_step(step)); });
    plan.verdict = verdict_from_json(in.value("verdict"), "/verdict");
    plan.danger = in.text("danger");
    plan.operation = in.text("operation");
    plan.warnings = in.texts("warnings");
    if (in.has("by_hand")) {
        in.objects("by_hand", [&](base::JsonReader& step) { plan.by_hand.push_back(read_manual(step)); });
    }
    in.done();
    return plan;
}

base::Digest digest(Plan const& plan) {
    auto pinned = pinned_json(plan);
    pinned["request"] = public_json(plan.request);
    for (auto& step : pinned["steps"])
        if (step["detail"].is_object()) step["detail"].erase("private");
    return base::digest_of(pinned);
}

base::Digest digest(Request const& request) {
    return base::digest_of(public_json(request));
}

}  // namespace consortium::model
