#pragma once

#include "core/base/instant.h"

#include <span>
#include <string>
#include <vector>

namespace consortium::model {

/// A moment that a calendar should remind somebody of.
struct CalendarEvent {
    std::string uid;            // for ever the same for the same thing, so that a later file replaces it
    base::Instant stamp;        // when what it says was last true: never the time of writing
    std::int64_t sequence = 0;  // rises with each revision
    base::Instant start;
    std::string summary, description;
    bool tentative = false;              // it depends on something that is not decided yet
    std::vector<base::Duration> alarms;  // how long before the start
};

/// An iCalendar object (RFC 5545): lines end in CR LF, are folded at 75 octets and never inside a character;
/// texts are escaped; times are UTC, so that no zone definition is needed. The same events give the same
/// bytes.
std::string calendar_text(std::span<CalendarEvent const> events);

}  // namespace consortium::model
