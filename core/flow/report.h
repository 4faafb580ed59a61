#pragma once

#include "core/flow/services.h"
#include "core/model/outcome.h"
#include "core/model/plan.h"

namespace consortium::flow {

/// `report render NAME [--as html|markdown|json]`: a page of HTML, which is the outcome's only paragraph; as
/// JSON its record alone; a change also as Markdown. NAME is "exit/MEMBER", "change/PROPOSAL",
/// "dispute/DISPUTE", "ceremony-script" (of the newest root rotation), "charter/DECISION" (the charts of
/// `charter simulate` for the charter in force) or "statement/MONTH[/MEMBER]" (default: this member).
model::Outcome report_render(State const& state, Services& services, model::Request const& request);
/// What can be rendered here.
model::Outcome report_list(State const& state, model::Request const& request);

}  // namespace consortium::flow
