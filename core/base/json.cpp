#include "core/base/json.h"

#include "core/base/error.h"
#include "core/base/text.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace consortium::base {

namespace {

/// RFC 8785 section 3.2.2.2.
std::string escape(char character) {
    switch (character) {
        case '"':
            return "\\\"";
        case '\\':
            return "\\\\";
        case '\b':
            return "\\b";
        case '\t':
            return "\\t";
        case '\n':
            return "\\n";
        case '\f':
            return "\\f";
        case '\r':
            return "\\r";
        default:
            return fmt::format("\\u{:04x}", static_cast<unsigned>(character));
    }
}

void write_string(std::string& out, std::string const& text) {
    if (!is_utf8(text)) throw Error(Code::malformed, "a text that is not UTF-8 has no canonical form");
    out += '"';
    auto const is_special = [](char letter) {
        return static_cast<unsigned char>(letter) < 0x20 || letter == '"' || letter == '\\';
    };
    for (auto at = text.begin(); at != text.end();) {
        auto const end = std::find_if(at, text.end(), is_special);
        out.append(at, end);
        if (end == text.end()) break;
        out += escape(*end);
        at = end + 1;
    }
    out += '"';
}

/// ECMAScript's Number::toString (RFC 8785 section 3.2.2.3): the shortest digits that read back as the same
/// number; plain notation from 1e-6 up to 1e21, else an exponent.
std::string number_text(double value) {
    if (!std::isfinite(value))
        throw Error(Code::malformed, "a number that is not finite has no canonical form");
    if (value == 0) return "0";
    std::array<char, 40> buffer{};
    auto const [end, status] = std::to_chars(buffer.data(), buffer.data() + buffer.size(), std::abs(value),
                                             std::chars_format::scientific);
    if (status != std::errc{}) throw Error(Code::internal, "a number cannot be written");
    std::string_view const scientific(buffer.data(), static_cast<std::size_t>(end - buffer.data()));
    std::size_t const mark = scientific.find('e');
    std::string digits(1, scientific[0]);
    if (mark > 1) digits += scientific.substr(2, mark - 2);
    int exponent = std::stoi(std::string(scientific.substr(mark + 1)));

    int const count = static_cast<int>(digits.size());
    int const point = exponent + 1;  // digits before the decimal point
    std::string const sign = value < 0 ? "-" : "";
    if (point > 21 || point < -5) {
        if (count > 1) digits.insert(1, ".");
        return fmt::format("{}{}e{}{}", sign, digits, exponent < 0 ? '-' : '+', std::abs(exponent));
    }
    if (point <= 0) return sign + "0." + std::string(static_cast<std::size_t>(-point), '0') + digits;
    if (point >= count) return sign + digits + std::string(static_cast<std::size_t>(point - count), '0');
    digits.insert(static_cast<std::size_t>(point), ".");
    return sign + digits;
}

std::u16string utf16(std::string_view text) {
    std::u16string out;
    for (std::size_t i = 0; i < text.size();) {
        auto const byte = [&](std::size_t offset) { return static_cast<unsigned char>(text[i + offset]); };
        unsigned const lead = byte(0);
        std::size_t const length = lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
        char32_t point = length == 1 ? lead : lead & (0x7FU >> length);
        for (std::size_t k = 1; k < length; ++k) point = point << 6U | (byte(k) & 0x3FU);
        if (point >= 0x10000) {
            point -= 0x10000;
            out += static_cast<char16_t>(0xD800 + (point >> 10U));
            out += static_cast<char16_t>(0xDC00 + (point & 0x3FFU));
        } else {
            out += static_cast<char16_t>(point);
        }
        i += length;
    }
    return out;
}

void write(std::string& out, Json const& value);

void write_member(std::string& out, std::string const& key, Json const& value) {
    if (out.back() != '{') out += ',';
    write_string(out, key);
    out += ':';
    write(out, value);
}

/// Keys go by UTF-16 code units (RFC 8785 section 3.2.3). The library keeps them by bytes of UTF-8, which is
/// the same order unless a key has a character from U+E000 up.
void write_object(std::string& out, Json const& value) {
    auto const& members = value.get_ref<Json::object_t const&>();
    auto const high = [](auto const& member) {
        return std::any_of(member.first.begin(), member.first.end(),
                           [](char byte) { return static_cast<unsigned char>(byte) >= 0xEE; });
    };
    out += '{';
    if (std::none_of(members.begin(), members.end(), high)) {
        for (auto const& [key, member] : members) write_member(out, key, member);
    } else {
        std::vector<std::pair<std::u16string, Json::object_t::value_type const*>> order;
        for (auto const& member : members) {
            if (!is_utf8(member.first))
                throw Error(Code::malformed, "a key that is not UTF-8 has no canonical form");
            order.emplace_back(utf16(member.first), &member);
        }
        std::sort(order.begin(), order.end());
        for (auto const& [units, member] : order) write_member(out, member->first, member->second);
    }
    out += '}';
}

void write(std::string& out, Json const& value) {
    switch (value.type()) {
        case Json::value_t::null:
            out += "null";
            return;
        case Json::value_t::boolean:
            out += value.get<bool>() ? "true" : "false";
            return;
        case Json::value_t::string:
            write_string(out, value.get_ref<std::string const&>());
            return;
        case Json::value_t::number_float:
            out += number_text(value.get<double>());
            return;
        case Json::value_t::number_integer: {
            auto const number = value.get<std::int64_t>();
            bool const exact = number <= (std::int64_t{1} << 53) && number >= -(std::int64_t{1} << 53);
            out += exact ? std::to_string(number) : number_text(static_cast<double>(number));
            return;
        }
        case Json::value_t::number_unsigned: {
            auto const number = value.get<std::uint64_t>();
            out += number <= (std::uint64_t{1} << 53) ? std::to_string(number)
                                                      : number_text(static_cast<double>(number));
            return;
        }
        case Json::value_t::object:
            write_object(out, value);
            return;
        case Json::value_t::array:
            out += '[';
            for (std::size_t i = 0; i < value.size(); ++i) {
                if (i > 0) out += ',';
                write(out, value[i]);
            }
            out += ']';
            return;
        case Json::value_t::binary:
        case Json::value_t::discarded:
            break;
    }
    throw Error(Code::internal, "a value that is not JSON has no canonical form");
}

std::shared_ptr<Json const> const& shared_null() {
    static auto const value = std::make_shared<Json const>();
    return value;
}

}  // namespace

JsonValue::JsonValue() : m_value(shared_null()) {}

JsonValue::JsonValue(Json value) : m_value(std::make_shared<Json const>(std::move(value))) {}

bool JsonValue::operator==(JsonValue const& other) const {
    return m_value == other.m_value || *m_value == *other.m_value;
}

std::string canonical(Json const& value) {
    std::string out;
    write(out, value);
    return out;
}

Digest digest_of(Json const& value) {
    return sha256(canonical(value));
}

std::string pretty(Json const& value) {
    return value.dump(2, ' ', false, Json::error_handler_t::replace);
}

}  // namespace consortium::base
