#include "core/policy/permission.h"

#include "core/model/kind.h"
#include "core/policy/tally.h"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace consortium::policy {

namespace {

using model::Epoch;
using model::Officer;
using model::Verdict;

bool contains(std::vector<std::string> const& list, std::string_view item) {
    return std::find(list.begin(), list.end(), item) != list.end();
}

/// The right that the member's tier must have: "" where membership is enough, since everybody looks after
/// their own keys and joins or leaves.
std::string_view right_for(std::string_view kind) {
    constexpr std::array<std::string_view, 5> writes{"proposal", "invite", "check", "approval", "handover"};
    if (kind == "ballot") return "vote";
    return std::find(writes.begin(), writes.end(), kind) != writes.end() ? "write" : "";
}

bool key_holds(Epoch const& epoch, Officer const& officer) {
    model::Key const* key = epoch.key(officer.key);
    return key != nullptr && key->status == "active";
}

bool has_right(Epoch const& epoch, model::Member const& member, std::string_view right) {
    model::Tier const* tier = epoch.charter.tier(member.tier);
    return right.empty() || (tier != nullptr && contains(tier->rights, right));
}

std::string one_of(auto const& words) {
    std::string out;
    for (auto const& word : words) out += fmt::format("{}{}", out.empty() ? "" : ", ", word);
    return out;
}

std::vector<std::string> roles_of(Officer const& officer, std::optional<base::Instant> now) {
    return now ? officer.roles_at(*now) : officer.roles;
}

std::string what_it_takes(model::KindInfo const& kind, Officer const& officer,
                          std::vector<std::string> const& roles) {
    if (kind.roles.empty()) return "any role may sign it";
    auto words = fmt::format("it takes one of the roles {}; '{}' has {}", one_of(kind.roles), officer.id,
                             roles.empty() ? "none" : one_of(roles));
    for (auto const& [role, end] : officer.ends)
        if (!contains(roles, role)) words += fmt::format("; {} ended {}", role, end.text());
    return words;
}

bool may_act(model::Member const& member, std::string_view kind) {
    return member.status == "active" ||
           (member.status == "suspended" && model::is_signed_while_suspended(kind));
}

/// Whether it acts, and if not, why.
std::string activity_words(Epoch const& epoch, Officer const* officer, std::string_view id) {
    if (officer == nullptr)
        return fmt::format(
            "'{}' is no officer in epoch {}: one that was added acts from the epoch that has it", id,
            epoch.number);
    if (officer->status != "active") return fmt::format("'{}' is {}", id, officer->status);
    return fmt::format("'{}' is an active officer", id);
}

}  // namespace

Verdict may_sign(Epoch const& epoch, std::string_view officer_id, std::string_view kind,
                 std::optional<base::Instant> now) {
    Verdict verdict;
    Officer const* officer = epoch.officer(officer_id);
    verdict.require("officer", officer != nullptr && officer->status == "active",
                    activity_words(epoch, officer, officer_id));
    if (officer == nullptr) return verdict;
    verdict.require("key", key_holds(epoch, *officer), fmt::format("the key of '{}' is active", officer_id));
    model::Member const* member = epoch.member(officer->member);
    verdict.require("member", member != nullptr && may_act(*member, kind),
                    fmt::format("'{}' is an active member", officer->member));
    model::KindInfo const* info = model::find_kind(kind);
    bool const signable = info != nullptr && info->author == model::Author::officer;
    verdict.require("kind", signable, fmt::format("officers sign acts of kind '{}'", kind));
    if (!signable || member == nullptr) return verdict;
    auto const roles = roles_of(*officer, now);
    verdict.require("role", model::has_role(*info, roles), what_it_takes(*info, *officer, roles));
    if (std::string_view const right = right_for(kind); !right.empty()) {
        verdict.require(
            "tier", has_right(epoch, *member, right),
            fmt::format("the tier '{}' of '{}' has the right to {}", member->tier, member->id, right));
    }
    return verdict;
}

Verdict may_propose(Epoch const& epoch, std::string_view officer_id, std::string_view action,
                    std::optional<base::Instant> now) {
    Verdict verdict = may_sign(epoch, officer_id, "proposal", now);
    model::Decision const* decision = epoch.charter.decision_for(action);
    verdict.require("decision", decision != nullptr,
                    fmt::format("the charter says how '{}' is decided", action));
    Officer const* officer = epoch.officer(officer_id);
    if (decision == nullptr || officer == nullptr) return verdict;
    auto const roles = roles_of(*officer, now);
    bool const proposer = std::any_of(roles.begin(), roles.end(), [&](std::string const& role) {
        return contains(decision->proposers, role);
    });
    verdict.require("proposer", proposer,
                    fmt::format("'{}' is proposed by the roles {}", action, one_of(decision->proposers)));
    std::vector<std::string> const& tiers = decision->proposer.tiers;
    model::Member const* member = epoch.member(officer->member);
    if (!tiers.empty())
        verdict.require("proposer tier", member != nullptr && contains(tiers, member->tier),
                        fmt::format("'{}' is proposed by members of the tiers {}", action, one_of(tiers)));
    return verdict;
}

Verdict may_vote(Epoch const& current, Epoch const& base, std::string_view officer_id,
                 std::string_view action, std::optional<base::Instant> now) {
    Verdict verdict = may_sign(current, officer_id, "ballot", now);
    model::Decision const* decision = base.charter.decision_for(action);
    verdict.require("decision", decision != nullptr,
                    fmt::format("the charter says how '{}' is decided", action));
    Officer const* officer = current.officer(officer_id);
    if (decision == nullptr || officer == nullptr) return verdict;
    std::vector<Elector> const electors = electorate(base, *decision);
    bool const elector = std::any_of(electors.begin(), electors.end(), [&](Elector const& one) {
        return one.member == officer->member && one.weight > 0;
    });
    verdict.require("electorate", elector,
                    fmt::format("'{}' is in the electorate of '{}' in epoch {}", officer->member,
                                decision->id, base.number));
    return verdict;
}

}  // namespace consortium::policy
