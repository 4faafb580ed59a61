#pragma once

#include "cli/session.h"

namespace consortium::cli {

/// `cert export`: what goes with the private key needs the folder of keys.
model::Outcome cert_export(Session& session, model::Request const& request);

}  // namespace consortium::cli
