#pragma once

#include "core/base/bytes.h"

#include <array>
#include <compare>
#include <optional>

namespace consortium::driver::evm {

/// An unsigned number below 2^256: amounts, prices and words of the machine. Never a floating-point number.
class Quantity256 {
public:
    Quantity256() = default;
    explicit Quantity256(std::uint64_t value);

    /// Big-endian, at most 32 bytes, without leading zeros, as RLP writes a number. Throws Error(malformed).
    static Quantity256 from_canonical(base::BytesView bytes);
    /// "0x" and hexadecimal digits, or decimal digits. Throws Error(malformed), above all for 2^256 and more.
    static Quantity256 from_text(std::string_view text);

    /// Big-endian without leading zeros; zero has no bytes.
    base::Bytes canonical() const;
    /// Big-endian, 32 bytes.
    std::array<std::uint8_t, 32> const& word() const { return m_word; }
    /// "0x" and hexadecimal digits without leading zeros, as the execution API writes a quantity.
    std::string hex() const;
    std::string decimal() const;
    /// How many bits it takes; zero takes none.
    int bits() const;
    std::optional<std::uint64_t> small() const;  // if it is below 2^64

    /// None if the product is 2^256 or more.
    std::optional<Quantity256> times(std::uint64_t factor) const;
    std::optional<Quantity256> plus(Quantity256 const& other) const;
    Quantity256 inverted() const;  // every bit
    /// 2^256 less this, modulo 2^256: how a negative number is written.
    Quantity256 negated() const;

    auto operator<=>(Quantity256 const&) const = default;

private:
    std::array<std::uint8_t, 32> m_word{};
};

}  // namespace consortium::driver::evm
