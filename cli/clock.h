#pragma once

#include "core/port/clock.h"

#include <functional>
#include <optional>
#include <string>

namespace consortium::cli {

/// The system's clock, in whole seconds of UTC.
class SystemClock : public port::Clock {
public:
    base::Instant now() const override;
};

/// The session's clock: the system's, or in a rehearsal what CONSORTIUM_CLOCK says. Anywhere else that
/// variable is refused (Error(usage)): nobody may choose the time of a real consortium.
class SessionClock : public port::Clock {
public:
    /// `is_rehearsal` is asked at most once, and only where the variable is set.
    SessionClock(std::string variable, std::function<bool()> is_rehearsal);
    base::Instant now() const override;

private:
    std::string m_variable;
    std::function<bool()> m_is_rehearsal;
    mutable std::optional<base::Instant> m_fixed;
};

}  // namespace consortium::cli
