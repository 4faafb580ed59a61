#include "cli/clock.h"

#include "core/base/error.h"

#include <chrono>

namespace consortium::cli {

base::Instant SystemClock::now() const {
    auto const since = std::chrono::system_clock::now().time_since_epoch();
    return {std::chrono::floor<std::chrono::seconds>(since).count()};
}

SessionClock::SessionClock(std::string variable, std::function<bool()> is_rehearsal)
    : m_variable(std::move(variable)), m_is_rehearsal(std::move(is_rehearsal)) {}

base::Instant SessionClock::now() const {
    using base::Code;
    using base::Error;
    if (m_fixed) return *m_fixed;
    if (m_variable.empty()) return SystemClock().now();
    if (!m_is_rehearsal()) {
        throw Error(Code::usage, "CONSORTIUM_CLOCK is set, but only a rehearsal may choose its time",
                    "unset CONSORTIUM_CLOCK");
    }
    try {
        m_fixed = base::Instant::from_typed(m_variable);
    } catch (Error const&) {
        throw Error(Code::usage, "CONSORTIUM_CLOCK is '" + m_variable + "', expected a time",
                    "write it as 2026-11-02T12:00:00Z");
    }
    return *m_fixed;
}

}  // namespace consortium::cli
