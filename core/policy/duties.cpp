#include "core/policy/duties.h"

#include "core/base/text.h"
#include "core/model/kind.h"

#include <algorithm>
#include <fmt/format.h>
#include <set>
#include <utility>

namespace consortium::policy {

namespace {

using model::Charter;
using model::Epoch;
using model::Officer;
using model::RoleRule;
using Officers = std::vector<Officer>;

bool has(Officer const& officer, std::string_view role) {
    return std::find(officer.roles.begin(), officer.roles.end(), role) != officer.roles.end();
}

/// Who has a role. A suspended officer keeps it; one who acts can use it.
std::vector<std::string> holders(Officers const& officers, std::string_view role) {
    std::vector<std::string> out;
    for (auto const& officer : officers)
        if (officer.status != "removed" && has(officer, role)) out.push_back(officer.id);
    return out;
}
std::vector<std::string> acting(Officers const& officers, std::string_view role) {
    std::vector<std::string> out;
    for (auto const& officer : officers)
        if (officer.status == "active" && has(officer, role)) out.push_back(officer.id);
    return out;
}

/// One person with two roles that the charter keeps apart; the roles in the order of the alphabet.
struct Pair {
    std::string person, first, second;
    auto operator<=>(Pair const&) const = default;
};
std::set<Pair> together(Charter const& charter, Officers const& officers) {
    std::map<std::string, std::set<std::string>> roles;
    for (auto const& officer : officers)
        if (officer.status != "removed")
            roles[person_of(officer)].insert(officer.roles.begin(), officer.roles.end());
    std::set<Pair> out;
    for (auto const& [person, had] : roles)
        for (auto const& rule : charter.roles)
            for (auto const& other : rule.apart)
                if (had.contains(rule.id) && had.contains(other))
                    out.insert({person, std::min(rule.id, other), std::max(rule.id, other)});
    return out;
}

std::string words_of(Pair const& pair) {
    return fmt::format("'{}' would have the roles {} and {}, which the charter keeps apart", pair.person,
                       pair.first, pair.second);
}

bool may_keep(Officer const& officer, std::vector<std::string> const& roles) {
    return officer.status == "active" && model::has_role(*model::find_kind("own"), roles);
}

/// Now or before its roles ended.
bool is_keeper(Officer const& officer) {
    return may_keep(officer, officer.roles);
}

bool has_keeper_at(Officers const& officers, base::Instant when) {
    return std::any_of(officers.begin(), officers.end(),
                       [&](Officer const& one) { return may_keep(one, one.roles_at(when)); });
}

/// Whether the grant stands as it was: what was granted before the charter set a term, or under a longer one.
bool granted_before(Officers const& before, Officer const& officer, std::string const& role) {
    auto const same =
        std::find_if(before.begin(), before.end(), [&](Officer const& one) { return one.id == officer.id; });
    if (same == before.end() || !has(*same, role)) return false;
    auto const then = same->ends.find(role);
    auto const now = officer.ends.find(role);
    bool const had_end = then != same->ends.end(), has_end = now != officer.ends.end();
    return had_end == has_end && (!had_end || then->second == now->second);
}

std::string broken_term(RoleRule const& rule, RoleChange const& change) {
    if (rule.term.seconds == 0) return {};
    for (auto const& officer : change.after) {
        if (officer.status == "removed" || !has(officer, rule.id)) continue;
        if (granted_before(change.before, officer, rule.id)) continue;
        auto const end = officer.ends.find(rule.id);
        if (end == officer.ends.end())
            return fmt::format("the role {} is granted for at most {}, and '{}' would have it without an end",
                               rule.id, rule.term.text(), officer.id);
        if (end->second > change.when + rule.term)
            return fmt::format("the role {} is granted for at most {}: '{}' until {} at the latest", rule.id,
                               rule.term.text(), officer.id, (change.when + rule.term).text());
    }
    return {};
}

std::string broken_bounds(RoleRule const& rule, RoleChange const& change) {
    auto const before = holders(change.before, rule.id).size();
    auto const after = holders(change.after, rule.id).size();
    if (rule.most != 0 && after > before && std::cmp_greater(after, rule.most))
        return fmt::format("{} officers would have the role {}; the charter allows {}", after, rule.id,
                           rule.most);
    auto const could = acting(change.before, rule.id).size();
    auto const can = acting(change.after, rule.id).size();
    bool const falls = std::cmp_greater_equal(could, rule.least) && std::cmp_less(can, rule.least);
    if (rule.least != 0 && falls && can > 0 && change.cause.empty())
        return fmt::format("{} officers would have the role {}; the charter asks for {} where there is any",
                           can, rule.id, rule.least);
    return {};
}

void look_at_bounds(RoleRule const& rule, Officers const& officers, std::vector<DutyFinding>& out) {
    auto const& member = officers.front().member;
    auto const have = holders(officers, rule.id);
    if (rule.most != 0 && std::cmp_greater(have.size(), rule.most))
        out.push_back({"most", rule.id, member, have,
                       fmt::format("{} officers of '{}' have the role {}; the charter allows {}", have.size(),
                                   member, rule.id, rule.most)});
    auto const can = acting(officers, rule.id);
    if (!can.empty() && std::cmp_less(can.size(), rule.least))
        out.push_back({"least", rule.id, member, can,
                       fmt::format("{} of '{}' can act in the role {}; the charter asks for {}", can.size(),
                                   member, rule.id, rule.least)});
    if (rule.term.seconds == 0) return;
    for (auto const& officer : officers)
        if (officer.status != "removed" && has(officer, rule.id) && !officer.ends.contains(rule.id))
            out.push_back({"term",
                           rule.id,
                           member,
                           {officer.id},
                           fmt::format("'{}' has the role {} without an end; the charter grants it for {}",
                                       officer.id, rule.id, rule.term.text())});
}

/// The instant at which the last role ends that lets somebody change officers; none: never.
std::optional<base::Instant> last_keeper_until(Officers const& officers) {
    auto const& roles = model::find_kind("own")->roles;
    base::Instant last{};
    for (auto const& officer : officers) {
        if (officer.status != "active") continue;
        for (auto const role : roles) {
            if (!has(officer, role)) continue;
            auto const end = officer.ends.find(role);
            if (end == officer.ends.end()) return std::nullopt;
            last = std::max(last, end->second);
        }
    }
    return last;
}

void look_at_keepers(Officers const& officers, std::vector<DutyFinding>& out) {
    auto const& member = officers.front().member;
    if (std::none_of(officers.begin(), officers.end(), is_keeper)) {
        out.push_back({"keeper",
                       "",
                       member,
                       {},
                       fmt::format("nobody of '{}' may change its officers: only a decision helps", member)});
    } else if (auto const until = last_keeper_until(officers)) {
        out.push_back(
            {"keeper",
             "",
             member,
             {},
             fmt::format("nobody of '{}' may change its officers from {} on", member, until->text())});
    }
}

void look_at_people(Epoch const& epoch, std::vector<DutyFinding>& out) {
    std::map<std::string, std::set<std::string>> members, officers;
    for (auto const& officer : epoch.officers) {
        if (officer.status == "removed" || officer.person.empty()) continue;
        members[officer.person].insert(officer.member);
        officers[officer.person].insert(officer.id);
    }
    for (auto const& [person, of] : members) {
        if (of.size() < 2) continue;
        std::vector<std::string> const names(of.begin(), of.end());
        auto const& ids = officers[person];
        out.push_back({"person",
                       "",
                       "",
                       {ids.begin(), ids.end()},
                       fmt::format("the person '{}' is an officer of {}: they count once in an approval",
                                   base::printable(person), base::join(names, " and "))});
    }
}

}  // namespace

std::string const& person_of(Officer const& officer) {
    return officer.person.empty() ? officer.id : officer.person;
}

std::uint64_t registered(Epoch const& epoch, Officer const& officer) {
    std::optional<std::uint64_t> first;
    for (auto const& key : epoch.keys)
        if (key.member == officer.member && key.owner == officer.id)
            first = std::min(first.value_or(key.since), key.since);
    return first.value_or(0);
}

Officer const* first_with_person(Epoch const& epoch, std::string_view person) {
    Officer const* out = nullptr;
    auto const rank = [&](Officer const& officer) {
        return std::pair<std::uint64_t, std::string_view>(registered(epoch, officer), officer.id);
    };
    for (auto const& officer : epoch.officers)
        if (person_of(officer) == person && (out == nullptr || rank(officer) < rank(*out))) out = &officer;
    return out;
}

std::vector<Officer> officers_of(Epoch const& epoch, std::string_view member) {
    Officers out;
    std::copy_if(epoch.officers.begin(), epoch.officers.end(), std::back_inserter(out),
                 [&](Officer const& officer) { return officer.member == member; });
    return out;
}

std::vector<DutyFinding> duty_findings(Charter const& charter, Officers const& officers) {
    std::vector<DutyFinding> out;
    if (officers.empty()) return out;
    for (auto const& pair : together(charter, officers)) {
        std::vector<std::string> ids;
        for (auto const& officer : officers)
            if (person_of(officer) == pair.person) ids.push_back(officer.id);
        out.push_back({"apart", pair.first, officers.front().member, std::move(ids),
                       fmt::format("'{}' has the roles {} and {}, which the charter keeps apart",
                                   base::printable(pair.person), pair.first, pair.second)});
    }
    for (auto const& rule : charter.roles) look_at_bounds(rule, officers, out);
    return out;
}

std::vector<DutyFinding> duty_findings(Epoch const& epoch) {
    std::vector<DutyFinding> out;
    std::map<std::string, Officers> of;
    for (auto const& officer : epoch.officers) of[officer.member].push_back(officer);
    for (auto const& member : epoch.members) {
        auto const& officers = of[member.id];
        if (!member.belongs() || officers.empty()) continue;
        auto found = duty_findings(epoch.charter, officers);
        std::move(found.begin(), found.end(), std::back_inserter(out));
        look_at_keepers(officers, out);
    }
    look_at_people(epoch, out);
    return out;
}

std::string broken_duty(Charter const& charter, RoleChange const& change) {
    auto const before = together(charter, change.before);
    for (auto const& pair : together(charter, change.after))
        if (!before.contains(pair)) return words_of(pair);
    for (auto const& rule : charter.roles) {
        if (auto reason = broken_bounds(rule, change); !reason.empty()) return reason;
        if (auto reason = broken_term(rule, change); !reason.empty()) return reason;
    }
    bool const could = has_keeper_at(change.before, change.when);
    bool const can = has_keeper_at(change.after, change.when);
    return could && !can ? "nobody would be left with a role that may change officers: governance or security"
                         : "";
}

std::vector<std::string> fellows_of(Epoch const& epoch, Officer const& officer, base::Instant when) {
    auto const* decision =
        epoch.charter.rekey == "decision" ? epoch.charter.decision_for("officer.recover") : nullptr;
    auto const may_ask = [&](std::vector<std::string> const& roles) {
        return decision == nullptr || std::ranges::any_of(roles, [&](std::string const& role) {
                   return std::ranges::find(decision->proposers, role) != decision->proposers.end();
               });
    };
    std::vector<std::string> out;
    for (auto const& one : epoch.officers) {
        if (one.member != officer.member || one.id == officer.id) continue;
        auto const roles = one.roles_at(when);
        if (may_keep(one, roles) && may_ask(roles)) out.push_back(one.id);
    }
    return out;
}

std::vector<std::string> members_with_person(Epoch const& epoch, std::string_view person,
                                             std::string_view besides) {
    std::set<std::string> out;
    for (auto const& officer : epoch.officers)
        if (officer.person == person && officer.member != besides && officer.status != "removed")
            out.insert(officer.member);
    return {out.begin(), out.end()};
}

}  // namespace consortium::policy
