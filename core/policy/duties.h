#pragma once

#include "core/model/epoch.h"

namespace consortium::policy {

/// Something about the roles of a member's officers that the charter does not allow, or that somebody should
/// look at. A charter that was amended takes no role from anybody: it leaves findings.
struct DutyFinding {
    std::string rule;  // apart | most | least | term | person | keeper
    std::string role;  // empty for person and keeper
    std::string member;
    std::vector<std::string> officers;
    std::string words;
};

/// The officers of one member before and after a change that it makes by itself.
struct RoleChange {
    std::vector<model::Officer> before, after;
    base::Instant when;  // the time of the act: a grant's term counts from it
    std::string cause;   // of the change: "compromise" goes before `least`
};

/// The officers of one member, those who were removed too.
std::vector<model::Officer> officers_of(model::Epoch const& epoch, std::string_view member);

/// What the charter's rules `apart`, `most`, `least` and `term` say against one member's officers.
std::vector<DutyFinding> duty_findings(model::Charter const& charter,
                                       std::vector<model::Officer> const& officers);
/// The same of all members; people who are officers of two members; members of whom nobody may change
/// officers any more, or will when the last such role ends.
std::vector<DutyFinding> duty_findings(model::Epoch const& epoch);

/// Why a change of officers must not be: it keeps two roles together that are to be apart, exceeds a bound or
/// a term, or leaves nobody who may change officers at that time. What was so before the change is no reason.
/// Empty: none.
std::string broken_duty(model::Charter const& charter, RoleChange const& change);

/// The other officers of the same member who may change its officers at that time; where the members decide
/// on lost keys, those of them who may propose it.
std::vector<std::string> fellows_of(model::Epoch const& epoch, model::Officer const& officer,
                                    base::Instant when);

/// Members besides this one that have an officer, not removed, of that person.
std::vector<std::string> members_with_person(model::Epoch const& epoch, std::string_view person,
                                             std::string_view besides);

/// A person as it counts: the officer's own id where it has no other.
std::string const& person_of(model::Officer const& officer);
/// The epoch in which an officer was registered: from which the first of its keys holds.
std::uint64_t registered(model::Epoch const& epoch, model::Officer const& officer);
/// Of the officers with this person, those who were removed too, the one who was registered first, then the
/// one with the smallest id: nobody makes somebody else's person its own by registering it again. Null: none.
model::Officer const* first_with_person(model::Epoch const& epoch, std::string_view person);

}  // namespace consortium::policy
