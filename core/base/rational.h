#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

namespace consortium::base {

__extension__ __extension__ typedef __int128 Wide;  // NOLINT(modernize-use-using): an alias would warn

/// An exact fraction in lowest terms, denominator positive. Comparison never overflows (continued
/// fractions); arithmetic that does not fit 127 bits throws Error(refused).
class Rational {
public:
    Rational(std::int64_t whole = 0);  // NOLINT: whole numbers are fractions
    static Rational of(Wide numerator, Wide denominator);
    /// "2/3", "3", "0.334", "33.4%". Throws Error(malformed).
    static Rational from_text(std::string_view text);

    Wide numerator() const { return m_numerator; }
    Wide denominator() const { return m_denominator; }
    std::string text() const;               // "2/3", "3"
    std::string decimal(int places) const;  // rounded half up, for people

    friend Rational operator+(Rational const&, Rational const&);
    friend Rational operator-(Rational const&, Rational const&);
    friend Rational operator*(Rational const&, Rational const&);
    friend Rational operator/(Rational const&, Rational const&);
    std::strong_ordering operator<=>(Rational const& other) const;
    bool operator==(Rational const&) const = default;

private:
    Wide m_numerator = 0;
    Wide m_denominator = 1;
};

std::string to_text(Wide value);

}  // namespace consortium::base
