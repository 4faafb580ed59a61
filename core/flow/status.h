#pragma once

#include "core/flow/services.h"
#include "core/model/outcome.h"

namespace consortium::flow {

/// What waits for this officer, what expires within `horizon`, what is wrong. Reads indexed rows only: its
/// cost does not grow with the journal.
/// Members whose heads stand still for longer than `alarm` are wrong; none for an alarm of no time.
model::Outcome status(port::Store const& store, Identity const& self, base::Instant now,
                      base::Duration horizon, base::Duration alarm = {});

}  // namespace consortium::flow
