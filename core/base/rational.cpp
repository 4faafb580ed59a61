#include "core/base/rational.h"

#include "core/base/error.h"
#include "core/base/text.h"

#include <algorithm>
#include <fmt/format.h>

namespace consortium::base {

namespace {

[[noreturn]] void too_large() {
    throw Error(Code::refused, "a fraction does not fit 127 bits");
}

Wide times(Wide left, Wide right) {
    Wide out = 0;
    if (__builtin_mul_overflow(left, right, &out)) too_large();
    return out;
}

Wide plus(Wide left, Wide right) {
    Wide out = 0;
    if (__builtin_add_overflow(left, right, &out)) too_large();
    return out;
}

Wide magnitude(Wide value) {
    if (value >= 0) return value;
    Wide out = 0;
    if (__builtin_sub_overflow(Wide{0}, value, &out)) too_large();
    return out;
}

Wide common_divisor(Wide left, Wide right) {
    left = magnitude(left);
    right = magnitude(right);
    while (right != 0) {
        Wide const rest = left % right;
        left = right;
        right = rest;
    }
    return left == 0 ? 1 : left;
}

Wide floor_divide(Wide numerator, Wide denominator) {
    Wide const quotient = numerator / denominator;
    return numerator % denominator < 0 ? quotient - 1 : quotient;
}

/// What floor_divide leaves: from 0 up to the denominator, without a product that could overflow.
Wide floor_rest(Wide numerator, Wide denominator) {
    Wide const rest = numerator % denominator;
    return rest < 0 ? rest + denominator : rest;
}

[[noreturn]] void malformed(std::string_view text) {
    throw Error(Code::malformed, fmt::format("'{}' is not a fraction: write 2/3, 3, 0.334 or 33.4%",
                                             printable(text.substr(0, 80))));
}

/// One to eighteen digits, so that nothing overflows.
Wide digits(std::string_view text, std::string_view whole) {
    if (text.empty() || text.size() > 18 || text.find_first_not_of("0123456789") != std::string_view::npos) {
        malformed(whole);
    }
    Wide value = 0;
    for (char digit : text) value = value * 10 + (digit - '0');
    return value;
}

}  // namespace

Rational::Rational(std::int64_t whole) : m_numerator(whole) {}

Rational Rational::of(Wide numerator, Wide denominator) {
    if (denominator == 0) throw Error(Code::refused, "a fraction with denominator zero");
    Wide const divisor = common_divisor(numerator, denominator);
    Rational out;
    out.m_numerator = numerator / divisor;
    out.m_denominator = denominator / divisor;
    if (out.m_denominator < 0) {
        out.m_denominator = magnitude(out.m_denominator);
        out.m_numerator = out.m_numerator < 0 ? magnitude(out.m_numerator) : -out.m_numerator;
    }
    return out;
}

Rational Rational::from_text(std::string_view text) {
    std::string_view rest = text;
    Wide const sign = rest.starts_with('-') ? -1 : 1;
    if (sign < 0) rest.remove_prefix(1);
    if (std::size_t const slash = rest.find('/'); slash != std::string_view::npos) {
        Wide const denominator = digits(rest.substr(slash + 1), text);
        if (denominator == 0) malformed(text);
        return of(sign * digits(rest.substr(0, slash), text), denominator);
    }
    Wide scale = rest.ends_with('%') ? 100 : 1;
    if (scale == 100) rest.remove_suffix(1);
    std::size_t const point = rest.find('.');
    Wide value = digits(rest.substr(0, point), text);
    if (point != std::string_view::npos) {
        std::string_view const places = rest.substr(point + 1);
        Wide const part = digits(places, text);
        Wide power = 1;
        for (std::size_t i = 0; i < places.size(); ++i) power *= 10;
        value = value * power + part;
        scale *= power;
    }
    return of(sign * value, scale);
}

std::string Rational::text() const {
    if (m_denominator == 1) return to_text(m_numerator);
    return to_text(m_numerator) + "/" + to_text(m_denominator);
}

std::string Rational::decimal(int places) const {
    Wide const size = magnitude(m_numerator);
    std::string whole = to_text(size / m_denominator);
    Wide rest = size % m_denominator;
    Wide denominator = m_denominator;
    constexpr Wide room = Wide{1} << 122;  // ten times it still fits; the last bits do not show
    while (denominator > room) {
        denominator >>= 1;
        rest >>= 1;
    }
    rest = std::min(rest, denominator - 1);  // the lost bits can have made them equal
    std::string fraction;
    for (int i = 0; i < places; ++i) {
        rest *= 10;
        fraction += static_cast<char>('0' + static_cast<int>(rest / denominator));
        rest %= denominator;
    }
    std::string all = whole + fraction;
    if (rest * 2 >= denominator) {  // round up: carry through the digits
        std::size_t i = all.size();
        while (i > 0 && all[i - 1] == '9') all[--i] = '0';
        if (i == 0) {
            all.insert(0, 1, '1');
        } else {
            ++all[i - 1];
        }
    }
    bool const zero = all.find_first_not_of('0') == std::string::npos;
    if (places > 0) all.insert(all.size() - static_cast<std::size_t>(places), ".");
    return (m_numerator < 0 && !zero ? "-" : "") + all;
}

Rational operator+(Rational const& left, Rational const& right) {
    // Knuth 4.5.1: dividing by the common part first keeps the products small.
    Wide const divisor = common_divisor(left.m_denominator, right.m_denominator);
    Wide const numerator = plus(times(left.m_numerator, right.m_denominator / divisor),
                                times(right.m_numerator, left.m_denominator / divisor));
    Wide const shared = common_divisor(numerator, divisor);
    return Rational::of(numerator / shared,
                        times(left.m_denominator / divisor, right.m_denominator / shared));
}

Rational operator-(Rational const& left, Rational const& right) {
    return left + right * Rational(-1);
}

Rational operator*(Rational const& left, Rational const& right) {
    Wide const first = common_divisor(left.m_numerator, right.m_denominator);
    Wide const second = common_divisor(right.m_numerator, left.m_denominator);
    return Rational::of(times(left.m_numerator / first, right.m_numerator / second),
                        times(left.m_denominator / second, right.m_denominator / first));
}

Rational operator/(Rational const& left, Rational const& right) {
    return left * Rational::of(right.m_denominator, right.m_numerator);
}

std::strong_ordering Rational::operator<=>(Rational const& other) const {
    Wide a = m_numerator, b = m_denominator, c = other.m_numerator, d = other.m_denominator;
    // Compare the whole parts; when they are equal compare the reciprocals of the rests the other way round.
    for (bool flipped = false;; flipped = !flipped) {
        Wide const left = floor_divide(a, b);
        Wide const right = floor_divide(c, d);
        if (left != right)
            return (left < right) != flipped ? std::strong_ordering::less : std::strong_ordering::greater;
        Wide const left_rest = floor_rest(a, b);
        Wide const right_rest = floor_rest(c, d);
        if (left_rest == 0 || right_rest == 0) {
            bool const left_more = left_rest != 0, right_more = right_rest != 0;
            return flipped ? right_more <=> left_more : left_more <=> right_more;
        }
        a = b;
        b = left_rest;
        c = d;
        d = right_rest;
    }
}

std::string to_text(Wide value) {
    // Digits from the negative side, so that the smallest value needs no exception.
    bool const negative = value < 0;
    if (!negative) value = -value;
    std::string out;
    do {
        out += static_cast<char>('0' - static_cast<int>(value % 10));
        value /= 10;
    } while (value != 0);
    if (negative) out += '-';
    std::reverse(out.begin(), out.end());
    return out;
}

}  // namespace consortium::base
