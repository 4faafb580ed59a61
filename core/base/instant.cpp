#include "core/base/instant.h"

#include "core/base/error.h"
#include "core/base/text.h"

#include <algorithm>
#include <chrono>
#include <fmt/format.h>

namespace consortium::base {

namespace {

constexpr std::int64_t day_seconds = 86'400;
constexpr std::int64_t max_duration = 36'500 * day_seconds;  // a century: beyond it, arithmetic is a mistake

[[noreturn]] void malformed(std::string_view text, std::string_view expected) {
    throw Error(Code::malformed, fmt::format("'{}' is not {}", printable(text.substr(0, 80)), expected));
}

bool is_digit(char character) {
    return character >= '0' && character <= '9';
}

/// Matches `text` against a pattern in which '0' stands for any digit.
bool looks_like(std::string_view text, std::string_view pattern) {
    if (text.size() != pattern.size()) return false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (pattern[i] == '0' ? !is_digit(text[i]) : text[i] != pattern[i]) return false;
    }
    return true;
}

int number_at(std::string_view text, std::size_t begin, std::size_t count) {
    int value = 0;
    for (char digit : text.substr(begin, count)) value = value * 10 + (digit - '0');
    return value;
}

/// The days since 1970 of "2026-10-01", its form being known.
std::int64_t days_of(std::string_view text) {
    std::chrono::year_month_day const date{std::chrono::year(number_at(text, 0, 4)),
                                           std::chrono::month(static_cast<unsigned>(number_at(text, 5, 2))),
                                           std::chrono::day(static_cast<unsigned>(number_at(text, 8, 2)))};
    if (!date.ok()) malformed(text, "a day of the calendar");
    return std::chrono::sys_days(date).time_since_epoch().count();
}

std::string day_text(std::int64_t days) {
    std::chrono::year_month_day const date{std::chrono::sys_days(std::chrono::days(days))};
    return fmt::format("{:04}-{:02}-{:02}", static_cast<int>(date.year()),
                       static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()));
}

std::int64_t floor_days(std::int64_t seconds) {
    return seconds >= 0 ? seconds / day_seconds : -((-seconds + day_seconds - 1) / day_seconds);
}

std::int64_t unit_seconds(char unit) {
    switch (unit) {
        case 'W':
            return 7 * day_seconds;
        case 'D':
            return day_seconds;
        case 'H':
            return 3600;
        case 'M':
            return 60;
        case 'S':
            return 1;
        default:
            return 0;
    }
}

constexpr std::string_view duration_form =
    "a duration: write P14D, P1W, PT6H or P1DT12H (W, D, H, M, S; months and years have no fixed length)";

/// One "<digits><unit>" off the front. Units must come in falling order, so each has one place.
std::int64_t take_part(std::string_view& rest, std::string_view whole, std::int64_t& last_unit) {
    std::size_t count = 0;
    while (count < rest.size() && is_digit(rest[count])) ++count;
    if (count == 0 || count > 10 || count == rest.size()) malformed(whole, duration_form);
    std::int64_t const unit = unit_seconds(rest[count]);
    if (unit == 0 || unit >= last_unit) malformed(whole, duration_form);
    last_unit = unit;
    std::int64_t value = 0;
    for (char digit : rest.substr(0, count)) value = value * 10 + (digit - '0');
    if (value > max_duration / unit) malformed(whole, "a duration of at most 36500 days");
    rest.remove_prefix(count + 1);
    return value * unit;
}

}  // namespace

std::string Duration::text() const {
    if (seconds < 0) return "-" + Duration{-seconds}.text();
    if (seconds == 0) return "PT0S";
    std::string out = "P";
    if (std::int64_t const days = seconds / day_seconds; days > 0) out += fmt::format("{}D", days);
    std::int64_t const rest = seconds % day_seconds;
    if (rest > 0) out += 'T';
    if (rest / 3600 > 0) out += fmt::format("{}H", rest / 3600);
    if (rest / 60 % 60 > 0) out += fmt::format("{}M", rest / 60 % 60);
    if (rest % 60 > 0) out += fmt::format("{}S", rest % 60);
    return out;
}

