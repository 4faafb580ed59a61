#include "core/base/error.h"
#include "core/base/json.h"
#include "core/base/text.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <rapidjson/error/en.h>
#include <rapidjson/memorystream.h>
#include <rapidjson/reader.h>

namespace consortium::base {

namespace {

constexpr std::int64_t max_integer = (std::int64_t{1} << 53) - 1;

[[noreturn]] void fail_at(std::string_view text, std::size_t offset, std::string_view what) {
    std::string_view const before = text.substr(0, offset);
    auto const line = std::count(before.begin(), before.end(), '\n') + 1;
    std::size_t const line_start = before.rfind('\n') + 1;  // npos + 1 == 0
    std::size_t column = 1;
    for (char byte : before.substr(line_start)) column += (static_cast<unsigned char>(byte) & 0xC0U) != 0x80U;
    throw Error(Code::malformed, fmt::format("line {}, column {}: {}", line, column, what), {},
                {{"line", std::to_string(line)}, {"column", std::to_string(column)}});
}

/// Builds the value from the reader's events and refuses what it would let pass. Every function answers true:
/// go on.
template <class Stream>
class Builder {
public:
    Builder(Stream const& stream, std::string_view text, JsonLimits const& limits)
        : m_stream(stream), m_text(text), m_limits(limits) {}

    Json take() { return std::move(m_root); }

    // RapidJSON's names.
    // NOLINTBEGIN(readability-identifier-naming)
    bool Null() { return add(nullptr); }
    bool Bool(bool value) { return add(value); }
    bool RawNumber(char const* digits, rapidjson::SizeType size, bool /*copy*/) {
        return add(number({digits, size}));
    }
    bool String(char const* letters, rapidjson::SizeType size, bool /*copy*/) {
        return add(sound({letters, size}));
    }
    bool Key(char const* letters, rapidjson::SizeType size, bool /*copy*/) {
        auto const [place, is_new] =
            m_open.back()->get_ref<Json::object_t&>().emplace(sound({letters, size}), nullptr);
        if (!is_new) fail(fmt::format("the key '{}' is there twice", printable(place->first)));
        m_slot = &place->second;
        m_previous = m_stream.Tell();
        return true;
    }
    bool StartObject() { return open(Json::object()); }
    bool StartArray() { return open(Json::array()); }
    bool EndObject(rapidjson::SizeType /*members*/) { return close(); }
    bool EndArray(rapidjson::SizeType /*elements*/) { return close(); }
    // Numbers come as their text: none of these is called.
    bool Int(int /*value*/) { return false; }
    bool Uint(unsigned /*value*/) { return false; }
    bool Int64(std::int64_t /*value*/) { return false; }
    bool Uint64(std::uint64_t /*value*/) { return false; }
    bool Double(double /*value*/) { return false; }
    // NOLINTEND(readability-identifier-naming)

private:
    bool add(Json value) {
        place(std::move(value));
        return true;
    }
    Json* place(Json value) {
        if (++m_count > m_limits.values) fail(fmt::format("more than {} values", m_limits.values));
        Json* at = m_open.empty() ? &m_root : m_slot;
        if (!m_open.empty() && m_open.back()->is_array()) {
            at = &m_open.back()->emplace_back(std::move(value));
        } else {
            *at = std::move(value);
        }
        m_previous = m_stream.Tell();
        return at;
    }
    bool open(Json empty) {
        if (static_cast<int>(m_open.size()) >= m_limits.depth) {
            fail(fmt::format("nested deeper than {} levels", m_limits.depth));
        }
        m_open.push_back(place(std::move(empty)));
        return true;
    }
    bool close() {
        m_open.pop_back();
        m_previous = m_stream.Tell();
        return true;
    }
    std::string sound(std::string_view text) {
        if (!is_utf8(text)) fail("not JSON: a text that is not UTF-8");
        return std::string(text);
    }
    /// One signed type wherever it fits, or equal values would compare by representation.
    Json number(std::string_view text) {
        bool const integer = text.find_first_of(".eE") == std::string_view::npos;
        if (!m_limits.fractions && !integer) fail("a number with a fraction or exponent: write it as text");
        auto const* const end = text.data() + text.size();
        std::int64_t small = 0;
        bool const fits = integer && std::from_chars(text.data(), end, small).ec == std::errc{};
        if (!m_limits.fractions && (!fits || small > max_integer || small < -max_integer))
            fail("an integer beyond 2^53-1, which not every reader keeps: write it as text");
        if (fits) return small;
        std::uint64_t large = 0;
        if (integer && std::from_chars(text.data(), end, large).ec == std::errc{}) return large;
        double real = 0;
        if (std::from_chars(text.data(), end, real).ec != std::errc{})
            fail("not JSON: a number out of range");
        return real;
    }
    /// Fails at the start of the token whose event this is: what lies between the previous token and it is
    /// punctuation only.
    [[noreturn]] void fail(std::string_view what) {
        std::size_t const start = m_text.find_first_not_of(" \t\r\n,:", m_previous);
        fail_at(m_text, std::min(start, m_text.size()), what);
    }

