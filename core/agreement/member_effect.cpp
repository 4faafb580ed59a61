#include "core/agreement/member_effect.h"

#include "core/base/bytes.h"
#include "core/policy/duties.h"

#include <nlohmann/json.hpp>

namespace consortium::agreement {

namespace {

std::string text(model::Proposal const& proposal, char const* field) {
    return proposal.action.detail->at(field).get<std::string>();
}

model::Member* find_member(model::Epoch& epoch, std::string const& id) {
    for (auto& member : epoch.members)
        if (member.id == id && member.belongs()) return &member;
    return nullptr;
}

std::string no_member(model::Proposal const& proposal) {
    return "'" + text(proposal, "member") + "' is not a member";
}

/// Changes one member, unless nobody would be left to decide.
template <typename Change>
std::string change_member(model::Epoch& epoch, model::Member& member, Change const& change) {
    auto const before = member;
    change(member);
    if (!epoch.voting().empty()) return {};
    member = before;
    return "nobody would be left to decide";
}

/// A term begins anew with the decision, so that the member can act.
void renew_terms(model::Charter const& charter, model::Officer& officer, base::Instant from) {
    for (auto const& role : officer.roles) {
        auto const* rule = charter.role(role);
        officer.ends.erase(role);
        if (rule != nullptr && rule->term.seconds > 0) officer.ends[role] = from + rule->term;
    }
}

}  // namespace

std::string set_tier(model::Epoch& epoch, model::Proposal const& proposal) {
    auto* member = find_member(epoch, text(proposal, "member"));
    if (member == nullptr) return no_member(proposal);
    auto const tier = text(proposal, "tier");
    if (epoch.charter.tier(tier) == nullptr) return "the charter has no tier '" + tier + "'";
    return change_member(epoch, *member, [&](model::Member& one) { one.tier = tier; });
}

std::string suspend_member(model::Epoch& epoch, model::Proposal const& proposal) {
    auto* member = find_member(epoch, text(proposal, "member"));
    if (member == nullptr) return no_member(proposal);
    if (member->status == "suspended") return "'" + member->id + "' is suspended already";
    std::optional<base::Instant> until;
    if (proposal.action.detail->contains("until")) until = base::Instant::from_text(text(proposal, "until"));
    if (until && *until <= proposal.closes) return "the suspension would end before the vote did";
    return change_member(epoch, *member, [&](model::Member& one) {
        one.status = "suspended";
        one.suspended_until = until;
    });
}

std::string reinstate_member(model::Epoch& epoch, model::Proposal const& proposal) {
    auto* member = find_member(epoch, text(proposal, "member"));
    if (member == nullptr) return no_member(proposal);
    if (member->status != "suspended") return "'" + member->id + "' is not suspended";
    member->status = "active";
    member->suspended_until.reset();
    return {};
}

std::string recover_officer(model::Epoch& epoch, model::Proposal const& proposal) {
    if (find_member(epoch, text(proposal, "member")) == nullptr) return no_member(proposal);
    auto const id = text(proposal, "officer");
    auto const officer = std::find_if(epoch.officers.begin(), epoch.officers.end(), [&](auto const& one) {
        return one.id == id && one.member == text(proposal, "member") && one.status != "removed";
    });
    if (officer == epoch.officers.end())
        return "'" + text(proposal, "member") + "' has no officer '" + id + "'";
    if (epoch.charter.rekey != "decision" && !policy::fellows_of(epoch, *officer, proposal.closes).empty())
        return "a fellow officer of '" + id + "' can give it a new key: no decision is needed";
    model::NewKey const key{text(proposal, "algorithm"), base::from_base64(text(proposal, "spki"))};
    if (auto reason = register_key(epoch, key, {officer->member, officer->id}); !reason.empty())
        return reason;
    end_key(epoch, officer->key, "recovery");
    officer->key = key.id();
    officer->status = "active";
    renew_terms(epoch.charter, *officer, proposal.closes);
    return {};
}

void lift_suspensions(model::Epoch& epoch, base::Instant closed) {
    for (auto& member : epoch.members) {
        if (member.status != "suspended" || !member.suspended_until || *member.suspended_until > closed)
            continue;
        member.status = "active";
        member.suspended_until.reset();
    }
}

std::string register_key(model::Epoch& epoch, model::NewKey const& key, KeyOwner const& owner) {
    if (epoch.key(key.id()) != nullptr) return "that key was registered before; each key once, ever";
    insert_sorted(epoch.keys, model::Key{key.id(), key.algorithm, key.spki, owner.member, owner.owner,
                                         "active", "", epoch.number});
    return {};
}

void end_key(model::Epoch& epoch, base::Digest const& id, std::string const& cause) {
    for (auto& key : epoch.keys) {
        if (key.id != id) continue;
        key.status = cause.empty() ? "retired" : "removed";
        key.cause = cause;
    }
}

}  // namespace consortium::agreement
