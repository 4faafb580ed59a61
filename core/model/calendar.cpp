#include "core/model/calendar.h"

#include <algorithm>

namespace consortium::model {

namespace {

constexpr std::size_t longest_line = 75;  // octets, without the line's end (section 3.1)

bool continues_character(char c) {
    return (static_cast<unsigned char>(c) & 0xC0u) == 0x80u;
}

/// A content line, folded: what follows begins with a blank, which counts.
void add_line(std::string& out, std::string_view line) {
    std::size_t room = longest_line;
    while (line.size() > room) {
        auto cut = room;
        while (cut > 0 && continues_character(line[cut])) --cut;
        if (cut == 0) cut = room;  // no UTF-8: cut anywhere
        out.append(line.substr(0, cut)).append("\r\n ");
        line.remove_prefix(cut);
        room = longest_line - 1;
    }
    out.append(line).append("\r\n");
}

/// TEXT (section 3.3.11). Other control characters have no form there and are left out.
std::string escaped(std::string_view text) {
    std::string out;
    for (char const c : text) {
        if (c == '\\' || c == ';' || c == ',') out += '\\';
        if (c == '\n') {
            out += "\\n";
        } else if (static_cast<unsigned char>(c) >= 0x20 && c != 0x7F) {
            out += c;
        }
    }
    return out;
}

/// "20261102T120000Z" (section 3.3.5, form 2).
std::string moment(base::Instant instant) {
    auto text = instant.text();
    text.erase(std::remove_if(text.begin(), text.end(), [](char c) { return c == '-' || c == ':'; }),
               text.end());
    return text;
}

void add_alarm(std::string& out, CalendarEvent const& event, base::Duration before) {
    add_line(out, "BEGIN:VALARM");
    add_line(out, "ACTION:DISPLAY");
    add_line(out, "DESCRIPTION:" + escaped(event.summary));
    add_line(out, "TRIGGER:-" + before.text());
    add_line(out, "END:VALARM");
}

void add_event(std::string& out, CalendarEvent const& event) {
    add_line(out, "BEGIN:VEVENT");
    add_line(out, "UID:" + escaped(event.uid));
    add_line(out, "DTSTAMP:" + moment(event.stamp));
    add_line(out, "SEQUENCE:" + std::to_string(event.sequence));
    add_line(out, "DTSTART:" + moment(event.start));
    add_line(out, "SUMMARY:" + escaped(event.summary));
    add_line(out, "DESCRIPTION:" + escaped(event.description));
    add_line(out, event.tentative ? "STATUS:TENTATIVE" : "STATUS:CONFIRMED");
    add_line(out, "TRANSP:TRANSPARENT");
    for (auto const& alarm : event.alarms) add_alarm(out, event, alarm);
    add_line(out, "END:VEVENT");
}

}  // namespace

std::string calendar_text(std::span<CalendarEvent const> events) {
    std::string out;
    add_line(out, "BEGIN:VCALENDAR");
    add_line(out, "VERSION:2.0");
    add_line(out, "PRODID:-//consortium//proposals//EN");
    add_line(out, "CALSCALE:GREGORIAN");
    for (auto const& event : events) add_event(out, event);
    add_line(out, "END:VCALENDAR");
    return out;
}

}  // namespace consortium::model
