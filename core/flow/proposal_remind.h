#pragma once

#include "core/flow/proposal_look.h"
#include "core/model/calendar.h"
#include "core/model/plan.h"

namespace consortium::flow {

/// What to remember of a proposal: when voting ends; and when it may be carried out and when that lapses, for
/// certain once it has passed, tentatively while it is open. Empty for what failed.
std::vector<model::CalendarEvent> calendar_events(State const& state, ProposalLook const& look);

/// What `proposal remind [PROPOSAL] [--to MEMBER]` found: the mails, and the calendar's text.
struct Reminders {
    model::Outcome outcome;  // data {"items":[{"member","officers","subject","text","proposals"}],"calendar"}
    std::string calendar;
};

/// One text a member that has not voted on what is open, to be pasted into a mail: what, by when in the
/// charter's time zone and in UTC, and the commands to run.
Reminders remind(State const& state, model::Request const& request);

}  // namespace consortium::flow
