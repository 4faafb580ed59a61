#include "core/base/money.h"

#include "core/base/error.h"
#include "core/base/text.h"

#include <array>
#include <fmt/format.h>

namespace consortium::base {

namespace {

struct Digits {
    int count;
    std::string_view codes;  // separated by blanks
};

/// ISO 4217, list one (active codes), by number of minor digits. Codes without minor units (precious metals,
/// drawing rights, testing) are left out: nothing is billed in them.
constexpr std::array currencies{
    Digits{0, "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF"},
    Digits{
        2,
        "AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD "
        "CDF CHE CHF CHW CNY COP COU CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD "
        "GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA "
        "MKD MMK MNT MOP MRU MUR MVR MWK MXN MXV MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR "
        "RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD "
        "TZS UAH USD USN UYU UZS VED VES WST XCD YER ZAR ZMW ZWL"},
    Digits{3, "BHD IQD JOD KWD LYD OMR TND"},
    Digits{4, "CLF UYW"},
};

void check_same(Money const& left, Money const& right) {
    if (left.currency == right.currency) return;
    throw Error(Code::internal,
                fmt::format("amounts in {} and {} cannot be added", left.currency.code, right.currency.code));
}

[[noreturn]] void too_large() {
    throw Error(Code::refused, "an amount of money does not fit 63 bits");
}

[[noreturn]] void malformed(std::string_view text, Currency const& currency) {
    throw Error(Code::malformed,
                fmt::format("'{}' is not an amount of {}: digits with at most {} after the point expected",
                            printable(text.substr(0, 80)), currency.code, currency.digits));
}

}  // namespace

Currency Currency::from_code(std::string_view code) {
    bool const shaped = code.size() == 3 && code.find(' ') == std::string_view::npos;
    for (Digits const& row : currencies) {
        if (shaped && row.codes.find(code) != std::string_view::npos) return {std::string(code), row.count};
    }
    throw Error(Code::malformed,
                fmt::format("'{}' is not a currency of ISO 4217", printable(code.substr(0, 80))));
}

std::string Money::text() const {
    std::string digits = to_text(minor < 0 ? -Wide{minor} : Wide{minor});
    auto const places = static_cast<std::size_t>(currency.digits);
    if (digits.size() <= places) digits.insert(0, places + 1 - digits.size(), '0');
    if (places > 0) digits.insert(digits.size() - places, ".");
    return (minor < 0 ? "-" : "") + digits;
}

Money Money::from_text(std::string_view text, Currency const& currency) {
    std::string_view rest = text;
    bool const negative = rest.starts_with('-');
    if (negative) rest.remove_prefix(1);
    std::size_t const point = rest.find('.');
    std::string digits(rest.substr(0, point));
    std::string_view const places =
        point == std::string_view::npos ? std::string_view{} : rest.substr(point + 1);
    bool const dangling = point != std::string_view::npos && places.empty();
    if (digits.empty() || dangling || places.size() > static_cast<std::size_t>(currency.digits)) {
        malformed(text, currency);
    }
    digits += places;
    digits.append(static_cast<std::size_t>(currency.digits) - places.size(), '0');
    std::int64_t minor = 0;
    for (char digit : digits) {
        if (digit < '0' || digit > '9') malformed(text, currency);
        bool const full = __builtin_mul_overflow(minor, 10, &minor);
        if (full || __builtin_sub_overflow(minor, digit - '0', &minor)) too_large();
    }
    if (!negative && __builtin_sub_overflow(std::int64_t{0}, minor, &minor)) too_large();
    return {minor, currency};
}

Money operator+(Money const& left, Money const& right) {
    check_same(left, right);
    Money sum = left;
    if (__builtin_add_overflow(left.minor, right.minor, &sum.minor)) too_large();
    return sum;
}

Money operator-(Money const& left, Money const& right) {
    check_same(left, right);
    Money difference = left;
    if (__builtin_sub_overflow(left.minor, right.minor, &difference.minor)) too_large();
    return difference;
}

Money operator-(Money const& amount) {
    return Money{0, amount.currency} - amount;
}

}  // namespace consortium::base
