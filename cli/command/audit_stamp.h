#pragma once

#include "cli/session.h"
#include "cli/settings.h"

namespace consortium::cli {

// The verbs of `audit` that ask for timestamps or judge them.

model::Outcome audit_checkpoint(Session& session, model::Request const& request);
model::Outcome audit_verify(Session& session, model::Request const& request);

/// For the doctor: asks the authority that is set about a random hash. What it says; empty: none is set.
/// Throws what keeps this workspace from getting timestamps.
std::string look_at_authority(Session& session, Settings const& settings);

}  // namespace consortium::cli
