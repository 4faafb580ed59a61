#include "core/base/error.h"
#include "core/base/json.h"
#include "core/base/text.h"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <iterator>
#include <nlohmann/json.hpp>

namespace consortium::base {

namespace {

constexpr std::int64_t max_integer = (std::int64_t{1} << 53) - 1;

/// Walks a text and tells, through `seen`, how far the library's lexer has read: it does not say itself.
class Cursor {
public:
    using iterator_category = std::input_iterator_tag;
    using value_type = char;
    using difference_type = std::ptrdiff_t;
    using pointer = char const*;
    using reference = char const&;

    Cursor() = default;
    Cursor(char const* at, char const** seen) : m_at(at), m_seen(seen) {}
    reference operator*() const { return *m_at; }
    Cursor& operator++() {
        *m_seen = ++m_at;
        return *this;
    }
    Cursor operator++(int) {
        Cursor const before = *this;
        ++*this;
        return before;
    }
    bool operator==(Cursor const& other) const { return m_at == other.m_at; }

private:
    char const* m_at = nullptr;
    char const** m_seen = nullptr;
};

[[noreturn]] void fail_at(std::string_view text, std::size_t offset, std::string_view what) {
    std::string_view const before = text.substr(0, offset);
    auto const line = std::count(before.begin(), before.end(), '\n') + 1;
    std::size_t const line_start = before.rfind('\n') + 1;  // npos + 1 == 0
    std::size_t column = 1;
    for (char byte : before.substr(line_start)) column += (static_cast<unsigned char>(byte) & 0xC0U) != 0x80U;
    throw Error(Code::malformed, fmt::format("line {}, column {}: {}", line, column, what), {},
                {{"line", std::to_string(line)}, {"column", std::to_string(column)}});
}

/// Builds the value from the library's events and refuses what it would let pass.
class Builder final : public nlohmann::json_sax<Json> {
public:
    Builder(std::string_view text, JsonLimits const& limits)
        : m_text(text), m_limits(limits), m_seen(text.data()), m_previous(text.data()) {}

    Cursor begin() { return {m_text.data(), &m_seen}; }
    Cursor end() { return {m_text.data() + m_text.size(), &m_seen}; }
    Json take() { return std::move(m_root); }

    bool null() override { return add(nullptr) != nullptr; }
    bool boolean(bool value) override { return add(value) != nullptr; }
    bool number_integer(number_integer_t value) override {
        if (!m_limits.fractions && (value > max_integer || value < -max_integer)) refuse_integer();
        return add(value) != nullptr;
    }
    bool number_unsigned(number_unsigned_t value) override {
        if (!m_limits.fractions && value > static_cast<number_unsigned_t>(max_integer)) refuse_integer();
        // One integer type throughout, or equal values would compare by representation.
        if (value <= static_cast<number_unsigned_t>(INT64_MAX))
            return add(static_cast<std::int64_t>(value)) != nullptr;
        return add(value) != nullptr;
    }
    bool number_float(number_float_t value, string_t const& literal) override {
        bool const integer = literal.find_first_of(".eE") == std::string::npos;
        if (!m_limits.fractions && integer) refuse_integer();
        if (!m_limits.fractions) fail("a number with a fraction or exponent: write it as text");
        return add(value) != nullptr;
    }
    bool string(string_t& value) override { return add(std::move(value)) != nullptr; }
    bool binary(binary_t& /*value*/) override { return false; }
    bool start_object(std::size_t /*size*/) override { return open(Json::object()); }
    bool start_array(std::size_t /*size*/) override { return open(Json::array()); }
    bool end_object() override { return close(); }
    bool end_array() override { return close(); }
    bool key(string_t& name) override {
        auto const [place, is_new] =
            m_open.back()->get_ref<Json::object_t&>().emplace(std::move(name), nullptr);
        if (!is_new) fail(fmt::format("the key '{}' is there twice", printable(place->first)));
        m_slot = &place->second;
        m_previous = m_seen;
        return true;
    }
    bool parse_error(std::size_t /*position*/, std::string const& /*token*/,
                     nlohmann::detail::exception const& cause) override {
        std::string_view what = cause.what();
        if (std::size_t const at = what.find("syntax error "); at != std::string_view::npos)
            what.remove_prefix(at + 13);
        what = what.substr(0, what.find("; last read"));
        bool const ended = m_seen == m_text.data() + m_text.size();
        std::size_t const read = static_cast<std::size_t>(m_seen - m_text.data());
        bool const missing = what.find("unexpected end of input") != std::string_view::npos;
        fail_at(m_text, read - (read > 0 && !(ended && missing) ? 1 : 0),
                "not JSON: " + printable(what.substr(0, 200)));
    }

private:
    Json* add(Json value) {
        Json* place = m_open.empty() ? &m_root : m_slot;
        if (!m_open.empty() && m_open.back()->is_array()) {
            place = &m_open.back()->emplace_back(std::move(value));
        } else {
            *place = std::move(value);
        }
        m_previous = m_seen;
        return place;
    }
    bool open(Json empty) {
        if (static_cast<int>(m_open.size()) >= m_limits.depth) {
            fail(fmt::format("nested deeper than {} levels", m_limits.depth));
        }
        m_open.push_back(add(std::move(empty)));
        return true;
    }
    bool close() {
        m_open.pop_back();
        m_previous = m_seen;
        return true;
    }
    [[noreturn]] void refuse_integer() {
        fail("an integer beyond 2^53-1, which not every reader keeps: write it as text");
    }
    /// Fails at the start of the token whose event this is: what lies between the previous token and it is
    /// punctuation only.
    [[noreturn]] void fail(std::string_view what) {
        std::size_t const previous = static_cast<std::size_t>(m_previous - m_text.data());
        std::size_t const start = m_text.find_first_not_of(" \t\r\n,:", previous);
        fail_at(m_text, std::min(start, m_text.size()), what);
    }

    std::string_view m_text;
    JsonLimits const& m_limits;
    char const* m_seen;
    char const* m_previous;
    Json m_root;
    std::vector<Json*> m_open;
    Json* m_slot = nullptr;  // of the key that was read last
};

}  // namespace

JsonLimits relaxed_limits(std::size_t bytes) {
    return {bytes, 64, true};
}

Json parse_json(std::string_view text, JsonLimits const& limits) {
    if (text.size() > limits.bytes) {
        throw Error(Code::malformed,
                    fmt::format("{} bytes of JSON where at most {} are accepted", text.size(), limits.bytes));
    }
    // The library skips a byte order mark and takes NUL for the end: both would hide bytes.
    if (text.starts_with("\xEF\xBB\xBF")) fail_at(text, 0, "a byte order mark");
    if (std::size_t const nul = text.find('\0'); nul != std::string_view::npos)
        fail_at(text, nul, "a NUL byte");
    Builder builder(text, limits);
    if (!Json::sax_parse(builder.begin(), builder.end(), &builder)) throw Error(Code::malformed, "not JSON");
    return builder.take();
}

Json parse_canonical(std::string_view text, JsonLimits const& limits) {
    Json value = parse_json(text, limits);
    std::string const expected = canonical(value);
    if (expected == text) return value;
    auto const [ours, theirs] = std::mismatch(expected.begin(), expected.end(), text.begin(), text.end());
    fail_at(text, static_cast<std::size_t>(theirs - text.begin()), "not in canonical form (RFC 8785)");
}

}  // namespace consortium::base
