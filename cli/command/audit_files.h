#pragma once

#include "cli/session.h"

namespace consortium::cli {

// The verbs of `audit` that write files which leave the workspace, or are made where there is none.

model::Outcome audit_prove(Session& session, model::Request const& request);
model::Outcome audit_archive(Session& session, model::Request const& request);
model::Outcome audit_disclose(Session& session, model::Request const& request);
model::Outcome audit_witness(Session& session, model::Request const& request);

}  // namespace consortium::cli
