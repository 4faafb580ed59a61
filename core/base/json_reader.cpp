#include "core/base/error.h"
#include "core/base/json.h"
#include "core/base/text.h"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace consortium::base {

namespace {

/// A place in a value, named only when something is wrong there: to write a pointer for every field that is
/// read would cost more than to read it.
class Place {
public:
    Place(std::string const& table) : m_table(table) {}  // NOLINT: a table is a place
    Place(std::string const& table, std::string_view key) : m_table(table), m_key(key) {}
    Place(Place const& list, std::size_t index) : m_table(list.m_table), m_key(list.m_key), m_index(index) {}

    std::string pointer() const {
        // A table may have a name of its own instead of a pointer: "--set".
        Json::json_pointer below;
        if (m_key) below /= std::string(*m_key);
        if (m_index) below /= *m_index;
        return m_table + below.to_string();
    }

private:
    std::string const& m_table;
    std::optional<std::string_view> m_key;
    std::optional<std::size_t> m_index;
};

[[noreturn]] void fail_at(Place const& place, std::string_view what) {
    auto const pointer = place.pointer();
    std::string const shown = pointer.empty() ? "the whole value" : printable(pointer);
    throw Error(Code::malformed, fmt::format("{}: {}", shown, what), {}, {{"pointer", pointer}});
}

std::string_view type_name(Json const& value) {
    switch (value.type()) {
        case Json::value_t::null:
            return "null";
        case Json::value_t::boolean:
            return "true or false";
        case Json::value_t::string:
            return "a text";
        case Json::value_t::number_integer:
        case Json::value_t::number_unsigned:
            return "an integer";
        case Json::value_t::number_float:
            return "a fraction";
        case Json::value_t::array:
            return "a list";
        default:
            return "a table";
    }
}

void expect(bool right, Place const& place, std::string_view wanted, Json const& found) {
    if (!right) fail_at(place, fmt::format("{} expected, {} found", wanted, type_name(found)));
}

std::string const& text_at(Json const& value, Place const& place, std::size_t max) {
    expect(value.is_string(), place, "a text", value);
    auto const& text = value.get_ref<std::string const&>();
    if (text.size() > max)
        fail_at(place, fmt::format("a text of {} bytes where at most {} are accepted", text.size(), max));
    return text;
}

/// Runs a parser of text and gives its error the place.
template <class Parse>
auto parsed(Place const& place, Parse const& parse) {
    try {
        return parse();
    } catch (Error const& error) {
        fail_at(place, error.message());
    }
}

Digest read_digest_at(Json const& value, Place const& place) {
    auto const& text = text_at(value, place, 64);
    return parsed(place, [&] { return Digest::from_hex(text); });
}

Json::array_t const& list_at(Json const& value, Place const& place, std::size_t max_items) {
    expect(value.is_array(), place, "a list", value);
    if (value.size() > max_items)
        fail_at(place, fmt::format("a list of {} where at most {} are accepted", value.size(), max_items));
    return value.get_ref<Json::array_t const&>();
}

constexpr std::size_t usual_fields = 16;
constexpr std::size_t max_text = 4096;

}  // namespace

JsonReader::JsonReader(Json const& value, std::string pointer)
    : m_value(&value), m_pointer(std::move(pointer)) {
    expect(value.is_object(), m_pointer, "a table", value);
    m_read.reserve(usual_fields);
}

bool JsonReader::has(std::string_view key) const {
    return m_value->contains(key);
}

bool JsonReader::is_null(std::string_view key) const {
    auto const found = m_value->find(key);
    return found == m_value->end() || found->is_null();
}

Json const& JsonReader::value(std::string_view key) {
    auto const found = m_value->find(key);
    m_read.emplace_back(key);
    if (found != m_value->end()) return *found;
    // A mistyped key is the likely reason; its own place says more than that of the table.
    for (auto const& member : m_value->items()) {
        bool const known = std::find(m_read.begin(), m_read.end(), member.key()) != m_read.end();
        if (!known && nearest(member.key(), std::array{std::string(key)}) == key) {
            fail_at(Place(m_pointer, member.key()),
                    fmt::format("unknown key '{}'; did you mean '{}'?", printable(member.key()), key));
        }
    }
    fail_at(m_pointer, fmt::format("the key '{}' is missing", key));
}

std::string JsonReader::text(std::string_view key, std::size_t max) {
    return text_at(value(key), Place(m_pointer, key), max);
}

