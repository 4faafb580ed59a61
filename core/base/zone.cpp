#include "core/base/zone.h"

#include "core/base/error.h"

#include <algorithm>
#include <cctype>
#include <chrono>

namespace consortium::base {

namespace {

constexpr std::int64_t day_seconds = 86'400;
constexpr std::size_t max_file = 64u << 10;
constexpr std::size_t max_name = 64;

[[noreturn]] void malformed(std::string const& what) {
    throw Error(Code::malformed, "a time zone's file " + what);
}

/// A cursor over bytes of which none may be missing.
class Cursor {
public:
    explicit Cursor(BytesView bytes) : m_rest(bytes) {}
    BytesView take(std::size_t count) {
        if (count > m_rest.size()) malformed("is cut off");
        auto const part = m_rest.first(count);
        m_rest = m_rest.subspan(count);
        return part;
    }
    std::uint32_t number() {
        std::uint32_t value = 0;
        for (auto const byte : take(4)) value = value << 8 | byte;
        return value;
    }
    std::int64_t instant() { return static_cast<std::int64_t>(read_u64(take(8))); }
    BytesView rest() const { return m_rest; }

private:
    BytesView m_rest;
};

/// RFC 8536, section 3.1.
struct Header {
    std::uint32_t utc_marks, standard_marks, leaps, times, types, letters;

    static Header read(Cursor& in) {
        auto const start = in.take(20);
        if (as_text(start.first(4)) != "TZif") malformed("does not begin with TZif");
        if (start[4] < '2') malformed("is of version 1");
        Header out{in.number(), in.number(), in.number(), in.number(), in.number(), in.number()};
        if (out.times > max_file || out.types > max_file || out.letters > max_file || out.leaps > max_file ||
            out.types == 0) {
            malformed("counts what it cannot hold");
        }
        return out;
    }
    std::size_t body(std::size_t time_size) const {
        return times * (time_size + 1) + types * 6 + letters + leaps * (time_size + 4) + standard_marks +
               utc_marks;
    }
};

// ── The footer: a POSIX TZ string, RFC 8536 section 3.3 ──

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

/// Reads "CET-1CEST,M3.5.0,M10.5.0/3" from left to right.
class Footer {
public:
    explicit Footer(std::string_view text) : m_rest(text) {}

    ZoneTail read() {
        ZoneTail tail;
        skip_name();
        tail.standard = tail.summer = -time();  // POSIX counts west of Greenwich
        if (m_rest.empty()) return tail;
        skip_name();
        tail.summer = m_rest.starts_with(',') ? tail.standard + 3600 : -time();
        expect(',');
        auto const begin = rule();
        expect(',');
        tail.rules.emplace(begin, rule());
        if (!m_rest.empty()) malformed("has a footer that goes on");
        return tail;
    }

private:
    bool take(char c) {
        if (!m_rest.starts_with(c)) return false;
        m_rest.remove_prefix(1);
        return true;
    }
    void expect(char c) {
        if (!take(c)) malformed("has a footer of another form");
    }
    void skip_name() {
        bool const quoted = take('<');
        std::size_t size = 0;
        while (size < m_rest.size() &&
               (quoted ? m_rest[size] != '>' : std::isalpha(static_cast<unsigned char>(m_rest[size])) != 0))
            ++size;
        if (size == 0) malformed("has a footer without a name");
        m_rest.remove_prefix(size);
        if (quoted) expect('>');
    }
    int number(int largest) {
        int value = 0;
        std::size_t size = 0;
        while (size < m_rest.size() && size < 4 && is_digit(m_rest[size]))
            value = value * 10 + (m_rest[size++] - '0');
        if (size == 0 || value > largest) malformed("has a number in its footer that cannot be");
        m_rest.remove_prefix(size);
        return value;
    }
    std::int64_t time() {
        bool const negative = take('-');
        if (!negative) take('+');
        std::int64_t seconds = number(167) * std::int64_t{3600};
        if (take(':')) seconds += number(59) * std::int64_t{60};
        if (take(':')) seconds += number(59);
        return negative ? -seconds : seconds;
    }
    ZoneRule rule() {
        ZoneRule out;
        if (take('M')) {
            out.month = number(12);
            expect('.');
            out.week = number(5);
            expect('.');
            out.day = number(6);
            if (out.month == 0 || out.week == 0) malformed("has a rule of no month or week");
        } else {
            out.form = take('J') ? ZoneRule::Form::julian : ZoneRule::Form::day_of_year;
            out.day = number(365);
        }
        out.time = take('/') ? time() : 2 * std::int64_t{3600};
        return out;
    }

