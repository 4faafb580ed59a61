#pragma once

#include "cli/session.h"

namespace consortium::cli {

/// `audit recover`: also without an exchange, which only shows more of what was lost.
model::Outcome audit_recover(Session& session, model::Request const& request);

}  // namespace consortium::cli
