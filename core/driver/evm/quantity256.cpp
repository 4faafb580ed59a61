#include "core/driver/evm/quantity256.h"

#include "core/base/error.h"

#include <algorithm>
#include <bit>
#include <fmt/format.h>

namespace consortium::driver::evm {

using base::Code;
using base::Error;

namespace {

[[noreturn]] void fail(std::string what) {
    throw Error(Code::malformed, std::move(what));
}

std::string shortened(std::string_view text) {
    return std::string(text.substr(0, 80)) + (text.size() > 80 ? "…" : "");
}

Quantity256 from_hex_digits(std::string_view digits) {
    auto const begin = std::min(digits.find_first_not_of('0'), digits.size());
    std::string even(digits.substr(begin));
    if (even.size() % 2 != 0) even.insert(0, "0");
    return Quantity256::from_canonical(base::from_hex(even));
}

Quantity256 from_digits(std::string_view digits) {
    Quantity256 out;
    for (char const digit : digits) {
        if (digit < '0' || digit > '9') fail(fmt::format("'{}' is not a number", shortened(digits)));
        auto const shifted = out.times(10);
        auto const next = shifted ? shifted->plus(Quantity256(std::uint64_t(digit - '0'))) : shifted;
        if (!next) fail(fmt::format("'{}' is 2^256 or more", shortened(digits)));
        out = *next;
    }
    return out;
}

}  // namespace

Quantity256::Quantity256(std::uint64_t value) {
    for (std::size_t i = 0; i < 8; ++i) m_word[31 - i] = static_cast<std::uint8_t>(value >> (8 * i));
}

Quantity256 Quantity256::from_canonical(base::BytesView bytes) {
    if (bytes.size() > 32) fail("a number of more than 32 bytes");
    if (!bytes.empty() && bytes[0] == 0) fail("a number with a leading zero");
    Quantity256 out;
    std::copy(bytes.begin(), bytes.end(), out.m_word.end() - static_cast<std::ptrdiff_t>(bytes.size()));
    return out;
}

Quantity256 Quantity256::from_text(std::string_view text) {
    bool const is_hex = text.starts_with("0x");
    auto const digits = is_hex ? text.substr(2) : text;
    if (digits.empty()) fail("a number without digits");
    if (digits.size() > 100) fail(fmt::format("'{}' has too many digits", shortened(text)));
    return is_hex ? from_hex_digits(digits) : from_digits(digits);
}

base::Bytes Quantity256::canonical() const {
    auto const first = std::find_if(m_word.begin(), m_word.end(), [](auto byte) { return byte != 0; });
    return {first, m_word.end()};
}

std::string Quantity256::hex() const {
    auto const digits = base::to_hex(m_word);
    return "0x" + digits.substr(std::min<std::size_t>(digits.find_first_not_of('0'), 63));
}

std::string Quantity256::decimal() const {
    std::string out;
    auto rest = m_word;
    bool more = true;
    while (more) {  // the last digit first
        unsigned remainder = 0;
        more = false;
        for (auto& byte : rest) {
            auto const value = remainder << 8 | byte;
            byte = static_cast<std::uint8_t>(value / 10);
            remainder = value % 10;
            more = more || byte != 0;
        }
        out.push_back(static_cast<char>('0' + remainder));
    }
    std::reverse(out.begin(), out.end());
    return out;
}

int Quantity256::bits() const {
    auto const bytes = canonical();
    if (bytes.empty()) return 0;
    return static_cast<int>(bytes.size() - 1) * 8 + std::bit_width(bytes[0]);
}

std::optional<std::uint64_t> Quantity256::small() const {
    if (bits() > 64) return std::nullopt;
    return base::read_u64(base::BytesView(m_word).last(8));
}

std::optional<Quantity256> Quantity256::times(std::uint64_t factor) const {
    Quantity256 out;
    std::uint64_t carry = 0;  // below the factor, so that it and a product of 8 by 56 bits fit
    if (factor >> 56 != 0) {
        auto const high = times(factor >> 8);
        auto const shifted = high ? high->times(256) : high;
        auto const low = times(factor & 0xff);
        return shifted && low ? shifted->plus(*low) : std::nullopt;
    }
    for (std::size_t i = 32; i-- > 0;) {
        auto const value = m_word[i] * factor + carry;
        out.m_word[i] = static_cast<std::uint8_t>(value);
        carry = value >> 8;
    }
    if (carry != 0) return std::nullopt;
    return out;
}

std::optional<Quantity256> Quantity256::plus(Quantity256 const& other) const {
    Quantity256 out;
    unsigned carry = 0;
    for (std::size_t i = 32; i-- > 0;) {
        auto const value = unsigned{m_word[i]} + other.m_word[i] + carry;
        out.m_word[i] = static_cast<std::uint8_t>(value);
        carry = value >> 8;
    }
    if (carry != 0) return std::nullopt;
    return out;
}

Quantity256 Quantity256::inverted() const {
    Quantity256 out;
    for (std::size_t i = 0; i < 32; ++i) out.m_word[i] = static_cast<std::uint8_t>(~m_word[i]);
    return out;
}

Quantity256 Quantity256::negated() const {
    return inverted().plus(Quantity256(1)).value_or(Quantity256());
}

}  // namespace consortium::driver::evm
