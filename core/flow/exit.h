#pragma once

#include "core/flow/apply.h"
#include "core/flow/exit_case.h"

namespace consortium::flow {

/// `exit open [--member ID] --reason R [--settles MONTH]`: gives notice: an act of kind "exit". Default: this
/// member leaves by itself, settled by the last whole month. Error(conflict) if there is a notice already.
model::Plan plan_exit_open(State const& state, model::Request const& request);

/// `exit list`: who leaves or left.
model::Outcome exit_list(State const& state, model::Request const& request);

/// `exit check [MEMBER]`: every gate with what was found. Status: refused if a gate is refused, pending if
/// one is pending, none if all are passed.
model::Outcome exit_check(State const& state, Services& services, model::Request const& request);

/// `exit complete MEMBER [--waive GATE …]`: opens the proposal that ends the membership. Needs every gate to
/// be passed or waived; what is waived stands in the proposal's title, so that the members decide on it.
/// Pending while that proposal is open; once its epoch is final, journals the end.
model::Plan plan_exit_complete(State const& state, Services& services, model::Request const& request);

/// `exit report [MEMBER] -o DIR`: see exit_report.h. One step, "exit.report".
model::Plan plan_exit_report(State const& state, model::Request const& request);
extern Applier const exit_report_applier;

/// Object exit/<member>.
model::Object exit_object(std::string const& member, std::string state, base::Json data);

/// The operand, or this member.
std::string leaver(State const& state, model::Request const& request);

}  // namespace consortium::flow
