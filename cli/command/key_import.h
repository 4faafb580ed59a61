#pragma once

#include "cli/session.h"

namespace consortium::cli {

// The verbs of `key` for keys that come from elsewhere, or stay there.

model::Outcome key_import(Session& session, model::Request const& request);
model::Outcome key_trust(Session& session, model::Request const& request);

}  // namespace consortium::cli
