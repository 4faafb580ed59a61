#pragma once

#include "cli/session.h"

namespace consortium::cli {

// The verbs of `cert` that make a certificate, ask for one or end it, and what people get of it.

model::Outcome cert_issue(Session& session, model::Request const& request);
model::Outcome cert_renew(Session& session, model::Request const& request);
model::Outcome cert_request(Session& session, model::Request const& request);
model::Outcome cert_revoke(Session& session, model::Request const& request);
model::Outcome cert_withdraw(Session& session, model::Request const& request);

model::Outcome cert_issued(Session& session, model::Outcome outcome);
model::Outcome cert_renewed(Session& session, model::Outcome outcome);
model::Outcome cert_requested(Session& session, model::Outcome outcome);

}  // namespace consortium::cli
