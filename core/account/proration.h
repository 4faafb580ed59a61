#pragma once

#include "core/base/instant.h"

#include <optional>

namespace consortium::account {

int days_in(base::Month const& month);

/// The member-days of [joined, left) that lie in the month, by UTC days: the day of joining counts, the day
/// of leaving does not. Without `left` the membership has no end.
int member_days(base::Month const& month, base::Instant joined, std::optional<base::Instant> left);

}  // namespace consortium::account
