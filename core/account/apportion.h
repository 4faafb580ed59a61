#pragma once

#include "core/base/rational.h"

#include <vector>

namespace consortium::account {

struct Claim {
    std::string id;           // ties are broken by its bytes, the smaller first
    std::int64_t weight = 0;  // not negative
};

struct Share {
    std::string id;
    base::Rational quota;  // total x weight / sum of weights, exact
    std::int64_t minor = 0;
};

/// Splits `total` whole units in proportion to the weights by largest remainder (Hamilton): everybody gets
/// the whole part of their quota; the units left over go, one each, to the largest fractions. The shares sum
/// to `total` always. A negative total is apportioned by its absolute value, so that a credit mirrors its
/// charge exactly. The result has the order of the claims. Note that largest remainder is not monotone: a
/// larger total can give somebody less.
/// Throws Error(refused) if the weights sum to zero or beyond 63 bits, Error(malformed) for a negative
/// weight.
std::vector<Share> apportion(std::int64_t total, std::vector<Claim> const& claims);

/// The sum of the weights, checked as apportion does, but zero is returned.
std::int64_t total_weight(std::vector<Claim> const& claims);

}  // namespace consortium::account
