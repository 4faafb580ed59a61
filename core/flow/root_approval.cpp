#include "core/flow/root_approval.h"

#include <algorithm>
#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <set>

namespace consortium::flow {

using model::Verdict;

namespace {

/// Officers in force whose approval of the digest is held.
std::set<std::string> approvers(State const& state, base::Digest const& digest) {
    std::set<std::string> out;
    for (auto const& act : state.store.acts({.kind = "approval", .subject = digest})) {
        auto const* officer = state.joined().officer(act.act.officer);
        bool const stands = officer != nullptr && officer->status == "active" && state.now < act.act.expires;
        if (stands) out.insert(act.act.officer);
    }
    return out;
}

void require_threshold(Custodians const& custodians, std::set<std::string> const& have, char const* which,
                       Verdict& verdict) {
    std::int64_t count = 0;
    std::vector<std::string> missing;
    for (auto const& each : custodians.officers) {
        if (have.contains(each))
            ++count;
        else
            missing.push_back(each);
    }
    bool const enough = count >= custodians.threshold;
    verdict.require(
        fmt::format("{} custodians", which), enough,
        fmt::format("{} of {} of the {} custodians have approved", count, custodians.threshold, which),
        Verdict::Ruling::pending);
    if (!enough) verdict.missing.insert(verdict.missing.end(), missing.begin(), missing.end());
}

}  // namespace

Custodians new_custodians(model::RotationPlan const& plan) {
    return {plan.officers("custodian"), plan.threshold};
}

Custodians old_custodians(State const& state, model::RotationPlan const& plan) {
    for (auto const& act : state.store.acts({.kind = "proposal"})) {
        auto const& action = act.act.body->at("action");
        if (action.at("kind") != "root.rotate") continue;
        auto const object = state.store.object("proposal", act.id.hex());
        if (!object || object->state != "passed") continue;
        Rotation before;
        before.plan = base::Digest::from_hex(action.at("detail").at("plan").get<std::string>());
        auto const read = rotation_plan(state.store, before);
        if (read.to == plan.from && read.name == plan.name) return new_custodians(read);
    }
    return {};
}

Verdict root_verdict(State const& state, Rotation const& rotation) {
    auto verdict = approval_verdict(state, root_rule, approval_subject(rotation));
    auto const plan = rotation_plan(state.store, rotation);
    auto const old = old_custodians(state, plan), next = new_custodians(plan);
    if (rotation.stage != "trust" || old == next) return verdict;
    auto const have = approvers(state, *rotation.approve);
    require_threshold(old, have, "old", verdict);
    require_threshold(next, have, "new", verdict);
    return verdict;
}

}  // namespace consortium::flow
