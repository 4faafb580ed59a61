#include "core/model/calendar.h"

#include "core/base/text.h"

#include <doctest/doctest.h>

using namespace consortium;
using model::CalendarEvent;

namespace {

CalendarEvent sample(std::string summary) {
    CalendarEvent out;
    out.uid = "abc-closes";
    out.stamp = base::Instant::from_text("2026-10-01T09:00:00Z");
    out.start = base::Instant::from_text("2026-11-02T12:00:00Z");
    out.summary = std::move(summary);
    out.description = "one\ntwo";
    out.alarms = {base::Duration::from_text("P1D"), base::Duration::from_text("PT2H")};
    return out;
}

std::string text_of(CalendarEvent const& event) {
    return model::calendar_text(std::vector{event});
}

std::vector<std::string> lines_of(std::string const& text) {
    std::vector<std::string> out;
    for (std::size_t at = 0; at < text.size();) {
        auto const end = text.find("\r\n", at);
        REQUIRE(end != std::string::npos);
        out.push_back(text.substr(at, end - at));
        at = end + 2;
    }
    return out;
}

bool has(std::string const& text, std::string const& line) {
    return text.find("\r\n" + line + "\r\n") != std::string::npos;
}

}  // namespace

TEST_CASE("an event with its alarms, in the order and form of RFC 5545") {
    auto const text = text_of(sample("Voting ends"));
    CHECK(text.starts_with("BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:"));
    CHECK(text.ends_with("END:VEVENT\r\nEND:VCALENDAR\r\n"));
    CHECK(has(text, "UID:abc-closes"));
    CHECK(has(text, "DTSTAMP:20261001T090000Z"));
    CHECK(has(text, "DTSTART:20261102T120000Z"));
    CHECK(has(text, "STATUS:CONFIRMED"));
    CHECK(
        has(text, "BEGIN:VALARM\r\nACTION:DISPLAY\r\nDESCRIPTION:Voting ends\r\nTRIGGER:-P1D\r\nEND:VALARM"));
    CHECK(has(text, "TRIGGER:-PT2H"));
    CHECK(text == text_of(sample("Voting ends")));
    auto open = sample("x");
    open.tentative = true;
    CHECK(has(text_of(open), "STATUS:TENTATIVE"));
}

TEST_CASE("texts are escaped; nothing in them can begin a line of its own") {
    auto const text = text_of(sample("a,b;c\\d\r\nATTACH:http://x"));
    CHECK(has(text, "SUMMARY:a\\,b\\;c\\\\d\\nATTACH:http://x"));
    CHECK(has(text, "DESCRIPTION:one\\ntwo"));
    CHECK(has(text_of(sample(std::string("a\0b\x7f\x1b", 5))), "SUMMARY:ab"));
}

TEST_CASE("no line is longer than 75 octets, none is cut inside a character, and unfolding gives the text") {
    for (std::size_t length = 1; length < 400; length += 7) {
        std::string summary;
        for (std::size_t i = 0; i < length; ++i) summary += i % 3 == 0 ? "ü" : i % 3 == 1 ? "€" : "a";
        auto const text = text_of(sample(summary));
        std::string unfolded;
        for (auto const& line : lines_of(text)) {
            CHECK(line.size() <= 75);
            CHECK(base::is_utf8(line));
            CHECK(line.find_first_of("\r\n") == std::string::npos);
            if (line.starts_with(' '))
                unfolded += line.substr(1);
            else
                unfolded += "\n" + line;
        }
        CHECK(unfolded.find("\nSUMMARY:" + summary + "\n") != std::string::npos);
    }
    // A line of exactly 75 octets is not folded, one of 76 is.
    CHECK(has(text_of(sample(std::string(67, 'x'))), "SUMMARY:" + std::string(67, 'x')));
    CHECK(has(text_of(sample(std::string(68, 'x'))), "SUMMARY:" + std::string(67, 'x') + "\r\n x"));
}
