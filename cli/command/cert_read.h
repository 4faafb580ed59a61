#pragma once

#include "cli/session.h"

namespace consortium::cli {

// The verbs of `cert` that change nothing.

model::Outcome cert_list(Session& session, model::Request const& request);
model::Outcome cert_show(Session& session, model::Request const& request);
model::Outcome cert_check(Session& session, model::Request const& request);
model::Outcome cert_profiles(Session& session, model::Request const& request);
model::Outcome cert_verify(Session& session, model::Request const& request);

}  // namespace consortium::cli
