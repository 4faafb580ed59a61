#include "core/policy/timelock.h"

#include "core/base/error.h"

#include <algorithm>
#include <fmt/format.h>

namespace consortium::policy {

base::Instant executable_from(Enacted const& enacted) {
    if (enacted.committed.empty()) throw base::Error(base::Code::internal, "a final epoch without commits");
    std::vector<base::Instant> times = enacted.committed;
    std::sort(times.begin(), times.end());
    return std::max(enacted.received, times[times.size() / 2]) + enacted.timelock;
}

model::Verdict executable(Enacted const& enacted, base::Instant now) {
    base::Instant const from = executable_from(enacted);
    model::Verdict verdict;
    verdict.require("lapses", now < enacted.lapses,
                    fmt::format("it can be carried out until {}", enacted.lapses.text()));
    verdict.require("timelock", now >= from, fmt::format("its timelock ends at {}", from.text()),
                    model::Verdict::Ruling::pending);
    if (verdict.ruling == model::Verdict::Ruling::pending) verdict.deadline = from;
    return verdict;
}

}  // namespace consortium::policy