    std::string_view m_rest;
};

/// Local seconds, counted as if they were UTC, at which a rule applies in a year.
std::int64_t moment(ZoneRule const& rule, std::chrono::year year) {
    using namespace std::chrono;
    sys_days day = year / January / 1;
    if (rule.form == ZoneRule::Form::month_week_day) {
        auto const in_month = year / month(static_cast<unsigned>(rule.month));
        auto const day_of_week = weekday(static_cast<unsigned>(rule.day));
        day = rule.week == 5 ? sys_days(in_month / day_of_week[last])
                             : sys_days(in_month / day_of_week[static_cast<unsigned>(rule.week)]);
    } else {
        // Julian days leave 29 February out, and count from 1.
        bool const leaps = rule.form == ZoneRule::Form::julian && year.is_leap() && rule.day >= 60;
        int const first = rule.form == ZoneRule::Form::julian ? 1 : 0;
        day += days(rule.day - first + (leaps ? 1 : 0));
    }
    return day.time_since_epoch().count() * day_seconds + rule.time;
}

std::int64_t tail_offset(ZoneTail const& tail, std::int64_t seconds) {
    if (!tail.rules) return tail.standard;
    using namespace std::chrono;
    auto const local_day = floor<days>(sys_seconds(std::chrono::seconds(seconds + tail.standard)));
    auto const year = year_month_day(local_day).year();
    auto const begin = moment(tail.rules->first, year) - tail.standard;
    auto const end = moment(tail.rules->second, year) - tail.summer;
    bool const summer = begin < end ? seconds >= begin && seconds < end : seconds >= begin || seconds < end;
    return summer ? tail.summer : tail.standard;
}

}  // namespace

Zone Zone::from_tzif(BytesView bytes) {
    if (bytes.size() > max_file) malformed("is too large");
    Cursor in(bytes);
    in.take(Header::read(in).body(4));  // for readers of 32 bits
    auto const header = Header::read(in);
    Zone zone;
    for (std::uint32_t i = 0; i < header.times; ++i) zone.m_changes.push_back(in.instant());
    if (!std::is_sorted(zone.m_changes.begin(), zone.m_changes.end())) malformed("is not in order");
    auto const kinds = in.take(header.times);
    std::vector<std::int32_t> offsets;
    for (std::uint32_t i = 0; i < header.types; ++i) {
        offsets.push_back(static_cast<std::int32_t>(in.number()));
        in.take(2);
    }
    for (auto const kind : kinds) {
        if (kind >= offsets.size()) malformed("names a kind of time that it does not have");
        zone.m_offsets.push_back(offsets[kind]);
    }
    zone.m_first = offsets.front();
    in.take(header.letters + std::size_t{header.leaps} * 12 + header.standard_marks + header.utc_marks);
    auto const footer = as_text(in.rest());
    if (footer.size() < 2 || footer.front() != '\n' || footer.back() != '\n') malformed("has no footer");
    if (footer.size() > 2) zone.m_tail = Footer(footer.substr(1, footer.size() - 2)).read();
    return zone;
}

std::optional<Zone> Zone::find(std::string_view name, Path const& database) {
    // A name stays below the database: no absolute path, no dots, as in the charter.
    auto const allowed = [](char c) {
        return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '+' || c == '-' ||
               c == '/';
    };
    bool const plain = !name.empty() && name.size() <= max_name && name.front() != '/' &&
                       name.back() != '/' && std::all_of(name.begin(), name.end(), allowed);
    std::error_code failure;
    if (!plain || !std::filesystem::is_regular_file(database / name, failure)) return std::nullopt;
    return from_tzif(read_file(database / name, max_file));
}

Duration Zone::offset(Instant instant) const {
    auto const after = std::upper_bound(m_changes.begin(), m_changes.end(), instant.seconds);
    if (after == m_changes.end() && m_tail) return {tail_offset(*m_tail, instant.seconds)};
    if (after == m_changes.begin()) return {m_first};
    return {m_offsets[static_cast<std::size_t>(after - m_changes.begin() - 1)]};
}

}  // namespace consortium::base
