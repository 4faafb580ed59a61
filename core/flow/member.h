#pragma once

#include "core/flow/apply.h"

namespace consortium::flow {

/// `member invite ID --name --key FILE --tier`: an act of kind `invite`.
model::Plan plan_member_invite(State const& state, model::Request const& request);
/// `member submit --evidence GATE/ITEM=FILE … --node NETWORK=ADDRESS …` in the applicant's workspace: an act
/// of kind `submit`, signed with the key that the invitation names (step "submit").
model::Plan plan_member_submit(State const& state, model::Request const& request);
/// `member check APPLICANT --gate --result --evidence FILE … --note`: an act of kind `check`.
model::Plan plan_member_check(State const& state, model::Request const& request);
/// `member admit APPLICANT`: opens the proposal `member.admit` once every gate is passed.
model::Plan plan_member_admit(State const& state, model::Request const& request);

/// Members and applicants.
model::Outcome member_list(State const& state, model::Request const& request);
model::Outcome member_show(State const& state, model::Request const& request);

/// Signs as an author whom no epoch knows yet. Detail {invitation, officer, key, body}; result {"id","kind"}.
extern Applier const submit_applier;

}  // namespace consortium::flow
