#pragma once

#include "core/policy/charter_lint.h"

#include <algorithm>

/// A small sound charter, and how findings about it are looked up.
namespace consortium::test::linted {

using policy::Finding;
using policy::Party;
using policy::Severity;

inline model::Decision decision(char const* id, std::vector<std::string> actions, char const* pass) {
    model::Decision out;
    out.id = id;
    out.actions = std::move(actions);
    out.electorate = {"validator"};
    out.quorum_counts = {"abstain", "no", "yes"};
    out.quorum = model::Bound::from_text(">=1/2");
    out.pass = model::Bound::from_text(pass);
    out.window = {7 * 86'400};
    return out;
}

inline model::Charter charter() {
    model::Charter out;
    out.tiers = {{"observer", {"read"}, 1}, {"validator", {"read", "vote"}, 1}};
    out.decisions = {decision("charter", {"charter.amend"}, ">=3/4"),
                     decision("upgrade", {"release.upgrade"}, ">2/3")};
    return out;
}

inline std::vector<Party> parties(int count) {
    std::vector<Party> out;
    for (int i = 0; i < count; ++i) out.push_back({std::string(1, static_cast<char>('a' + i)), "validator"});
    return out;
}

inline Finding const* find(std::vector<Finding> const& findings, std::string_view rule,
                           std::string_view pointer = "") {
    auto const found = std::find_if(findings.begin(), findings.end(), [&](Finding const& one) {
        return one.rule == rule && (pointer.empty() || one.pointer == pointer);
    });
    return found == findings.end() ? nullptr : &*found;
}

inline bool refuses(model::Charter const& charter, std::vector<Party> const& parties) {
    auto const findings = policy::lint(charter, parties);
    return std::any_of(findings.begin(), findings.end(),
                       [](Finding const& one) { return one.severity == Severity::refused; });
}

}  // namespace consortium::test::linted
