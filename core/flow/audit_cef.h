#pragma once

#include "core/flow/audit_row.h"

#include <string>

namespace consortium::flow {

/// One entry as a line of ArcSight's Common Event Format, version 0, for log collectors. `origin` is the
/// log's.
std::string cef_line(AuditRow const& row, std::string const& origin);

}  // namespace consortium::flow
