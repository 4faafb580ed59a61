#pragma once

#include "core/base/rational.h"

namespace consortium::base {

/// An ISO 4217 code with its number of minor digits (EUR 2, JPY 0, BHD 3). Throws Error(malformed) for an
/// unknown code.
struct Currency {
    std::string code;
    int digits = 2;
    bool operator==(Currency const&) const = default;
    static Currency from_code(std::string_view code);
};

/// An amount in whole minor units of one currency. Never floating point. Adding two currencies throws.
struct Money {
    std::int64_t minor = 0;
    Currency currency;

    bool operator==(Money const&) const = default;
    std::string text() const;  // "1234.56", sign first
    /// "1234.56"; no more digits than the currency has; an optional leading '-'. Throws Error(malformed).
    static Money from_text(std::string_view text, Currency const& currency);
};

Money operator+(Money const& left, Money const& right);
Money operator-(Money const& left, Money const& right);
Money operator-(Money const& amount);

}  // namespace consortium::base