Duration Duration::from_text(std::string_view text) {
    std::string upper(text.substr(0, 64));
    for (char& character : upper) {
        if (character >= 'a' && character <= 'z') character = static_cast<char>(character - 'a' + 'A');
    }
    std::string_view rest = upper;
    bool const iso = rest.starts_with('P');
    if (iso) rest.remove_prefix(1);
    bool timed = !iso;  // the short forms have no T
    bool separated = false;
    std::int64_t total = 0;
    std::int64_t last_unit = 8 * day_seconds;
    if (rest.empty() || text.size() > 64) malformed(text, duration_form);
    while (!rest.empty()) {
        if (iso && !separated && rest.starts_with('T')) {
            timed = separated = true;
            rest.remove_prefix(1);
            last_unit = std::min(last_unit, day_seconds);
            if (rest.empty()) malformed(text, duration_form);
        }
        total += take_part(rest, text, last_unit);
        if (last_unit < day_seconds && !timed) malformed(text, duration_form);
    }
    if (total > max_duration) malformed(text, "a duration of at most 36500 days");
    return {total};
}

std::string Instant::text() const {
    std::int64_t const days = floor_days(seconds);
    std::int64_t const rest = seconds - days * day_seconds;
    return fmt::format("{}T{:02}:{:02}:{:02}Z", day_text(days), rest / 3600, rest / 60 % 60, rest % 60);
}

Instant Instant::from_text(std::string_view text) {
    constexpr std::string_view form = "a time: write 2026-11-02T12:00:00Z (UTC, whole seconds)";
    if (!looks_like(text, "0000-00-00T00:00:00Z")) malformed(text, form);
    int const hour = number_at(text, 11, 2);
    int const minute = number_at(text, 14, 2);
    int const second = number_at(text, 17, 2);
    if (hour > 23 || minute > 59 || second > 59) malformed(text, form);
    return {days_of(text.substr(0, 10)) * day_seconds + hour * 3600 + minute * 60 + second};
}

Instant Instant::from_typed(std::string_view text) {
    if (looks_like(text, "0000-00-00")) return from_text(std::string(text) + "T00:00:00Z");
    if (looks_like(text, "0000-00-00T00:00Z")) return from_text(std::string(text.substr(0, 16)) + ":00Z");
    return from_text(text);
}

namespace {

// Whatever is computed from times that others chose can still be written and read again.
Instant within_calendar(std::int64_t seconds) {
    constexpr std::int64_t first = -62'167'219'200, last = 253'402'300'799;
    return {std::clamp(seconds, first, last)};
}

}  // namespace

Instant operator+(Instant instant, Duration duration) {
    return within_calendar(instant.seconds + duration.seconds);
}

Instant operator-(Instant instant, Duration duration) {
    return within_calendar(instant.seconds - duration.seconds);
}

Duration operator-(Instant left, Instant right) {
    return {left.seconds - right.seconds};
}

std::string Day::text() const {
    return day_text(number);
}

Day Day::from_text(std::string_view text) {
    if (!looks_like(text, "0000-00-00")) malformed(text, "a day: write 2026-10-01");
    return {static_cast<std::int32_t>(days_of(text))};
}

Instant Day::start() const {
    return {number * day_seconds};
}

Day Day::of(Instant instant) {
    return {static_cast<std::int32_t>(floor_days(instant.seconds))};
}

Month Month::from_text(std::string_view text) {
    if (!looks_like(text, "0000-00")) malformed(text, "a month: write 2026-10");
    Day const begin = Day::from_text(std::string(text) + "-01");
    // The 1st plus 31 days is always in the next month.
    std::string const next = Day{begin.number + 31}.text();
    return {begin, Day::from_text(next.substr(0, 7) + "-01")};
}

std::string relative(Instant instant, Instant now) {
    std::int64_t const away = instant.seconds - now.seconds;
    std::int64_t const size = away < 0 ? -away : away;
    auto say = [&](std::int64_t count, std::string_view unit) {
        return away < 0 ? fmt::format("{} {} ago", count, unit) : fmt::format("in {} {}", count, unit);
    };
    if (size < 60) return away == 0 ? "now" : say(size, "s");
    if (size < 3600) return say(size / 60, "min");
    if (size < 2 * day_seconds) return say(size / 3600, "h");
    return say(size / day_seconds, "days");
}

}  // namespace consortium::base
