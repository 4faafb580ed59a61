#pragma once

#include "core/port/evidence.h"

namespace consortium::agreement {

/// Why a timely act of an officer does not count on a proposal although its key stands: "member suspended" by
/// the present epoch; "role ended" before the time that the statements give the act (PROTOCOL P5), whatever
/// time it gives itself, by the grants in the epoch that it names. Empty: it counts.
std::string ended(port::Evidence const& evidence, model::Epoch const& current, model::Act const& act,
                  base::Instant time);

}  // namespace consortium::agreement