std::string JsonReader::name(std::string_view key) {
    std::string text_value = text(key, max_text);
    parsed(Place(m_pointer, key), [&] {
        check_name(text_value, key);
        return 0;
    });
    return text_value;
}

std::int64_t JsonReader::integer(std::string_view key) {
    return integer(key, -((std::int64_t{1} << 53) - 1), (std::int64_t{1} << 53) - 1);
}

std::int64_t JsonReader::integer(std::string_view key, std::int64_t min, std::int64_t max) {
    Json const& found = value(key);
    Place const place(m_pointer, key);
    expect(found.is_number_integer(), place, "an integer", found);
    bool const huge =
        found.is_number_unsigned() && found.get<std::uint64_t>() > static_cast<std::uint64_t>(INT64_MAX);
    std::int64_t const number = huge ? INT64_MAX : found.get<std::int64_t>();
    if (huge || number < min || number > max) {
        fail_at(place, fmt::format("{} is not between {} and {}", canonical(found), min, max));
    }
    return number;
}

bool JsonReader::boolean(std::string_view key) {
    Json const& found = value(key);
    expect(found.is_boolean(), Place(m_pointer, key), "true or false", found);
    return found.get<bool>();
}

Digest JsonReader::digest(std::string_view key) {
    return read_digest_at(value(key), Place(m_pointer, key));
}

Bytes JsonReader::base64(std::string_view key, std::size_t max) {
    auto const& digits = text_at(value(key), Place(m_pointer, key), (max + 2) / 3 * 4);
    return parsed(Place(m_pointer, key), [&] { return from_base64(digits); });
}

Instant JsonReader::instant(std::string_view key) {
    auto const& written = text_at(value(key), Place(m_pointer, key), max_text);
    return parsed(Place(m_pointer, key), [&] { return Instant::from_text(written); });
}

Duration JsonReader::duration(std::string_view key) {
    auto const& written = text_at(value(key), Place(m_pointer, key), max_text);
    return parsed(Place(m_pointer, key), [&] { return Duration::from_text(written); });
}

JsonReader JsonReader::object(std::string_view key) {
    return JsonReader(value(key), Place(m_pointer, key).pointer());
}

std::vector<std::string> JsonReader::texts(std::string_view key, std::size_t max_items) {
    Place const place(m_pointer, key);
    std::vector<std::string> out;
    for (Json const& item : list_at(value(key), place, max_items))
        out.push_back(text_at(item, Place(place, out.size()), max_text));
    return out;
}

std::vector<Digest> JsonReader::digests(std::string_view key, std::size_t max_items) {
    Place const place(m_pointer, key);
    std::vector<Digest> out;
    for (Json const& item : list_at(value(key), place, max_items))
        out.push_back(read_digest_at(item, Place(place, out.size())));
    return out;
}

void JsonReader::objects(std::string_view key, std::function<void(JsonReader&)> const& each,
                         std::size_t max_items) {
    Place const place(m_pointer, key);
    std::size_t index = 0;
    for (Json const& item : list_at(value(key), place, max_items)) {
        JsonReader reader(item, Place(place, index++).pointer());
        each(reader);
    }
}

std::optional<std::string> JsonReader::optional_text(std::string_view key, std::size_t max) {
    m_read.emplace_back(key);
    if (is_null(key)) return std::nullopt;
    return text(key, max);
}

std::optional<Digest> JsonReader::optional_digest(std::string_view key) {
    m_read.emplace_back(key);
    if (is_null(key)) return std::nullopt;
    return digest(key);
}

std::optional<Instant> JsonReader::optional_instant(std::string_view key) {
    m_read.emplace_back(key);
    if (is_null(key)) return std::nullopt;
    return instant(key);
}

std::optional<std::int64_t> JsonReader::optional_integer(std::string_view key) {
    m_read.emplace_back(key);
    if (is_null(key)) return std::nullopt;
    return integer(key);
}

void JsonReader::done() const {
    for (auto const& member : m_value->items()) {
        if (std::find(m_read.begin(), m_read.end(), member.key()) != m_read.end()) continue;
        std::string const likely = nearest(member.key(), m_read);
        std::string what = fmt::format("unknown key '{}'", printable(member.key().substr(0, 80)));
        if (!likely.empty()) what += fmt::format("; did you mean '{}'?", likely);
        fail_at(Place(m_pointer, member.key()), what);
    }
}

void JsonReader::fail(std::string_view key, std::string_view what) const {
    fail_at(key.empty() ? Place(m_pointer) : Place(m_pointer, key), what);
}

}  // namespace consortium::base
