#include "core/base/bytes.h"

#include "core/base/error.h"

#include <array>
#include <openssl/crypto.h>

namespace consortium::base {

namespace {

constexpr std::string_view hex_digits = "0123456789abcdef";
constexpr std::string_view standard_alphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::string_view url_alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

constexpr std::uint8_t no_digit = 255;
using Reverse = std::array<std::uint8_t, 256>;

constexpr Reverse reverse_of(std::string_view alphabet) {
    Reverse reverse{};
    reverse.fill(no_digit);
    for (std::size_t i = 0; i < alphabet.size(); ++i) {
        reverse[static_cast<unsigned char>(alphabet[i])] = static_cast<std::uint8_t>(i);
    }
    return reverse;
}

constexpr Reverse hex_values() {
    auto reverse = reverse_of(hex_digits);
    for (char digit = 'A'; digit <= 'F'; ++digit)
        reverse[static_cast<unsigned char>(digit)] = static_cast<std::uint8_t>(digit - 'A' + 10);
    return reverse;
}

constexpr Reverse hexadecimal_values = hex_values();
constexpr Reverse standard_values = reverse_of(standard_alphabet);
constexpr Reverse url_values = reverse_of(url_alphabet);

std::string encode(BytesView bytes, std::string_view alphabet) {
    std::string out;
    out.reserve((bytes.size() + 2) / 3 * 4);
    std::uint32_t buffer = 0;
    unsigned held = 0;
    for (std::uint8_t byte : bytes) {
        buffer = (buffer << 8U) | byte;
        held += 8;
        while (held >= 6) {
            held -= 6;
            out += alphabet[(buffer >> held) & 63U];
        }
    }
    if (held > 0) out += alphabet[(buffer << (6 - held)) & 63U];
    return out;
}

/// Digits only, without padding. The bits that no byte uses must be zero, or one value would have many texts.
Bytes decode(std::string_view digits, Reverse const& values) {
    if (digits.size() % 4 == 1) throw Error(Code::malformed, "not base64: a digit too many or too few");
    Bytes out(digits.size() * 3 / 4);
    auto* at = out.data();
    unsigned any = 0;  // no_digit has bits that no value has
    auto const value = [&](std::size_t i) {
        unsigned const found = values[static_cast<unsigned char>(digits[i])];
        any |= found;
        return found;
    };
    std::size_t i = 0;
    for (; i + 4 <= digits.size(); i += 4) {
        auto const three = value(i) << 18U | value(i + 1) << 12U | value(i + 2) << 6U | value(i + 3);
        *at++ = static_cast<std::uint8_t>(three >> 16U);
        *at++ = static_cast<std::uint8_t>(three >> 8U);
        *at++ = static_cast<std::uint8_t>(three);
    }
    unsigned rest = 0, held = 0;
    for (; i < digits.size(); ++i, held += 6) rest = rest << 6U | value(i);
    for (; held >= 8; held -= 8) *at++ = static_cast<std::uint8_t>(rest >> (held - 8));
    if (any > 63) throw Error(Code::malformed, "not base64: a character outside its alphabet");
    if ((rest & ((1U << held) - 1U)) != 0)
        throw Error(Code::malformed, "not base64: unused bits are not zero");
    return out;
}

}  // namespace

BytesView as_bytes(std::string_view text) {
    return {reinterpret_cast<std::uint8_t const*>(text.data()), text.size()};
}

std::string_view as_text(BytesView bytes) {
    return {reinterpret_cast<char const*>(bytes.data()), bytes.size()};
}

Bytes to_bytes(std::string_view text) {
    return {text.begin(), text.end()};
}

std::string to_hex(BytesView bytes) {
    std::string out;
    out.reserve(bytes.size() * 2);
    for (std::uint8_t byte : bytes) {
        out += hex_digits[byte >> 4U];
        out += hex_digits[byte & 15U];
    }
    return out;
}

Bytes from_hex(std::string_view text) {
    if (text.size() % 2 != 0) throw Error(Code::malformed, "not hexadecimal: an odd number of digits");
    Bytes out(text.size() / 2);
    unsigned any = 0;
    auto const value = [&](std::size_t i) {
        unsigned const found = hexadecimal_values[static_cast<unsigned char>(text[i])];
        any |= found;
        return found;
    };
    for (std::size_t i = 0; i < out.size(); ++i)
        out[i] = static_cast<std::uint8_t>(value(2 * i) << 4U | value(2 * i + 1));
    if (any > 15) throw Error(Code::malformed, "not hexadecimal: a character that is no digit");
    return out;
}

std::string to_base64(BytesView bytes) {
    std::string out = encode(bytes, standard_alphabet);
    out.append((4 - out.size() % 4) % 4, '=');
    return out;
}

Bytes from_base64(std::string_view text) {
    if (text.size() % 4 != 0) throw Error(Code::malformed, "not base64: its length is no multiple of four");
    for (int i = 0; i < 2 && text.ends_with('='); ++i) text.remove_suffix(1);
    return decode(text, standard_values);
}

std::string to_base64url(BytesView bytes) {
    return encode(bytes, url_alphabet);
}

Bytes from_base64url(std::string_view text) {
    return decode(text, url_values);
}

void append_u16(Bytes& out, std::uint16_t value) {
    out.push_back(static_cast<std::uint8_t>(value >> 8U));
    out.push_back(static_cast<std::uint8_t>(value));
}

void append_u64(Bytes& out, std::uint64_t value) {
    for (unsigned shift = 64; shift > 0; shift -= 8)
        out.push_back(static_cast<std::uint8_t>(value >> (shift - 8)));
}

std::uint16_t read_u16(BytesView bytes) {
    if (bytes.size() < 2) throw Error(Code::malformed, "two bytes expected, fewer are there");
    return static_cast<std::uint16_t>(bytes[0] << 8U | bytes[1]);
}

std::uint64_t read_u64(BytesView bytes) {
    if (bytes.size() < 8) throw Error(Code::malformed, "eight bytes expected, fewer are there");
    std::uint64_t value = 0;
    for (std::uint8_t byte : bytes.first(8)) value = value << 8U | byte;
    return value;
}

bool equal_constant_time(BytesView left, BytesView right) {
    return left.size() == right.size() && CRYPTO_memcmp(left.data(), right.data(), left.size()) == 0;
}

}  // namespace consortium::base
