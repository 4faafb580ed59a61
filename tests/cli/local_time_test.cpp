#include "cli/local_time.h"

#include <doctest/doctest.h>

namespace base = consortium::base;
namespace model = consortium::model;
using consortium::cli::has_time;
using consortium::cli::LocalTimes;

TEST_CASE("a time gains the clock of the zone, and the day where it is another one") {
    LocalTimes const zurich(base::Zone::find("Europe/Zurich").value(), "Europe/Zurich");
    CHECK(zurich.in("closes 2026-11-02T12:00:00Z.") == "closes 2026-11-02T12:00:00Z (13:00 Europe/Zurich).");
    CHECK(zurich.in("2026-07-31T22:30:00Z") == "2026-07-31T22:30:00Z (2026-08-01 00:30 Europe/Zurich)");
    // The hour that comes twice: UTC in front tells them apart.
    CHECK(zurich.in("2026-10-25T00:30:00Z, 2026-10-25T01:30:00Z") ==
          "2026-10-25T00:30:00Z (02:30 Europe/Zurich), 2026-10-25T01:30:00Z (02:30 Europe/Zurich)");
}

TEST_CASE("what is no time, or is made for programs, stays as it is") {
    LocalTimes const tokyo(base::Zone::find("Asia/Tokyo").value(), "Asia/Tokyo");
    for (char const* text : {"", "2026-11-02", "2026-11-02T12:00:00", "2026-02-30T12:00:00Z",
                             "x2026-11-02T12:00:00Z", "2026-11-02T12:00:00Zx"}) {
        CAPTURE(text);
        CHECK(tokyo.in(text) == text);
    }
    CHECK(LocalTimes().in("2026-11-02T12:00:00Z") == "2026-11-02T12:00:00Z");
    CHECK(has_time("at 2026-11-02T12:00:00Z"));
    CHECK_FALSE(has_time("at 2026-11-02"));
    model::Outcome outcome;
    outcome.next = {"consortium x --closes 2026-11-02T12:00:00Z"};
    outcome.text = {model::Fields{{{"closes", "2026-11-02T12:00:00Z"}}},
                    model::Table{{"closes"}, {{"2026-11-02T12:00:00Z"}}, ""}};
    auto const shown = tokyo.in(outcome);
    CHECK(shown.next == outcome.next);
    auto const expected = "2026-11-02T12:00:00Z (21:00 Asia/Tokyo)";
    CHECK(std::get<model::Fields>(shown.text[0]).rows[0].second == expected);
    CHECK(std::get<model::Table>(shown.text[1]).rows[0][0] == expected);
}
