#include "core/flow/rotation.h"

#include "core/base/error.h"
#include "core/flow/proposal.h"

#include <algorithm>
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

/// What the keeper has stated, as if it were the keeper's own record.
void apply_notice(model::CeremonyNotice const& notice, Rotation& out) {
    base::JsonReader in(*notice.facts, "/body/facts");
    out.attempt = notice.attempt;
    if (notice.about == "prepared") {
        out.stage = in.text("stage", 32);
        out.before = in.text("before", 32);
        out.state = "prepared";
        out.approve = in.digest("manifest");
    } else if (notice.about == "signed") {
        out.stage = in.text("stage", 32);
        out.state = "signed";
        out.bundle = in.digest("bundle");
    } else if (notice.about == "cancelled") {
        out.stage = in.text("stage", 32);
        out.state = in.text("state", 32);
        out.approve.reset();
    } else if (notice.about == "destroyed") {
        out.stage = "destroy";
        out.state = "destroyed";
    }
}

bool is_like(model::TrustBundle const& signed_here, model::TrustBundle const& proposed) {
    auto const names = [](model::TrustBundle const& bundle) {
        std::vector<std::string> out;
        out.reserve(bundle.roots.size());
        for (auto const& each : bundle.roots) out.push_back(each.name);
        return out;
    };
    return proposed.version >= signed_here.version && proposed.present == signed_here.present &&
           names(proposed) == names(signed_here);
}

/// The keeper's proposals of this bundle, or of one above it with an intermediate that was made since.
std::vector<agreement::OpenProposal> proposals_like(State const& state, Rotation const& rotation) {
    auto const bundle =
        model::trust_bundle_from_text(file_text(state.store, *rotation.bundle, "the signed trust bundle"));
    std::vector<agreement::OpenProposal> out;
    for (auto const& act : state.store.acts({.kind = "proposal"})) {
        auto const& action = act.act.body->at("action");
        if (action.at("kind") != "root.trust" || act.act.member != rotation.keeper) continue;
        auto const text =
            state.store.file(Digest::from_hex(action.at("detail").at("bundle").get<std::string>()));
        if (text && is_like(bundle, model::trust_bundle_from_text(*text)))
            out.push_back(agreement::load_proposal(state.store, act.id));
    }
    return out;
}

/// How far members have come with the bundle that the keeper has signed.
void follow_decision(State const& state, Rotation& out) {
    if (out.state != "signed" || !out.bundle) return;
    auto const proposals = proposals_like(state, out);
    if (proposals.empty()) return;
    out.state = "distributed";
    bool const passed = std::ranges::any_of(proposals, [&](agreement::OpenProposal const& each) {
        auto const found = decided(state, each);
        return found && found->result.outcome == "passed";
    });
    if (passed) settle(state.store, out);
}

/// One that members have turned down counts where there is no other.
std::optional<Rotation> newest_stated(State const& state) {
    std::optional<Rotation> newest;
    std::pair<bool, std::int64_t> rank;
    for (auto const& act : state.store.acts({.kind = "proposal"})) {
        auto const& action = act.act.body->at("action");
        if (action.at("kind") != "root.rotate") continue;
        Rotation each;
        each.stage = "trust";
        each.state = "proposed";
        each.plan = Digest::from_hex(action.at("detail").at("plan").get<std::string>());
        each.proposer = act.act.officer;
        each.keeper = act.act.member;
        auto const to = rotation_plan(state.store, each).to;
        each.name = fmt::format("g{}", to);
        auto const object = state.store.object("proposal", act.id.hex());
        bool const stands = !object || object->state == "open" || object->state == "passed";
        if (newest && std::pair(stands, to) < rank) continue;
        rank = {stands, to};
        newest = std::move(each);
    }
    return newest;
}

/// Acts come in any order; the keeper counts what it prepares.
int rank_of(std::string_view about) {
    constexpr std::string_view order[]{"prepared", "signed", "cancelled", "destroyed"};
    return static_cast<int>(std::ranges::find(order, about) - std::begin(order));
}

struct StageWords {
    std::string_view stage, after, words;
};
constexpr StageWords stage_table[]{
    {"trust", "trust", "2 trust: the new root beside the old"},
    {"switch", "switch", "3 switch: chains under the new root"},
    {"distrust", "distrust", "5 distrust: the new root alone"},
    {"destroy", "", "6 destroy: the old root's key and its shares"},
    {"withdraw", "", "back to before the rotation: the old root alone"},
    {"return", "trust", "back to phase 2: chains under the old root again"},
    {"restore", "switch", "back to phase 3: the old root beside the new again"},
};

StageWords const& row_of(std::string_view stage) {
    return *std::ranges::find(stage_table, stage, &StageWords::stage);
}

}  // namespace

