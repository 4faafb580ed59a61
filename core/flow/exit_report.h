#pragma once

#include "core/flow/exit_case.h"

namespace consortium::flow {

inline constexpr std::string_view exit_report_type = "application/vnd.consortium.exit-report.v1+json";

/// The whole report on an exit as it stands: parties and authority, trigger and dates, decision, gates with
/// their evidence, settlement, what stays where, what was not checked, and every act that it cites with a
/// proof that it is in this workspace's journal (the text of a .tlog-proof file that stands alone). All
/// fields are always present, so that templates can be strict. Type "consortium.exit-report/1".
base::Json exit_report(GateInput const& input);

}  // namespace consortium::flow
