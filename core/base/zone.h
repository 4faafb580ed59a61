#pragma once

#include "core/base/bytes.h"
#include "core/base/file.h"
#include "core/base/instant.h"

#include <optional>
#include <utility>
#include <vector>

namespace consortium::base {

/// A rule of a zone for the years after its table, from a TZif footer: when summer time begins or ends.
struct ZoneRule {
    enum class Form { month_week_day, julian, day_of_year } form = Form::month_week_day;
    int month = 0, week = 0, day = 0;
    std::int64_t time = 0;  // seconds after local midnight
};

/// What is in force after the last change of the table: one offset, or two by the time of the year.
struct ZoneTail {
    std::int64_t standard = 0, summer = 0;  // seconds east of UTC
    std::optional<std::pair<ZoneRule, ZoneRule>> rules;
};

/// A zone of civil time, as the time-zone database of the system describes it (TZif, RFC 8536). For what
/// people read; nothing is ever decided by it.
class Zone {
public:
    /// Throws Error(malformed).
    static Zone from_tzif(BytesView bytes);
    /// The zone of that name, or none if the system does not know it.
    static std::optional<Zone> find(std::string_view name, Path const& database = "/usr/share/zoneinfo");

    /// What to add to UTC at that instant.
    Duration offset(Instant instant) const;

private:
    std::vector<std::int64_t> m_changes;  // rising
    std::vector<std::int32_t> m_offsets;  // after each change
    std::int32_t m_first = 0;             // before all
    std::optional<ZoneTail> m_tail;
};

}  // namespace consortium::base