model::Object to_object(Rotation const& rotation) {
    model::Object object;
    object.kind = kind;
    object.name = rotation.name;
    object.state = rotation.state;
    object.data = JsonValue(Json{{"stage", rotation.stage},
                                 {"before", rotation.before},
                                 {"attempt", rotation.attempt},
                                 {"plan", rotation.plan.hex()},
                                 {"proposer", rotation.proposer},
                                 {"keeper", rotation.keeper},
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
    out.stage = in.text("stage");
    out.before = in.text("before");
    out.attempt = in.integer("attempt");
    out.plan = in.digest("plan");
    out.proposer = in.text("proposer");
    out.keeper = in.text("keeper");
    out.approve = in.optional_digest("approve");
    out.bundle = in.optional_digest("bundle");
    in.done();
    return out;
}

std::optional<Rotation> own_rotation(port::Store const& store) {
    std::optional<Rotation> newest;
    std::int64_t generation = 0;
    store.objects({.kind = kind}, [&](model::Object const& object) {
        auto each = rotation_from_object(object);
        auto const to = rotation_plan(store, each).to;
        if (to > generation) newest = std::move(each);
        generation = std::max(generation, to);
    });
    return newest;
}

std::optional<Rotation> stated_rotation(State const& state) {
    auto out = newest_stated(state);
    if (!out) return out;
    auto held = notices_of(state, out->plan);
    std::erase_if(held, [&](HeldNotice const& each) { return each.act.act.member != out->keeper; });
    std::ranges::stable_sort(held, {}, [](HeldNotice const& each) {
        return std::pair(each.notice.attempt, rank_of(each.notice.about));
    });
    for (auto const& each : held) apply_notice(each.notice, *out);
    follow_decision(state, *out);
    return out;
}

Rotation require_own_rotation(State const& state) {
    if (auto own = own_rotation(state.store)) return *std::move(own);
    auto const other = stated_rotation(state);
    if (other) {
        throw Error(
            base::Code::refused,
            fmt::format("the keys of this rotation are kept by '{}', in another workspace", other->keeper),
            "run it there; here 'consortium root show' says what you can do");
    }
    throw Error(base::Code::not_found, "no root rotation was begun in this workspace",
                "run 'consortium root rotate'");
}

bool has_rotation(State const& state) {
    return own_rotation(state.store) || stated_rotation(state);
}

Rotation rotation(State const& state) {
    if (auto own = own_rotation(state.store)) return *std::move(own);
    if (auto other = stated_rotation(state)) return *std::move(other);
    throw Error(base::Code::not_found, "no root rotation is known in this workspace",
                "run 'consortium root rotate' where the root's key is");
}

model::RotationPlan rotation_plan(port::Store const& store, Rotation const& rotation) {
    return model::rotation_plan_from_text(file_text(store, rotation.plan, "the rotation's plan"));
}

model::CeremonyManifest manifest(port::Store const& store, Rotation const& rotation) {
    if (!rotation.approve) {
        throw Error(base::Code::refused, "nothing is prepared for approval yet",
                    "run 'consortium root show'");
    }
    return model::manifest_from_text(file_text(store, *rotation.approve, "the ceremony's manifest"));
}

ApprovalSubject approval_subject(Rotation const& rotation) {
    if (!rotation.approve) {
        throw Error(base::Code::refused, "nothing is prepared for approval yet",
                    "run 'consortium root show'");
    }
    // Another stage is another thing, and so is what was prepared anew: what was said of the one before is
    // neither counted nor in the way.
    return {{*rotation.approve, rotation.proposer},
            fmt::format("root {} {} {}", rotation.name, rotation.stage, rotation.attempt)};
}

std::vector<agreement::OpenProposal> proposals_of(State const& state, model::Action const& action) {
    auto const wanted = model::digest(action);
    std::vector<agreement::OpenProposal> out;
    for (auto const& act : state.store.acts({.kind = "proposal"})) {
        auto proposal = agreement::load_proposal(state.store, act.id);
        if (model::digest(proposal.body.action) == wanted) out.push_back(std::move(proposal));
    }
    return out;
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

Digest opening_of(State const& state, Rotation const& rotation) {
    auto const found = proposals_of(state, {"root.rotate", JsonValue(Json{{"plan", rotation.plan.hex()}})});
    if (found.empty())
        throw Error(base::Code::not_found, "nobody proposed this rotation", "run 'consortium root rotate'");
    auto const passed = std::ranges::find_if(found, [&](auto const& each) {
        auto const result = decided(state, each);
        return result && result->result.outcome == "passed";
    });
    return passed == found.end() ? found.back().id : passed->id;
}

std::vector<HeldNotice> notices_of(State const& state, Digest const& plan) {
    std::vector<HeldNotice> out;
    for (auto& act : state.store.acts({.kind = "ceremony"})) {
        auto notice = model::ceremony_notice_from_json(*act.act.body);
        if (notice.plan == plan) out.push_back({std::move(act), std::move(notice)});
    }
    return out;
}

std::string_view stage_after(std::string_view stage) {
    return row_of(stage).after;
}

void settle(port::Store const& store, Rotation& rotation) {
    bool const emergency = rotation_plan(store, rotation).emergency.has_value();
    auto const after = emergency ? "distrust" : stage_after(rotation.stage);
    rotation.state = after.empty() ? "withdrawn" : "agreed";
    if (!after.empty()) rotation.stage = after;
}

std::string phase_words(Rotation const& rotation) {
    if (rotation.state == "abandoned") return "given up before anything was signed";
    if (rotation.state == "withdrawn") return "withdrawn: members trust the old root alone";
    if (rotation.state == "destroyed") return "done: the old root's key is destroyed";
    if (rotation.is_at("trust", "proposed")) return "0 propose: the members decide on the plan";
    std::string words(row_of(rotation.stage).words);
    if (rotation.is_at("trust", "prepared") || rotation.is_at("trust", "signed"))
        words = "1 prepare: the new root, certified by the old one and the other way round";
    if (rotation.state == "prepared") return words + "; officers approve what is prepared";
    if (rotation.state == "signed") return words + "; signed, not proposed yet";
    if (rotation.state == "distributed") return words + "; the members decide on the trust bundle";
    return words;
}

}  // namespace consortium::flow
