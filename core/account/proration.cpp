#include "core/account/proration.h"

#include <algorithm>

namespace consortium::account {

int days_in(base::Month const& month) {
    return month.end.number - month.begin.number;
}

int member_days(base::Month const& month, base::Instant joined, std::optional<base::Instant> left) {
    auto const begin = std::max(month.begin, base::Day::of(joined));
    auto const end = left ? std::min(month.end, base::Day::of(*left)) : month.end;
    return std::max(0, end.number - begin.number);
}

}  // namespace consortium::account
