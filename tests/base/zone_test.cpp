#include "core/base/zone.h"

#include "core/base/error.h"

#include <doctest/doctest.h>

namespace base = consortium::base;
using base::Instant;
using base::Zone;

namespace {

/// A zone as its footer alone, as slim files have it: no table.
Zone with_footer(std::string const& footer) {
    std::string const header = std::string("TZif2") + std::string(15, '\0');
    auto const counts = [](char types, char letters) {
        std::string out(24, '\0');
        out[19] = types;
        out[23] = letters;
        return out;
    };
    std::string const type(6, '\0');
    auto const part = header + counts(1, 4) + type + std::string("UTC\0", 4);
    auto const whole = part + part + "\n" + footer + "\n";
    return Zone::from_tzif(base::as_bytes(whole));
}

std::string local(Zone const& zone, char const* instant) {
    auto const at = Instant::from_text(instant);
    return (at + zone.offset(at)).text().substr(0, 16);
}

bool is_malformed(std::string const& bytes) {
    try {
        static_cast<void>(Zone::from_tzif(base::as_bytes(bytes)));
    } catch (base::Error const& error) {
        return error.code() == base::Code::malformed;
    }
    return false;
}

}  // namespace

// Zones that have names are checked against what Python's zoneinfo says of the same instants.
TEST_CASE("summer time begins and ends at the second, in the table and after it") {
    auto const zurich = Zone::find("Europe/Zurich");
    REQUIRE(zurich);
    auto const later = with_footer("CET-1CEST,M3.5.0,M10.5.0/3");
    for (auto const& zone : {*zurich, later}) {
        CHECK(local(zone, "2026-03-29T00:59:59Z") == "2026-03-29T01:59");
        CHECK(local(zone, "2026-03-29T01:00:00Z") == "2026-03-29T03:00");
        CHECK(local(zone, "2026-10-25T00:59:59Z") == "2026-10-25T02:59");
        CHECK(local(zone, "2026-10-25T01:00:00Z") == "2026-10-25T02:00");
        CHECK(local(zone, "2026-12-31T23:30:00Z") == "2027-01-01T00:30");
        CHECK(local(zone, "2060-07-01T12:00:00Z") == "2060-07-01T14:00");
        CHECK(local(zone, "2060-10-31T01:00:00Z") == "2060-10-31T02:00");
    }
    CHECK(local(*zurich, "1975-07-01T12:00:00Z") == "1975-07-01T13:00");  // no summer time then
}

TEST_CASE("south of the equator, half hours, no summer time, negative summer time, days of the year") {
    auto const auckland = with_footer("NZST-12NZDT,M9.5.0,M4.1.0/3");
    CHECK(local(auckland, "2040-01-15T12:00:00Z") == "2040-01-16T01:00");
    CHECK(local(auckland, "2040-07-15T12:00:00Z") == "2040-07-16T00:00");
    auto const kolkata = with_footer("IST-5:30");
    CHECK(local(kolkata, "2040-07-15T12:00:00Z") == "2040-07-15T17:30");
    auto const teheran = with_footer("<+0330>-3:30");
    CHECK(local(teheran, "2040-07-15T12:00:00Z") == "2040-07-15T15:30");
    auto const dublin = with_footer("IST-1GMT0,M10.5.0,M3.5.0/1");
    CHECK(local(dublin, "2040-07-15T12:00:00Z") == "2040-07-15T13:00");
    CHECK(local(dublin, "2040-12-15T12:00:00Z") == "2040-12-15T12:00");
    auto const julian = with_footer("AAA0BBB,J60/0,J300/0");  // 1 March in every year
    CHECK(local(julian, "2040-02-29T12:00:00Z") == "2040-02-29T12:00");
    CHECK(local(julian, "2040-03-01T12:00:00Z") == "2040-03-01T13:00");
}

TEST_CASE("only names below the database are zones") {
    CHECK(Zone::find("UTC"));
    for (char const* name : {"", "Europe/Zurch", "Europe", "/etc/localtime", "../zoneinfo/UTC", "Europe/"}) {
        CAPTURE(name);
        CHECK_FALSE(Zone::find(name));
    }
    base::TemporaryFolder empty;
    CHECK_FALSE(Zone::find("UTC", empty.path()));
}

TEST_CASE("a zone's file that is cut or counts wrongly is malformed") {
    auto const good = base::read_text("/usr/share/zoneinfo/Europe/Zurich", 1u << 16);
    for (std::size_t size = 0; size < good.size(); ++size) CHECK(is_malformed(good.substr(0, size)));
    auto wrong = good;
    wrong[32] = '\x7f';  // the number of changes
    CHECK(is_malformed(wrong));
    CHECK(is_malformed("TZif1" + good.substr(5)));
}
