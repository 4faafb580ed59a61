#include "core/flow/officer_recovery.h"

#include "core/base/text.h"
#include "core/model/kind.h"

#include <algorithm>
#include <fmt/format.h>

namespace consortium::flow {

namespace {

/// Officers of the same member who can sign its own changes now.
std::vector<std::string> fellows_of(State const& state, model::Officer const& officer) {
    auto const& own = *model::find_kind("own");
    std::vector<std::string> out;
    for (auto const& one : state.joined().officers)
        if (one.member == officer.member && one.id != officer.id && one.status == "active" &&
            model::has_role(own, one.roles_at(state.now)))
            out.push_back(one.id);
    return out;
}

bool others_vote(model::Epoch const& epoch, std::string const& member) {
    auto const voting = epoch.voting();
    return std::any_of(voting.begin(), voting.end(), [&](auto const& one) { return one->id != member; });
}

}  // namespace

KeyRecovery key_recovery(State const& state, model::Officer const& officer) {
    auto const& epoch = state.joined();
    KeyRecovery out;
    out.fellows = fellows_of(state, officer);
    if (officer.status == "removed") {
        out.by = "nobody";
        out.words = "it was removed for good";
    } else if (!out.fellows.empty()) {
        out.by = "fellow";
        auto const suffix = " --as " + out.fellows.front();
        out.words = fmt::format("{} of '{}' suspends the key at once, then gives it a new one; no vote",
                                base::join(out.fellows, " or "), officer.member);
        if (officer.status == "active")
            out.steps.push_back("consortium officer suspend " + officer.id + suffix);
        out.steps.push_back("consortium officer rotate " + officer.id + " --key FILE --cause compromise" +
                            suffix);
    } else if (epoch.charter.decision_for("officer.recover") == nullptr) {
        out.by = "nobody";
        out.words = "no fellow officer can sign it, and no decision of the charter covers 'officer.recover'";
    } else if (!others_vote(epoch, officer.member)) {
        out.by = "nobody";
        out.words = fmt::format("no fellow officer can sign it, and nobody but '{}' votes", officer.member);
    } else {
        out.by = "decision";
        out.words = "another member asks for a new key, with evidence, and the members vote";
        out.steps.push_back("consortium officer recover " + officer.id + " --key FILE --evidence FILE");
    }
    return out;
}

}  // namespace consortium::flow
