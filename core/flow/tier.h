#pragma once

#include "core/flow/services.h"
#include "core/model/outcome.h"
#include "core/model/plan.h"

namespace consortium::flow {

/// The tiers of the charter with their rights, and who is in each.
model::Outcome tier_list(State const& state, model::Request const& request);
/// `tier set MEMBER --tier TIER`: opens the proposal `member.tier`.
model::Plan plan_tier_set(State const& state, model::Request const& request);
/// `member suspend MEMBER --reason TEXT --until INSTANT`: opens the proposal `member.suspend`.
model::Plan plan_member_suspend(State const& state, model::Request const& request);
/// `member reinstate MEMBER`: opens the proposal `member.reinstate`.
model::Plan plan_member_reinstate(State const& state, model::Request const& request);
/// `officer recover OFFICER --key FILE --evidence FILE`: opens the proposal `officer.recover` for an officer
/// of another member whose only key is lost.
model::Plan plan_officer_recover(State const& state, model::Request const& request);

}  // namespace consortium::flow
