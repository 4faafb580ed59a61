#include "core/flow/officer_recovery.h"

#include "core/base/text.h"
#include "core/policy/duties.h"

#include <algorithm>
#include <fmt/format.h>

namespace consortium::flow {

namespace {

bool others_vote(model::Epoch const& epoch, std::string const& member) {
    auto const voting = epoch.voting();
    return std::any_of(voting.begin(), voting.end(), [&](auto const& one) { return one->id != member; });
}

/// The steps that begin with a suspension at once, by the first of the fellows.
void add_fellow_steps(model::Officer const& officer, std::string const& last, KeyRecovery& out) {
    auto const suffix = " --as " + out.fellows.front();
    if (officer.status == "active") out.steps.push_back("consortium officer suspend " + officer.id + suffix);
    out.steps.push_back(last + suffix);
}

void let_fellow(model::Officer const& officer, KeyRecovery& out) {
    out.by = "fellow";
    out.words = fmt::format("{} of '{}' suspends the key at once, then gives it a new one; no vote",
                            base::join(out.fellows, " or "), officer.member);
    add_fellow_steps(officer, "consortium officer rotate " + officer.id + " --key FILE --cause compromise",
                     out);
}

void let_members(model::Epoch const& epoch, model::Officer const& officer, KeyRecovery& out) {
    out.by = "nobody";
    if (epoch.charter.decision_for("officer.recover") == nullptr) {
        out.words = out.fellows.empty()
                        ? "no fellow officer can sign it, and no decision of the charter covers "
                          "'officer.recover'"
                        : "the members have to decide, and no decision of the charter covers "
                          "'officer.recover'";
        return;
    }
    if (out.fellows.empty() && !others_vote(epoch, officer.member)) {
        out.words = fmt::format("no fellow officer can sign it, and nobody but '{}' votes", officer.member);
        return;
    }
    out.by = "decision";
    auto const ask = "consortium officer recover " + officer.id + " --key FILE --evidence FILE";
    if (out.fellows.empty()) {
        out.words = "another member asks for a new key, with evidence, and the members vote";
        out.steps.push_back(ask);
        return;
    }
    out.words = fmt::format(
        "{} of '{}' suspends the key at once and asks for a new one, with evidence, and "
        "the members vote",
        base::join(out.fellows, " or "), officer.member);
    add_fellow_steps(officer, ask, out);
}

}  // namespace

KeyRecovery key_recovery(State const& state, model::Officer const& officer) {
    auto const& epoch = state.joined();
    KeyRecovery out;
    out.fellows = policy::fellows_of(epoch, officer, state.now);
    if (officer.status == "removed") {
        out.by = "nobody";
        out.words = "it was removed for good";
    } else if (!out.fellows.empty() && epoch.charter.rekey != "decision") {
        let_fellow(officer, out);
    } else {
        let_members(epoch, officer, out);
    }
    return out;
}

}  // namespace consortium::flow
