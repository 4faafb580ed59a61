#include "core/policy/approval.h"

#include "core/base/text.h"
#include "core/policy/duties.h"

#include <algorithm>
#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <set>

namespace consortium::policy {

namespace {

using model::ApprovalRule;
using model::Epoch;
using model::Officer;
using model::Verdict;

/// Members under one control count as one; a member without a group is its own.
std::string group_of(model::Member const& member) {
    return member.control_group.empty() ? "member " + member.id : "group " + member.control_group;
}

bool has_role(ApprovalRule const& rule, Officer const& officer, base::Instant when) {
    auto const roles = officer.roles_at(when);
    return std::any_of(roles.begin(), roles.end(), [&](std::string const& role) {
        return std::find(rule.roles.begin(), rule.roles.end(), role) != rule.roles.end();
    });
}

/// Why an officer's approval does not count; empty when it does.
std::string objection(Epoch const& epoch, ApprovalRule const& rule, Subject const& subject,
                      std::string_view officer_id, base::Instant when = {}) {
    Officer const* officer = epoch.officer(officer_id);
    if (officer == nullptr || officer->status != "active") return "is no active officer";
    model::Key const* key = epoch.key(officer->key);
    if (key == nullptr || key->status != "active") return "has no active key";
    model::Member const* member = epoch.member(officer->member);
    if (member == nullptr || member->status != "active") return "is of no active member";
    if (!has_role(rule, *officer, when)) return "has none of the roles " + base::join(rule.roles, ", ");
    Officer const* first = first_with_person(epoch, person_of(*officer));
    if (first->member != officer->member)
        return "is the person of '" + first->id + "' of '" + first->member + "'";
    Officer const* proposer = epoch.officer(subject.proposer);
    bool const own = officer_id == subject.proposer ||
                     (proposer != nullptr && person_of(*officer) == person_of(*proposer) &&
                      first->member == proposer->member);
    return rule.exclude_proposer && own ? "is the person who proposed it" : "";
}

/// Why an approval does not count any more, whoever gave it; empty when it does. What a retired key signed
/// stands, what one signed that was removed for a cause does not (PROTOCOL P10).
std::string spoiled(Epoch const& epoch, Signature const& signature, base::Instant now) {
    if (signature.expires <= now)
        return fmt::format("the approval of {} expired {}", signature.officer, signature.expires.text());
    model::Key const* key = epoch.key(signature.key);
    if (key != nullptr && key->status == "removed")
        return fmt::format("{} approved with a key that was removed since ({})", signature.officer,
                           key->cause);
    return {};
}

/// What the approvals come to.
struct Count {
    std::set<std::string> people;
    std::set<std::string> groups;
    std::vector<std::string> doubled;     // officers whose member has approved already
    std::vector<std::string> elsewhere;   // officers who approved another digest
    std::vector<std::string> ineligible;  // "ada is no active officer"
    std::vector<std::string> spoiled;     // "the approval of ada expired 2026-10-01T09:00:00Z"
};

Count count(Epoch const& epoch, ApprovalRule const& rule, Subject const& subject,
            std::vector<Signature> const& signatures, base::Instant now) {
    Count out;
    for (Signature const& signature : signatures) {
        if (signature.digest != subject.digest) {
            out.elsewhere.push_back(signature.officer);
            continue;
        }
        if (std::string const why = spoiled(epoch, signature, now); !why.empty()) {
            out.spoiled.push_back(why);
            continue;
        }
        if (std::string const why = objection(epoch, rule, subject, signature.officer, signature.time);
            !why.empty()) {
            out.ineligible.push_back(signature.officer + " " + why);
            continue;
        }
        Officer const* officer = epoch.officer(signature.officer);
        if (!out.people.insert(person_of(*officer)).second) continue;
        if (!out.groups.insert(group_of(*epoch.member(officer->member))).second) {
            out.doubled.push_back(signature.officer);
        }
    }
    return out;
}

/// Members that have not approved and have somebody who could, one for each control group.
std::vector<std::string> still_missing(Epoch const& epoch, ApprovalRule const& rule, Subject const& subject,
                                       Count const& counted) {
    std::set<std::string> seen = counted.groups;
    std::vector<std::string> out;
    for (model::Member const& member : epoch.members) {
        bool const could =
            std::any_of(epoch.officers.begin(), epoch.officers.end(), [&](Officer const& officer) {
                return officer.member == member.id && objection(epoch, rule, subject, officer.id).empty();
            });
        if (could && seen.insert(group_of(member)).second) out.push_back(member.id);
    }
    return out;
}

bool enough(ApprovalRule const& rule, Count const& counted) {
    return std::cmp_greater_equal(counted.people.size(), rule.officers) &&
           std::cmp_greater_equal(counted.groups.size(), rule.members);
}

/// What stands in the way while there are too few.
void explain_shortage(Verdict& verdict, ApprovalRule const& rule, Count const& counted) {
    verdict.require("digest", counted.elsewhere.empty(),
                    counted.elsewhere.empty()
                        ? "all approvals are of this digest"
                        : fmt::format("{} approved another digest, which does not count here",
                                      base::join(counted.elsewhere, ", ")));
    bool const room = std::cmp_less_equal(counted.doubled.size(), rule.officers - rule.members);
    verdict.require(
        "distinct members", room,
        room ? "the approvals are of distinct members"
             : fmt::format("{} approved for a member, or a group under one control, that counts already",
                           base::join(counted.doubled, ", ")));
    std::size_t const reach = counted.groups.size() + verdict.missing.size();
    verdict.require("reachable", std::cmp_greater_equal(reach, rule.members),
                    fmt::format("{} distinct members can approve, {} are needed", reach, rule.members));
}

}  // namespace

Verdict approved(Epoch const& epoch, ApprovalRule const& rule, Subject const& subject,
                 std::vector<Signature> const& signatures, base::Instant now) {
    Count const counted = count(epoch, rule, subject, signatures, now);
    Verdict verdict;
    std::size_t const have = rule.members == rule.officers ? counted.groups.size() : counted.people.size();
    verdict.state = fmt::format("{} of {} approvals", have, rule.officers);
    bool const met = enough(rule, counted);
    if (!met) {
        verdict.missing = still_missing(epoch, rule, subject, counted);
        explain_shortage(verdict, rule, counted);
    }
    std::string words =
        fmt::format("{} by officers of {} distinct members; {} officers of {} members are needed",
                    verdict.state, counted.groups.size(), rule.officers, rule.members);
    for (auto const* list : {&counted.ineligible, &counted.spoiled})
        for (std::string const& one : *list) words += fmt::format("; {}", one);
    verdict.require(fmt::format("approval {}", rule.id), met, std::move(words), Verdict::Ruling::pending);
    return verdict;
}

Verdict may_approve(Epoch const& epoch, ApprovalRule const& rule, Subject const& subject,
                    std::vector<Signature> const& signatures, std::string_view officer, base::Instant when) {
    Verdict verdict;
    std::string const why = objection(epoch, rule, subject, officer, when);
    verdict.require(
        "officer", why.empty(),
        why.empty() ? fmt::format("'{}' may approve", officer) : fmt::format("'{}' {}", officer, why));
    if (!why.empty()) return verdict;
    Count const before = count(epoch, rule, subject, signatures, when);
    std::vector<Signature> with = signatures;
    with.push_back({std::string(officer), subject.digest, when});
    Count const after = count(epoch, rule, subject, with, when);
    verdict.require("once", after.people.size() > before.people.size(), "a person's approval counts once");
    bool const room = after.doubled.size() == before.doubled.size() ||
                      std::cmp_less_equal(after.doubled.size(), rule.officers - rule.members);
    verdict.require("distinct members", room,
                    fmt::format("'{}' counts once; {} officers of {} distinct members are needed",
                                epoch.officer(officer)->member, rule.officers, rule.members));
    return verdict;
}

std::vector<Officer const*> approvers(Epoch const& epoch, ApprovalRule const& rule) {
    std::vector<Officer const*> out;
    for (Officer const& officer : epoch.officers)
        if (objection(epoch, rule, {}, officer.id).empty()) out.push_back(&officer);
    return out;
}

}  // namespace consortium::policy
