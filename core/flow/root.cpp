#include "core/flow/root.h"

#include "core/base/error.h"
#include "core/flow/approval.h"
#include "core/flow/proposal.h"
#include "core/flow/steps.h"
#include "core/flow/trust.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace consortium::flow {

using base::Digest;
using base::Error;
using base::Json;
using base::JsonValue;
using model::Verdict;

namespace {

std::string const kind = "root";
constexpr std::string_view approval_rule = "root";
constexpr base::Duration usual_life{3650 * 86'400};

std::string file_text(port::Store const& store, Digest const& digest, char const* what) {
    auto text = store.file(digest);
    if (!text) {
        throw Error(base::Code::storage, fmt::format("{} is missing from the store", what),
                    "run 'consortium exchange sync'", {{"file", digest.hex()}});
    }
    if (base::sha256(*text) != digest) {
        throw Error(base::Code::verification_failed, fmt::format("{} is not what its digest says", what),
                    "run 'consortium audit verify'", {{"file", digest.hex()}});
    }
    return *std::move(text);
}

Json optional_digest(std::optional<Digest> const& digest) {
    return digest ? Json(digest->hex()) : Json();
}

model::Plan empty_plan(State const& state, model::Request const& request) {
    model::Plan plan;
    plan.request = request;
    plan.epoch = model::reference(state.joined());
    return plan;
}

void require_state(model::Plan& plan, Rotation const& rotation, std::string_view wanted,
                   std::string_view before) {
    plan.pins["root/" + rotation.name] = rotation.version;
    bool const early = rotation.state == before;
    plan.verdict.require("phase", rotation.state == wanted,
                         fmt::format("the rotation to {} is {}", rotation.name, rotation.state));
    if (rotation.state != wanted)
        plan.verdict.next = early ? "consortium root show" : "consortium root rotate";
}

/// The proposals of exactly this action, newest last.
std::vector<agreement::OpenProposal> proposals_of(State const& state, model::Action const& action) {
    auto const wanted = model::digest(action);
    std::vector<agreement::OpenProposal> out;
    for (auto const& act : state.store.acts({.kind = "proposal"})) {
        auto proposal = agreement::load_proposal(state.store, act.id);
        if (model::digest(proposal.body.action) == wanted) out.push_back(std::move(proposal));
    }
    return out;
}

Verdict consent_to(State const& state, agreement::OpenProposal const& proposal) {
    Verdict verdict;
    auto const name = model::short_name(proposal.id);
    auto const found = decided(state, proposal);
    verdict.require("decision", found.has_value(), fmt::format("{} is not decided yet", name),
                    Verdict::Ruling::pending);
    if (!found) {
        verdict.state = "voting on " + name;
        verdict.deadline = proposal.body.closes;
        verdict.next = "consortium proposal show " + name;
        return verdict;
    }
    verdict.require("outcome", found->result.outcome == "passed",
                    fmt::format("the members decided: {} {}", name, found->result.outcome));
    verdict.require("lapses", state.now < found->lapses,
                    fmt::format("the permission of {} lapsed on {}", name, found->lapses.text()));
    verdict.require("timelock", state.now >= found->earliest,
                    fmt::format("the timelock of {} ends on {}", name, found->earliest.text()),
                    Verdict::Ruling::pending);
    verdict.deadline = found->earliest;
    return verdict;
}

}  // namespace

model::Object to_object(Rotation const& rotation) {
    model::Object object;
    object.kind = kind;
    object.name = rotation.name;
    object.state = rotation.state;
    object.data = JsonValue(Json{{"plan", rotation.plan.hex()},
                                 {"proposer", rotation.proposer},
                                 {"approve", optional_digest(rotation.approve)},
                                 {"bundle", optional_digest(rotation.bundle)}});
    return object;
}

Rotation rotation_from_object(model::Object const& object) {
    base::JsonReader in(*object.data);
    Rotation out;
    out.name = object.name;
    out.state = object.state;
    out.version = object.version;
    out.plan = in.digest("plan");
    out.proposer = in.text("proposer");
    out.approve = in.optional_digest("approve");
    out.bundle = in.optional_digest("bundle");
    in.done();
    return out;
}

Rotation rotation(port::Store const& store) {
    std::optional<Rotation> newest;
    std::int64_t generation = 0;
    store.objects({.kind = kind}, [&](model::Object const& object) {
        auto each = rotation_from_object(object);
        auto const to = rotation_plan(store, each).to;
        if (to > generation) newest = std::move(each);
        generation = std::max(generation, to);
    });
    if (!newest) {
        throw Error(base::Code::not_found, "no root rotation was begun in this workspace",
                    "run 'consortium root rotate'");
    }
    return *std::move(newest);
}

model::RotationPlan rotation_plan(port::Store const& store, Rotation const& rotation) {
    return model::rotation_plan_from_text(file_text(store, rotation.plan, "the rotation's plan"));
}

model::CeremonyManifest manifest(port::Store const& store, Rotation const& rotation) {
    if (!rotation.approve) {
        throw Error(base::Code::refused, "nothing is prepared for signing yet",
                    "run 'consortium root prepare'");
    }
    return model::manifest_from_text(file_text(store, *rotation.approve, "the ceremony's manifest"));
}

Verdict consent(State const& state, std::string_view action, Json const& detail) {
    auto const proposals = proposals_of(state, {std::string(action), JsonValue(detail)});
    Verdict verdict;
    verdict.require("proposal", !proposals.empty(), fmt::format("nobody proposed this {}", action));
    // One that passed is enough, however many others were opened beside it.
    for (auto const& proposal : proposals) {
        verdict = consent_to(state, proposal);
        if (verdict.allowed()) break;
    }
    return verdict;
}

model::Plan plan_root_rotate(State const& state, model::Request const& request) {
    auto const& arguments = *request.arguments;
    auto plan = empty_plan(state, request);
    auto const old = newest(state.store, "root");
    model::RotationPlan wanted;
    wanted.name = old.stem;
    wanted.organization = state.joined().charter.name;
    wanted.from = old.generation;
    wanted.to = old.generation + 1;
    wanted.old_root = base::sha256(old.certificate());
    wanted.algorithm = arguments.value("type", old.algorithm);
    wanted.lifetime = base::Duration::from_text(arguments.value("lifetime", usual_life.text()));
    for (auto const& each : authorities(state.store)) {
        if (is_relied_on(each, state.now)) wanted.intermediates.push_back(each.name);
    }
    Rotation opened;
    opened.name = fmt::format("g{}", wanted.to);
    auto const text = model::document(wanted);
    opened.plan = base::sha256(text);
    opened.state = "proposed";
    opened.proposer = state.self.officer;

    auto const known = state.store.object(kind, opened.name);
    plan.pins = {{"root/" + opened.name, known ? known->version : 0}, {"authority/" + old.name, old.version}};
    plan.verdict.require("first", !known, fmt::format("a rotation to {} is under way", opened.name));
    plan.verdict.require("lifetime", wanted.lifetime >= base::Duration{365 * 86'400},
                         "a root lasts at least P365D");
    plan.verdict.require("old root", state.now < old.certificates.front().not_after,
                         "the old root is expired and can vouch for nothing (G15)");
    ProposalOptions options;
    options.title = fmt::format("rotate the root from generation {} to {}", wanted.from, wanted.to);
    options.files = {text};
    if (plan.verdict.allowed()) {
        plan.steps.push_back(
            propose(state, {"root.rotate", JsonValue(Json{{"plan", opened.plan.hex()}})}, options));
        plan.steps.push_back(event_step("root.proposed", {{"plan", opened.plan.hex()}}, {to_object(opened)},
                                        "root " + opened.name, "open the rotation to " + opened.name));
    }
    plan.verdict.next = "consortium root show";
    return plan;
}

model::Plan plan_root_prepare(State const& state, model::Request const& request) {
    auto plan = empty_plan(state, request);
    auto const found = rotation(state.store);
    plan.verdict = consent(state, "root.rotate", {{"plan", found.plan.hex()}});
    if (!plan.verdict.allowed()) return plan;
    require_state(plan, found, "proposed", "");
    auto const file = state.self.workspace / "out" / ("ceremony-" + found.name + ".json");
    auto const protection = request.arguments->value("no-passphrase", false) ? "none" : "passphrase";
    plan.steps.push_back(
        {"root.prepare", found.name,
         fmt::format("make the key of root {} and fix everything that will be signed", found.name),
         JsonValue(Json{{"rotation", found.name}, {"protection", protection}})});
    plan.steps.push_back({"root.manifest", file.string(), "write the manifest to " + file.string(),
                          JsonValue(Json{{"rotation", found.name}, {"path", file.string()}})});
    if (plan.verdict.next.empty()) plan.verdict.next = "consortium root show";
    return plan;
}

model::Plan plan_root_sign(State const& state, model::Request const& request) {
    auto plan = empty_plan(state, request);
    auto const found = rotation(state.store);
    auto const items = manifest(state.store, found).items;
    auto const digest = *found.approve;
    auto const given = request.arguments->value("operand", digest.hex());
    if (given != digest.hex()) {
        plan.verdict.require(
            "digest", false,
            fmt::format("what is prepared has the digest {}, not the one given (G26)", digest.hex()));
        return plan;
    }
    require_state(plan, found, "prepared", "proposed");
    if (!plan.verdict.allowed()) return plan;
    plan.verdict = approval_verdict(state, approval_rule, {{digest, found.proposer}, "root " + found.name});
    plan.steps.push_back({"root.sign", found.name,
                          fmt::format("sign the {} objects of the manifest {}", items.size(), digest.brief()),
                          JsonValue(Json{{"rotation", found.name}, {"digest", digest.hex()}})});
    if (plan.verdict.allowed()) plan.verdict.next = "consortium root distribute";
    return plan;
}

model::Plan plan_root_distribute(State const& state, model::Request const& request) {
    auto plan = empty_plan(state, request);
    auto const bundle = held_bundle(state.store);
    if (!bundle) {
        throw Error(base::Code::not_found, "there is no trust bundle in this workspace",
                    "run 'consortium ca init'");
    }
    auto const& agreed = *state.joined().trust_bundle;
    auto const in_force = agreed.is_null() ? 0 : model::trust_bundle_from_json(agreed).version;
    plan.verdict.require("version", bundle->version > in_force,
                         fmt::format("trust bundle {} is in force already", in_force));
    if (!plan.verdict.allowed()) return plan;
    auto const text = model::document(*bundle);
    auto const digest = base::sha256(text);
    ProposalOptions options;
    options.title = fmt::format("trust bundle {} with {} roots", bundle->version, bundle->roots.size());
    options.files = {text};
    plan.steps.push_back(propose(state, {"root.trust", JsonValue(Json{{"bundle", digest.hex()}})}, options));
    auto const begun = state.store.object(kind, fmt::format("g{}", newest(state.store, "root").generation));
    if (begun && begun->state == "signed") {
        auto found = rotation_from_object(*begun);
        plan.pins["root/" + found.name] = found.version;
        found.state = "distributed";
        plan.steps.push_back(event_step("root.distributed", {{"bundle", digest.hex()}}, {to_object(found)},
                                        "root " + found.name, "note that the bundle was proposed"));
    }
    plan.verdict.next = "consortium root show";
    return plan;
}

}  // namespace consortium::flow
