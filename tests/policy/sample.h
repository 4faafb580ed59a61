#pragma once

#include "core/model/epoch.h"
#include "core/model/verdict.h"

#include <algorithm>

namespace consortium::test {

/// An epoch of four members (acme, globex, initech, umbrella), all validators that vote, each with the
/// officers MEMBER-1 (governance, security) and MEMBER-2 (security, legal).
inline model::Epoch sample_epoch() {
    model::Epoch epoch;
    epoch.number = 3;
    epoch.charter.tiers = {{"observer", {"read"}, 1},
                           {"validator", {"read", "write", "validate", "vote"}, 1}};
    model::Decision decision;
    decision.id = "upgrade";
    decision.actions = {"release.upgrade"};
    decision.electorate = {"validator"};
    decision.proposers = {"governance"};
    decision.quorum_counts = {"abstain", "no", "yes"};
    decision.quorum = model::Bound::from_text(">=2/3");
    decision.pass = model::Bound::from_text(">2/3");
    decision.window = {7 * 86'400};
    epoch.charter.decisions = {decision};
    epoch.charter.approvals = {{"root", 3, 3, {"security"}, false}};
    epoch.charter.gates = {{"legal", {"agreement", "dpa"}, {"legal"}},
                           {"technical", {"drill"}, {"security"}}};
    for (char const* name : {"acme", "globex", "initech", "umbrella"}) {
        model::Member member;
        member.id = name;
        member.tier = "validator";
        member.votes = true;
        epoch.members.push_back(member);
        for (int number : {1, 2}) {
            model::Officer officer;
            officer.id = member.id + "-" + std::to_string(number);
            officer.member = name;
            officer.person = officer.id;
            officer.roles = number == 1 ? std::vector<std::string>{"governance", "security"}
                                        : std::vector<std::string>{"legal", "security"};
            officer.key = base::sha256(officer.id);
            epoch.officers.push_back(officer);
            model::Key key;
            key.id = officer.key;
            key.member = name;
            key.owner = officer.id;
            epoch.keys.push_back(key);
        }
    }
    std::sort(epoch.keys.begin(), epoch.keys.end(),
              [](model::Key const& left, model::Key const& right) { return left.id < right.id; });
    return epoch;
}

inline bool holds(model::Verdict const& verdict, std::string_view rule) {
    auto const found = std::find_if(verdict.rules.begin(), verdict.rules.end(),
                                    [&](model::Rule const& one) { return one.name == rule; });
    return found != verdict.rules.end() && found->holds;
}

}  // namespace consortium::test
