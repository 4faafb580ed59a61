#pragma once

#include "cli/session.h"

/// What `audit` does with files and places besides reading the journal.
namespace consortium::cli {

model::Outcome audit_prove(Session& session, model::Request const& request);
model::Outcome audit_disclose(Session& session, model::Request const& request);
model::Outcome audit_witness(Session& session, model::Request const& request);
model::Outcome audit_recover(Session& session, model::Request const& request);

}  // namespace consortium::cli
