#include "core/account/usage_reader.h"

#include "core/account/usage_table.h"
#include "core/base/csv.h"
#include "core/base/error.h"
#include "core/base/text.h"

#include <algorithm>
#include <cstring>
#include <fmt/format.h>
#include <optional>

namespace consortium::account {

using base::Error;

namespace {

enum class Column { date, member, node, quantity };

constexpr char const* usual_header = "date,member,node,transactions,bytes,gas";
constexpr std::array<std::string_view, 6> usual_columns{"date",         "member", "node",
                                                        "transactions", "bytes",  "gas"};
/// 18 digits always fit 63 bits; longer ones take the slow path.
constexpr int safe_digits = 18;

/// Bytes that may stand inside a node's name on the fast path: printable ASCII but the quote and the comma.
constexpr auto plain_bytes = [] {
    std::array<bool, 256> plain{};
    for (int byte = 0x20; byte < 0x7f; ++byte) plain[byte] = byte != '"' && byte != ',';
    return plain;
}();

bool is_plain(char byte) {
    return plain_bytes[static_cast<unsigned char>(byte)];
}
unsigned digit_of(char byte) {
    return static_cast<unsigned char>(byte) - unsigned{'0'};
}

}  // namespace

struct UsageReader::Parts {
    UsageRules rules;
    base::TextPlace spot;  // the last line begun
    std::string prefix;    // "2026-10-"
    int month_days = 0;
    std::vector<Column> columns;
    std::vector<std::string> names;  // of all columns
    std::vector<std::string> quantity_names;
    std::optional<UsageTable> table;
    std::string carry;  // the start of a line whose end was not fed yet
    std::string header;
    std::uint64_t rows = 0;
    std::vector<std::int64_t> row;  // quantities of the row being read

