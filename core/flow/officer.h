#pragma once

#include "core/flow/services.h"
#include "core/model/outcome.h"
#include "core/model/plan.h"

namespace consortium::flow {

/// An officer of the latest epoch. Throws Error(not_found) with the nearest id.
model::Officer const& find_officer(model::Epoch const& epoch, std::string_view id);
/// The same, as it is once what waits is enacted, and only one of this member: anything else is refused.
model::Officer own_officer(State const& state, model::Epoch const& next, std::string_view id);
/// When a grant made now ends: "until" (an instant) or "for" (a duration), else the charter's term for the
/// role; none: until it is revoked. Rounded down to the minute, from a week on to the day. Throws
/// Error(usage) where both are given.
std::optional<base::Instant> end_of_grant(State const& state, model::Request const& request,
                                          std::string_view role);
/// What the others should know: findings on roles that this plan's act adds to those that there are.
void warn_of_duties(State const& state, model::Draft const& draft, model::Plan& plan);

/// `officer add ID --key FILE --role ROLE… --person NAME --until|--for`: an own change `officer.add`;
/// --name and --contact are said in private, about the person.
model::Plan plan_officer_add(State const& state, model::Request const& request);
/// `officer rotate ID --key FILE --cause compromise`: an own change `officer.rotate`.
model::Plan plan_officer_rotate(State const& state, model::Request const& request);
/// `officer suspend ID --reason TEXT`: an act of kind `suspend`, by a fellow officer.
model::Plan plan_officer_suspend(State const& state, model::Request const& request);
/// `officer remove ID --cause compromise`: an own change `officer.remove`.
model::Plan plan_officer_remove(State const& state, model::Request const& request);

/// Officers of all members, or of one (`member`).
model::Outcome officer_list(State const& state, model::Request const& request);
model::Outcome officer_show(State const& state, model::Request const& request);

}  // namespace consortium::flow
