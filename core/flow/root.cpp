#include "core/flow/root.h"

#include "core/base/error.h"
#include "core/flow/authority.h"
#include "core/flow/proposal.h"
#include "core/flow/root_compose.h"
#include "core/flow/share_wanted.h"
#include "core/flow/steps.h"
#include "core/flow/trust.h"

#include <algorithm>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace consortium::flow {

using base::Error;
using base::Json;
using base::JsonValue;

namespace {

constexpr base::Duration usual_life{3650 * 86'400};

model::Plan empty_plan(State const& state, model::Request const& request) {
    model::Plan plan;
    plan.request = request;
    plan.epoch = model::reference(state.joined());
    return plan;
}

policy::Track track_of(model::RotationPlan const& wanted) {
    return wanted.emergency ? policy::Track::emergency : policy::Track::ordinary;
}

/// A generation is named once for ever (G21): what was given up has had a key of that name.
std::int64_t next_generation(State const& state, Authority const& old, model::Plan& plan) {
    auto const last = own_rotation(state.store);
    if (!last) return old.generation + 1;
    plan.pins["root/" + last->name] = last->version;
    auto const to = rotation_plan(state.store, *last).to;
    bool const refused =
        last->is_at("trust", "proposed") &&
        consent(state, "root.rotate", {{"plan", last->plan.hex()}}).ruling == model::Verdict::Ruling::refused;
    plan.verdict.require("first", last->is_over() || refused,
                         fmt::format("a rotation to {} is under way", last->name));
    if (!plan.verdict.allowed()) plan.verdict.next = "consortium root show";
    bool const keyless = refused || (last->state == "abandoned" && last->attempt == 0);
    return std::max(old.generation + 1, keyless ? to : to + 1);
}

/// "witness=globex-sec".
std::pair<std::string, std::string> halves(std::string const& text, char const* flag) {
    auto const at = text.find('=');
    if (at == std::string::npos || at == 0 || at + 1 == text.size())
        throw Error(base::Code::usage, fmt::format("{} '{}' is not WORD=VALUE", flag, text));
    return {text.substr(0, at), text.substr(at + 1)};
}

void read_roster(State const& state, Json const& arguments, model::RotationPlan& wanted, model::Plan& plan) {
    for (auto const& text : arguments.value("roster", std::vector<std::string>())) {
        auto const [role, officer] = halves(text, "--roster");
        auto const known = model::parts();
        if (std::ranges::find(known, role) == known.end())
            throw Error(base::Code::usage, fmt::format("--roster: '{}' is no part in a rotation", role),
                        fmt::format("the parts are: {}", fmt::join(known, ", ")));
        auto const* found = state.joined().officer(officer);
        plan.verdict.require("roster", found != nullptr && found->status == "active",
                             fmt::format("'{}' is no active officer", officer));
        wanted.roster.push_back({role, officer});
    }
    std::ranges::sort(wanted.roster);
    auto const twice = std::ranges::adjacent_find(wanted.roster) != wanted.roster.end();
    plan.verdict.require("roster", !twice, "somebody has the same part twice");
    auto const custodians = static_cast<std::int64_t>(wanted.officers("custodian").size());
    auto const* rule = state.joined().charter.approval(root_rule);
    for (auto const& officer : wanted.officers("custodian")) {
        auto const* found = state.joined().officer(officer);
        bool const fit = found != nullptr && rule != nullptr &&
                         std::ranges::any_of(found->roles_at(state.now), [&](std::string const& role) {
                             return std::ranges::find(rule->roles, role) != rule->roles.end();
                         });
        plan.verdict.require(
            "roster", fit,
            fmt::format("custodians approve by the rule 'root', and '{}' has none of its roles", officer));
    }
    wanted.threshold = arguments.value("threshold", std::int64_t{0});
    bool const fits =
        custodians == 0 ? wanted.threshold == 0 : wanted.threshold >= 2 && wanted.threshold <= custodians;
    plan.verdict.require("threshold", fits,
                         fmt::format("{} custodians: between 2 and all of them restore a key", custodians));
    if (custodians != 0) require_recovery_rule(state, new_custodians(wanted), plan.verdict);
}

void read_dates(State const& state, Json const& arguments, model::RotationPlan& wanted, model::Plan& plan) {
    auto const phases = model::dated_phases();
    for (auto const& text : arguments.value("date", std::vector<std::string>())) {
        auto const [phase, date] = halves(text, "--date");
        if (std::ranges::find(phases, phase) == phases.end())
            throw Error(base::Code::usage, fmt::format("--date: '{}' is no phase", phase),
                        fmt::format("the phases are: {}", fmt::join(phases, ", ")));
        if (!wanted.dates.emplace(phase, base::Instant::from_typed(date)).second)
            throw Error(base::Code::usage, fmt::format("--date: '{}' is dated twice", phase));
    }
    auto last = state.now;
    for (auto const phase : phases) {
        auto const found = wanted.dates.find(std::string(phase));
        if (found == wanted.dates.end()) continue;
        plan.verdict.require("dates", found->second > last,
                             fmt::format("'{}' comes after what is before it", phase));
        last = found->second;
    }
}

/// What the old key alone vouches for is not believed any more.
void read_emergency(State const& state, Json const& arguments, model::RotationPlan& wanted,
                    model::Plan& plan) {
    bool const emergency = arguments.value("emergency", false);
    for (char const* flag : {"since", "leave"}) {
        if (!emergency && arguments.contains(flag))
            throw Error(base::Code::usage, fmt::format("--{} belongs to --emergency", flag));
    }
    if (!emergency) return;
    auto const reason = arguments.value("reason", std::string());
    plan.verdict.require("reason", !reason.empty(), "an emergency says why: give --reason");
    auto const since = arguments.contains("since")
                           ? base::Instant::from_text(arguments.at("since").get<std::string>())
                           : state.now;
    plan.verdict.require("since", since <= state.now, "the old key cannot be compromised in the future");
    wanted.emergency = model::RotationPlan::Emergency{reason, since};
    for (auto const& name : arguments.value("leave", std::vector<std::string>())) {
        auto const found = std::ranges::find(wanted.intermediates, name);
        if (found == wanted.intermediates.end())
            throw Error(base::Code::not_found, fmt::format("no intermediate '{}' is relied on", name),
                        "run 'consortium ca list'");
        wanted.intermediates.erase(found);
    }
}

model::RotationPlan wanted_plan(State const& state, Authority const& old, Json const& arguments,
                                model::Plan& plan) {
    model::RotationPlan wanted;
    wanted.name = old.stem;
    wanted.organization = state.joined().charter.name;
    wanted.from = old.generation;
    wanted.to = next_generation(state, old, plan);
    wanted.old_root = base::sha256(old.certificate());
    wanted.algorithm = arguments.value("type", old.algorithm);
    wanted.lifetime = base::Duration::from_text(arguments.value("lifetime", usual_life.text()));
    for (auto const& each : authorities(state.store)) {
        if (is_relied_on(each, state.now)) wanted.intermediates.push_back(each.name);
    }
    read_roster(state, arguments, wanted, plan);
    read_dates(state, arguments, wanted, plan);
    read_emergency(state, arguments, wanted, plan);
    return wanted;
}

/// An emergency does not wait for the vote on its plan: a key that nobody trusts harms nobody.
model::Verdict may_prepare(State const& state, Rotation const& rotation) {
    if (rotation_plan(state.store, rotation).emergency) return {};
    return consent(state, "root.rotate", {{"plan", rotation.plan.hex()}});
}

void refuse_other_digest(std::string const& given, base::Digest const& digest, model::Verdict& verdict) {
    verdict.require("digest", given == digest.hex(),
                    fmt::format("what is prepared has the digest {}, not the one given (G26)", digest.hex()));
}

/// The stage that is proposed with this bundle; none: it has nothing to do with a rotation.
std::optional<Rotation> stage_to_propose(State const& state, model::Plan& plan) {
    auto found = own_rotation(state.store);
    if (!found || found->is_over()) return std::nullopt;
    plan.pins["root/" + found->name] = found->version;
    if (found->state == "signed") return found;
    if (found->state != "distributed") return std::nullopt;
    auto const verdict = consent(state, "root.trust", {{"bundle", found->bundle->hex()}});
    plan.verdict.require("vote", verdict.ruling == model::Verdict::Ruling::refused,
                         "the members decide on the trust bundle already");
    if (!plan.verdict.allowed()) plan.verdict.next = "consortium root show";
    return found;
}

std::vector<std::string> waived_before(State const& state, Rotation const& found) {
    return found.state == "prepared" ? manifest(state.store, found).waived : std::vector<std::string>();
}

}  // namespace

void add_preparation(State const& state, Rotation const& rotation, Preparation const& wanted,
                     model::Plan& plan) {
    auto const file = state.self.workspace / "out" / ("ceremony-" + rotation.name + ".json");
    plan.pins["root/" + rotation.name] = rotation.version;
    auto const summary =
        wanted.stage == "trust" && rotation.attempt == 0
            ? fmt::format("make the key of root {} and fix everything that will be signed", rotation.name)
            : fmt::format("fix everything that the stage '{}' will do", wanted.stage);
    plan.steps.push_back({"root.prepare", rotation.name, summary,
                          JsonValue(Json{{"rotation", rotation.name},
                                         {"stage", wanted.stage},
                                         {"protection", wanted.protection},
                                         {"waived", wanted.waived}})});
    plan.steps.push_back({"root.manifest", file.string(), "write the manifest to " + file.string(),
                          JsonValue(Json{{"path", file.string()}})});
    plan.steps.push_back(
        statement_step("prepared", Json::object(), "tell the members, so that officers can approve it"));
    if (plan.verdict.next.empty()) plan.verdict.next = "consortium root show";
}

model::Plan plan_root_rotate(State const& state, model::Request const& request) {
    auto plan = empty_plan(state, request);
    auto const old = newest(state.store, "root");
    auto const wanted = wanted_plan(state, old, *request.arguments, plan);
    Rotation opened;
    opened.name = fmt::format("g{}", wanted.to);
    auto const text = model::document(wanted);
    opened.plan = base::sha256(text);
    opened.stage = "trust";
    opened.state = "proposed";
    opened.proposer = state.self.officer;
    opened.keeper = state.self.member;
    auto const known = state.store.object("root", opened.name);
    plan.pins["root/" + opened.name] = known ? known->version : 0;
    plan.pins["authority/" + old.name] = old.version;
    plan.verdict.require("lifetime", wanted.lifetime >= base::Duration{365 * 86'400},
                         "a root lasts at least P365D");
    plan.verdict.require("old root", state.now < old.certificates.front().not_after || wanted.emergency,
                         "the old root is expired and can vouch for nothing (G15): only --emergency goes on "
                         "without it");
    if (!plan.verdict.allowed()) return plan;
    ProposalOptions options;
    options.title = fmt::format("{}rotate the root from generation {} to {}",
                                wanted.emergency ? "emergency: " : "", wanted.from, wanted.to);
    options.files = {text};
    options.track = track_of(wanted);
    plan.steps.push_back(
        propose(state, {"root.rotate", JsonValue(Json{{"plan", opened.plan.hex()}})}, options));
    plan.steps.push_back(event_step("root.proposed", {{"plan", opened.plan.hex()}}, {to_object(opened)},
                                    "root " + opened.name, "open the rotation to " + opened.name));
    plan.verdict.next = "consortium root show";
    return plan;
}

model::Plan plan_root_prepare(State const& state, model::Request const& request) {
    auto plan = empty_plan(state, request);
    auto const found = require_own_rotation(state);
    plan.pins["root/" + found.name] = found.version;
    bool const again = found.state == "prepared";
    bool const first = found.is_at("trust", "proposed");
    bool const last = found.is_at("distrust", "agreed");
    plan.verdict.require(
        "phase", again || first || last,
        fmt::format("nothing of {} waits to be prepared: {}", found.name, phase_words(found)));
    if (!plan.verdict.allowed()) {
        plan.verdict.next = "consortium root show";
        return plan;
    }
    if (first) plan.verdict = may_prepare(state, found);
    if (!plan.verdict.allowed()) return plan;
    auto const protection = request.arguments->value("no-passphrase", false) ? "none" : "passphrase";
    auto const stage = last ? "destroy" : found.stage;
    add_preparation(state, found, {stage, protection, waived_before(state, found)}, plan);
    if (stage == "destroy")
        plan.warnings.emplace_back(
            "once the key is destroyed nothing leads back: until then 'consortium root rollback' does");
    if (again)
        plan.warnings.emplace_back(
            "approvals of what was prepared before do not count for what is prepared now");
    return plan;
}

model::Plan plan_root_sign(State const& state, model::Request const& request) {
    auto plan = empty_plan(state, request);
    auto const found = require_own_rotation(state);
    auto const prepared = manifest(state.store, found);
    refuse_other_digest(request.arguments->value("operand", found.approve->hex()), *found.approve,
                        plan.verdict);
    if (!plan.verdict.allowed()) return plan;
    plan.pins["root/" + found.name] = found.version;
    plan.verdict.require("phase", found.state == "prepared" && prepared.bundle,
                         fmt::format("nothing of {} waits to be signed: {}", found.name, phase_words(found)));
    if (!plan.verdict.allowed()) {
        plan.verdict.next = "consortium root show";
        return plan;
    }
    plan.verdict = root_verdict(state, found);
    plan.steps.push_back(
        {"root.sign", found.name,
         fmt::format("sign the {} objects of the manifest {}, and make trust bundle {}",
                     prepared.items.size(), found.approve->brief(), prepared.bundle->version),
         JsonValue(Json{{"rotation", found.name}, {"digest", found.approve->hex()}})});
    plan.steps.push_back(statement_step("signed", Json::object(), "tell the members what was signed"));
    if (plan.verdict.allowed()) plan.verdict.next = "consortium root distribute";
    return plan;
}

model::Plan plan_root_distribute(State const& state, Services const& services,
                                 model::Request const& request) {
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
    auto found = stage_to_propose(state, plan);
    if (!plan.verdict.allowed()) return plan;
    if (found && found->stage == "trust") plan.verdict = shares_verdict(state, services.verifier, *found);
    if (!plan.verdict.allowed()) return plan;
    auto const text = model::document(*bundle);
    auto const digest = base::sha256(text);
    ProposalOptions options;
    options.title = fmt::format("trust bundle {} with {} root{}, presented under {}", bundle->version,
                                bundle->roots.size(), bundle->roots.size() == 1 ? "" : "s", bundle->present);
    options.files = {text};
    if (found) options.track = track_of(rotation_plan(state.store, *found));
    plan.steps.push_back(propose(state, {"root.trust", JsonValue(Json{{"bundle", digest.hex()}})}, options));
    if (found) {
        found->state = "distributed";
        found->bundle = digest;
        plan.steps.push_back(event_step("root.distributed", {{"bundle", digest.hex()}}, {to_object(*found)},
                                        "root " + found->name, "note that the bundle was proposed"));
    }
    plan.verdict.next = "consortium root show";
    return plan;
}

}  // namespace consortium::flow
