#include "core/base/instant.h"

#include "core/base/error.h"

#include <doctest/doctest.h>

using namespace consortium::base;

TEST_CASE("instants are RFC 3339 in UTC with whole seconds") {
    // Values from GNU date: date -u -d 2026-11-02T12:00:00Z +%s …
    CHECK(Instant::from_text("2026-11-02T12:00:00Z").seconds == 1793620800);
    CHECK(Instant::from_text("1969-12-31T23:59:59Z").seconds == -1);
    CHECK(Instant::from_text("2000-02-29T00:00:00Z").seconds == 951782400);
    CHECK(Instant{1793620800}.text() == "2026-11-02T12:00:00Z");
    CHECK(Instant{-1}.text() == "1969-12-31T23:59:59Z");
    CHECK(Instant{951782400}.text() == "2000-02-29T00:00:00Z");
    for (char const* text :
         {"2026-11-02", "2026-11-02T12:00Z", "2026-11-02T12:00:00", "2026-11-02T12:00:00+00:00",
          "2026-13-02T12:00:00Z", "2026-02-30T12:00:00Z", "1900-02-29T00:00:00Z", "2026-11-02T24:00:00Z",
          "2026-11-02T12:60:00Z", "2026-11-02T12:00:60Z", "2026-11-02t12:00:00z", "2026-11-02T12:00:00.5Z",
          " 2026-11-02T12:00:00Z", ""}) {
        CAPTURE(text);
        CHECK_THROWS_AS(Instant::from_text(text), Error);
    }
    CHECK(Instant::from_typed("2026-11-02").text() == "2026-11-02T00:00:00Z");
    CHECK(Instant::from_typed("2026-11-02T12:00Z").text() == "2026-11-02T12:00:00Z");
    CHECK_THROWS_AS(Instant::from_typed("tomorrow"), Error);
}

TEST_CASE("durations have one canonical form and two spellings") {
    CHECK(Duration::from_text("P14D").seconds == 14 * 86400);
    CHECK(Duration::from_text("P1W").text() == "P7D");
    CHECK(Duration::from_text("PT6H").text() == "PT6H");
    CHECK(Duration::from_text("P1DT12H30M").seconds == 131400);
    CHECK(Duration::from_text("P1DT12H30M").text() == "P1DT12H30M");
    CHECK(Duration::from_text("36h").text() == "P1DT12H");
    CHECK(Duration::from_text("1d12h").text() == "P1DT12H");
    CHECK(Duration::from_text("30M").seconds == 1800);
    CHECK(Duration::from_text("10S").text() == "PT10S");
    CHECK(Duration::from_text("PT0S").text() == "PT0S");
    for (char const* text : {"", "P", "PT", "14", "D", "-P1D", "P1Y", "P1M", "PT1D", "P1H", "P1D2D", "PT1M1H",
                             "P1DT", "P1.5D", "P1D ", "P99999999999D", "P36501D", "PTT1H", "1Y"}) {
        CAPTURE(text);
        CHECK_THROWS_AS(Duration::from_text(text), Error);
    }
}

TEST_CASE("days and months") {
    CHECK(Day::from_text("2026-10-01").number == 20727);
    CHECK(Day{20727}.text() == "2026-10-01");
    CHECK(Day::of(Instant{-1}).text() == "1969-12-31");
    CHECK(Day::of(Day{20727}.start()) == Day{20727});
    for (char const* month : {"2026-02", "2024-02", "2026-12", "2026-04"}) {
        Month const read = Month::from_text(month);
        CHECK(read.begin.text() == std::string(month) + "-01");
        CHECK(read.end.text().ends_with("-01"));
    }
    CHECK(Month::from_text("2024-02").end.number - Month::from_text("2024-02").begin.number == 29);
    CHECK(Month::from_text("2026-12").end.text() == "2027-01-01");
    CHECK_THROWS_AS(Month::from_text("2026-13"), Error);
}

TEST_CASE("what is computed from any time can be written and read: the calendar ends with the year 9999") {
    auto const last = Instant::from_text("9999-12-31T23:59:59Z");
    CHECK(last + Duration{1} == last);
    CHECK((last + Duration::from_text("P30D")).text() == "9999-12-31T23:59:59Z");
    auto const first = Instant::from_text("0000-01-01T00:00:00Z");
    CHECK(first - Duration{1} == first);
    CHECK(first - Duration{-1} == first + Duration{1});
}

TEST_CASE("relative times are for people") {
    Instant const now{1'000'000};
    CHECK(relative(now + Duration{3 * 86400}, now) == "in 3 days");
    CHECK(relative(now - Duration{7200}, now) == "2 h ago");
    CHECK(relative(now, now) == "now");
}