    void take_lines(std::string_view lines);
    void take_line(std::string_view text);
    void read_header(std::string_view text);
    void check_columns() const;
    bool read_fast(char const* place, char const* end);
    bool read_day(char const*& place, char const* end, int& day) const;
    bool read_quantity(char const*& place, std::int64_t& value) const;
    void read_slowly(std::string_view text);
    int day_of(std::string const& field) const;
    UsageSlot* slot_of(std::string const& field);
    std::int64_t quantity_of(std::string const& field, std::string const& column) const;
    void add(UsageSlot& slot, int day);
};

void UsageReader::Parts::read_header(std::string_view text) {
    header = base::csv_header(spot, text);
    names = base::csv_columns(spot, header);
    check_columns();
    for (auto const& name : names) {
        if (name == "date")
            columns.push_back(Column::date);
        else if (name == "member")
            columns.push_back(Column::member);
        else if (name == "node")
            columns.push_back(Column::node);
        else {
            columns.push_back(Column::quantity);
            quantity_names.push_back(name);
        }
    }
    row.resize(quantity_names.size());
    table.emplace(rules.members, quantity_names.size());
}

void UsageReader::Parts::check_columns() const {
    auto const need = [&](std::string const& name, std::string const& why) {
        if (std::find(names.begin(), names.end(), name) == names.end())
            base::fail_missing_column(spot, name, names, why, usual_header);
    };
    for (auto const name : usual_columns) need(std::string(name), "");
    for (auto const& name : rules.drivers) need(name, "; a pool of the charter is shared by it");
}

bool UsageReader::Parts::read_day(char const*& place, char const* end, int& day) const {
    if (end - place < 10 || std::memcmp(place, prefix.data(), 8) != 0) return false;
    auto const tens = digit_of(place[8]), ones = digit_of(place[9]);
    day = static_cast<int>(tens * 10 + ones);
    place += 10;
    return tens < 10 && ones < 10 && day >= 1 && day <= month_days;
}

bool UsageReader::Parts::read_quantity(char const*& place, std::int64_t& value) const {
    auto const* const begin = place;
    std::uint64_t sum = 0;
    for (auto digit = digit_of(*place); digit < 10; digit = digit_of(*++place)) sum = sum * 10 + digit;
    value = static_cast<std::int64_t>(sum);
    return place != begin && place - begin <= safe_digits;
}

/// Reads one line whose '\n' stands at `end`, and so stops every loop; false for anything unusual, which
/// read_slowly then explains or accepts. Nothing is counted before the whole line was read.
bool UsageReader::Parts::read_fast(char const* place, char const* end) {
    UsageSlot* slot = nullptr;
    int day = 0;
    auto* quantity = row.data();
    for (auto const& column : columns) {
        if (column == Column::quantity) {
            if (!read_quantity(place, *quantity++)) return false;
        } else if (column == Column::date) {
            if (!read_day(place, end, day)) return false;
        } else {
            auto const* const begin = place;
            while (is_plain(*place)) ++place;
            if (column == Column::member)
                slot = table->find({begin, static_cast<std::size_t>(place - begin)});
        }
        bool const last = &column == &columns.back();
        if (last ? place != end : *place != ',') return false;
        ++place;
    }
    if (slot == nullptr) return false;
    add(*slot, day);
    return true;
}

void UsageReader::Parts::add(UsageSlot& slot, int day) {
    for (std::size_t i = 0; i < row.size(); ++i)
        if (__builtin_add_overflow(slot.quantities[i], row[i], &slot.quantities[i]))
            spot.fail("the sum of '" + quantity_names[i] + "' does not fit 63 bits", quantity_names[i]);
    slot.first = std::min(slot.first, day);
    slot.last = std::max(slot.last, day);
    ++slot.rows;
    ++rows;
}

int UsageReader::Parts::day_of(std::string const& field) const {
    int day = 0;
    auto const* place = field.data();
    if (field.size() == 10 && read_day(place, place + field.size(), day)) return day;
    bool real = true;
    try {
        base::Day::from_text(field);
    } catch (Error const&) {
        real = false;
    }
    if (real) spot.fail(fmt::format("the date {} is not in {}", field, rules.month), "date");
    spot.fail(fmt::format("'{}' is not a date such as {}01", base::printable(field), prefix), "date");
}

UsageSlot* UsageReader::Parts::slot_of(std::string const& field) {
    if (auto* const slot = table->find(field)) return slot;
    auto const near = base::nearest(field, rules.members);
    spot.fail(fmt::format("'{}' is not a member", base::printable(field)), "member",
              near.empty() ? "run 'consortium member list'" : fmt::format("is it '{}'?", near));
}

std::int64_t UsageReader::Parts::quantity_of(std::string const& field, std::string const& column) const {
    auto const shown = base::printable(field.substr(0, 40));
    auto const digits = field.substr(field.starts_with('-') ? 1 : 0);
    bool const whole = !digits.empty() && digits.find_first_not_of("0123456789") == std::string::npos;
    if (!whole) spot.fail(fmt::format("{} is not a whole number: '{}'", column, shown), column);
    if (field.starts_with('-')) spot.fail(fmt::format("{} is negative: '{}'", column, shown), column);
    try {
        return model::whole_number(field, column);
    } catch (Error const&) {
        spot.fail(fmt::format("{} does not fit 63 bits: '{}'", column, shown), column);
    }
}

void UsageReader::Parts::read_slowly(std::string_view text) {
    auto const fields = base::csv_fields(spot, text, header, names.size());
    UsageSlot* slot = nullptr;
    int day = 0;
    std::size_t quantity = 0;
    for (std::size_t i = 0; i < fields.size(); ++i) {
        if (columns[i] == Column::date) day = day_of(fields[i]);
        if (columns[i] == Column::member) slot = slot_of(fields[i]);
        if (columns[i] == Column::quantity) row[quantity++] = quantity_of(fields[i], names[i]);
    }
    if (slot == nullptr) spot.fail("the line is of no member", "member");
    add(*slot, day);
}

void UsageReader::Parts::take_line(std::string_view text) {
    ++spot.line;
    if (text.size() > base::max_csv_line)
        spot.fail("the line is longer than 1 MiB", {}, "is this a usage file?");
    if (text.ends_with('\r')) text.remove_suffix(1);
    if (spot.line == 1)
        read_header(text);
    else
        read_slowly(text);
}

/// `lines` ends in '\n'.
void UsageReader::Parts::take_lines(std::string_view lines) {
    auto const* place = lines.data();
    auto const* const stop = place + lines.size();
    while (place != stop) {
        auto const* const end =
            static_cast<char const*>(std::memchr(place, '\n', static_cast<std::size_t>(stop - place)));
        if (spot.line > 0 && read_fast(place, end))
            ++spot.line;
        else
            take_line({place, static_cast<std::size_t>(end - place)});
        place = end + 1;
    }
}

UsageReader::UsageReader(UsageRules rules) : m_parts(std::make_unique<Parts>()) {
    auto const month = base::Month::from_text(rules.month);
    m_parts->prefix = rules.month + "-";
    m_parts->month_days = month.end.number - month.begin.number;
    m_parts->spot = {rules.source, "usage files"};
    m_parts->rules = std::move(rules);
}

UsageReader::~UsageReader() = default;

void UsageReader::feed(std::string_view chunk) {
    auto& carry = m_parts->carry;
    if (!carry.empty()) {
        auto const end = chunk.find('\n');
        carry.append(chunk.substr(0, end));
        if (carry.size() > base::max_csv_line + 1) m_parts->take_line(carry);  // refuses it
        if (end == std::string_view::npos) return;
        carry += '\n';
        m_parts->take_lines(carry);
        carry.clear();
        chunk.remove_prefix(end + 1);
    }
    auto const last = chunk.rfind('\n');
    auto const whole = last == std::string_view::npos ? 0 : last + 1;
    m_parts->take_lines(chunk.substr(0, whole));
    carry = chunk.substr(whole);
}

model::Usage UsageReader::finish(base::Digest const& file) {
    auto& parts = *m_parts;
    if (parts.carry.size() > base::max_csv_line) parts.take_line(parts.carry);  // refuses it
    if (!parts.carry.empty()) {
        ++parts.spot.line;
        parts.spot.fail("the last line does not end: is the file cut off?", {},
                        "end it with a line feed if the file is whole");
    }
    if (parts.spot.line == 0) {
        parts.spot.line = 1;
        parts.spot.fail("the file is empty", {}, std::string("the header is: ") + usual_header);
    }
    if (parts.rows == 0) parts.spot.fail("the file holds no rows, only a header");
    model::Usage usage{parts.rules.month, file, parts.rules.source, parts.rows, parts.quantity_names, {}};
    auto const begin = base::Month::from_text(parts.rules.month).begin.number - 1;
    for (auto const& slot : parts.table->slots()) {
        if (slot.rows == 0) continue;
        model::MemberUsage member{slot.member, slot.rows, {begin + slot.first}, {begin + slot.last}, {}};
        for (std::size_t i = 0; i < slot.quantities.size(); ++i)
            member.quantities[parts.quantity_names[i]] = slot.quantities[i];
        usage.members.push_back(std::move(member));
    }
    return usage;
}

}  // namespace consortium::account
