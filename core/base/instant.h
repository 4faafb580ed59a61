#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

namespace consortium::base {

/// A length of time in seconds. Written as ISO 8601 without years and months, a day being 24 hours:
/// "P14D", "P1W", "PT6H", "P1DT12H30M"; the command line also takes the short forms "14D", "6H", "30M", "2W",
/// "10S" in either case.
struct Duration {
    std::int64_t seconds = 0;
    auto operator<=>(Duration const&) const = default;

    /// The one canonical form: days (never weeks), then hours, minutes, seconds: 86400 -> "P1D".
    std::string text() const;
    static Duration from_text(std::string_view text);
};

/// A second of UTC. Written as RFC 3339 with 'Z' and without a fraction: "2026-11-02T12:00:00Z".
struct Instant {
    std::int64_t seconds = 0;  // since 1970-01-01T00:00:00Z
    auto operator<=>(Instant const&) const = default;

    std::string text() const;
    /// Exactly the written form. Throws Error(malformed).
    static Instant from_text(std::string_view text);
    /// What people type: also "2026-11-02", "2026-11-02T12:00Z".
    static Instant from_typed(std::string_view text);
};

Instant operator+(Instant instant, Duration duration);
Instant operator-(Instant instant, Duration duration);
Duration operator-(Instant left, Instant right);

/// A day of the UTC calendar, for periods, proration and usage rows.
struct Day {
    std::int32_t number = 0;  // days since 1970-01-01
    auto operator<=>(Day const&) const = default;

    std::string text() const;  // "2026-10-01"
    static Day from_text(std::string_view text);
    Instant start() const;
    static Day of(Instant instant);
};

/// "2026-10" -> its first day and the first day after it.
struct Month {
    Day begin, end;
    static Month from_text(std::string_view text);
};

/// "in 3 days", "2 h ago": for the terminal only.
std::string relative(Instant instant, Instant now);

}  // namespace consortium::base