    Stream const& m_stream;
    std::string_view m_text;
    JsonLimits const& m_limits;
    std::size_t m_previous = 0;  // where the token before ends
    Json m_root;
    std::vector<Json*> m_open;
    std::size_t m_count = 0;
    Json* m_slot = nullptr;  // of the key that was read last
};

template <class Stream>
Json read(Stream stream, std::string_view text, JsonLimits const& limits) {
    Builder<Stream> builder(stream, text, limits);
    rapidjson::Reader reader;
    // Depth is bounded by the builder, and so is the reader's recursion.
    auto const result = reader.Parse<rapidjson::kParseNumbersAsStringsFlag>(stream, builder);
    if (result.IsError()) {
        auto const at = std::min(result.Offset(), text.size());
        fail_at(text, at, fmt::format("not JSON: {}", rapidjson::GetParseError_En(result.Code())));
    }
    return builder.take();
}

/// Compares a text with the canonical form of a value without writing that. It knows integers, and texts and
/// keys that nothing escapes; of any other value it says no.
class PlainForm {
public:
    explicit PlainForm(std::string_view text) : m_rest(text) {}

    bool is_of(Json const& value) { return take_value(value) && m_rest.empty(); }

private:
    bool take_value(Json const& value) {
        switch (value.type()) {
            case Json::value_t::null:
                return take("null");
            case Json::value_t::boolean:
                return take(value.get<bool>() ? "true" : "false");
            case Json::value_t::string:
                return take_text(value.get_ref<std::string const&>());
            case Json::value_t::number_integer:
                return take_integer(value.get<std::int64_t>());
            case Json::value_t::object:
                return take_object(value.get_ref<Json::object_t const&>());
            case Json::value_t::array:
                return take_array(value.get_ref<Json::array_t const&>());
            default:
                return false;
        }
    }
    bool take(std::string_view expected) {
        if (!m_rest.starts_with(expected)) return false;
        m_rest.remove_prefix(expected.size());
        return true;
    }
    // The value was read from this very text: where it stands there as it is, nothing in it was escaped.
    bool take_text(std::string_view text) { return take("\"") && take(text) && take("\""); }
    bool take_integer(std::int64_t number) {
        std::array<char, 24> digits{};
        auto const [end, status] = std::to_chars(digits.data(), digits.data() + digits.size(), number);
        bool const exact = number <= max_integer && number >= -max_integer;
        return exact && take(std::string_view(digits.data(), static_cast<std::size_t>(end - digits.data())));
    }
    bool take_object(Json::object_t const& members) {
        // Their order here is the canonical one for keys below U+E000 only.
        auto const is_high = [](char byte) { return static_cast<unsigned char>(byte) >= 0xEE; };
        char const* separator = "{";
        for (auto const& [key, member] : members) {
            if (std::any_of(key.begin(), key.end(), is_high)) return false;
            if (!take(separator) || !take_text(key) || !take(":") || !take_value(member)) return false;
            separator = ",";
        }
        return (!members.empty() || take("{")) && take("}");
    }
    bool take_array(Json::array_t const& elements) {
        char const* separator = "[";
        for (auto const& element : elements) {
            if (!take(separator) || !take_value(element)) return false;
            separator = ",";
        }
        return (!elements.empty() || take("[")) && take("]");
    }

    std::string_view m_rest;
};

/// Where the text has the first of the control characters that RapidJSON 1.1.0 lets pass in texts, where it
/// compares sixteen bytes at once (with 0x19 instead of 0x1f); its size where it has none.
std::size_t first_passed_over(std::string_view text) {
    auto const passes = [](char byte) { return static_cast<unsigned char>(byte - 0x1a) < 6; };
    return static_cast<std::size_t>(std::find_if(text.begin(), text.end(), passes) - text.begin());
}

}  // namespace

JsonLimits relaxed_limits(std::size_t bytes) {
    return {.bytes = bytes, .depth = 64, .fractions = true};
}

Json parse_json(std::string_view text, JsonLimits const& limits) {
    if (text.size() > limits.bytes) {
        throw Error(Code::malformed,
                    fmt::format("{} bytes of JSON where at most {} are accepted", text.size(), limits.bytes));
    }
    // Neither is JSON; said in words that help.
    if (text.starts_with("\xEF\xBB\xBF")) fail_at(text, 0, "a byte order mark");
    if (std::size_t const nul = text.find('\0'); nul != std::string_view::npos)
        fail_at(text, nul, "a NUL byte");
    if (std::size_t const control = first_passed_over(text); control < text.size())
        fail_at(text, control, "a control character, which JSON has only as an escape");
    // Sixteen bytes more than the text has may be looked at.
    std::string padded;
    padded.reserve(text.size() + 16);
    padded.append(text).append(16, '\0');
    try {
        return read(rapidjson::StringStream(padded.data()), text, limits);
    } catch (Error const&) {
        // This way of reading is quick and does not know where it is; the other tells what is wrong where.
        return read(rapidjson::MemoryStream(text.data(), text.size()), text, limits);
    }
}

Json parse_canonical(std::string_view text, JsonLimits const& limits) {
    Json value = parse_json(text, limits);
    if (PlainForm(text).is_of(value)) return value;
    std::string const expected = canonical(value);
    if (expected == text) return value;
    auto const [ours, theirs] = std::mismatch(expected.begin(), expected.end(), text.begin(), text.end());
    fail_at(text, static_cast<std::size_t>(theirs - text.begin()), "not in canonical form (RFC 8785)");
}

}  // namespace consortium::base
