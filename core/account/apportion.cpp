#include "core/account/apportion.h"

#include "core/base/error.h"

#include <algorithm>
#include <limits>
#include <numeric>

namespace consortium::account {

using base::Code;
using base::Error;
using base::Wide;

namespace {

/// Positions of the claims, those with the largest remainder first, ties by id.
std::vector<std::size_t> by_remainder(std::vector<Claim> const& claims, std::vector<Wide> const& remainders) {
    std::vector<std::size_t> order(claims.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::sort(order.begin(), order.end(), [&](std::size_t left, std::size_t right) {
        if (remainders[left] != remainders[right]) return remainders[left] > remainders[right];
        return claims[left].id < claims[right].id;
    });
    return order;
}

}  // namespace

std::int64_t total_weight(std::vector<Claim> const& claims) {
    Wide sum = 0;
    for (auto const& claim : claims) {
        if (claim.weight < 0) throw Error(Code::malformed, "the weight of '" + claim.id + "' is negative");
        sum += claim.weight;
    }
    if (sum > std::numeric_limits<std::int64_t>::max())
        throw Error(Code::refused, "the weights of " + std::to_string(claims.size()) +
                                       " members sum to more than 63 bits hold");
    return static_cast<std::int64_t>(sum);
}

std::vector<Share> apportion(std::int64_t total, std::vector<Claim> const& claims) {
    auto const weights = Wide{total_weight(claims)};
    if (weights == 0) throw Error(Code::refused, "nothing to share by: every weight is zero");
    // Below 2^63 x 2^63, so it fits.
    auto const magnitude = total < 0 ? -Wide{total} : Wide{total};
    auto const sign = total < 0 ? -1 : 1;

    std::vector<Wide> units, remainders;
    Wide left = magnitude;
    for (auto const& claim : claims) {
        auto const product = magnitude * claim.weight;
        units.push_back(product / weights);
        remainders.push_back(product % weights);
        left -= units.back();
    }
    for (auto const place : by_remainder(claims, remainders)) {
        if (left == 0) break;
        ++units[place];
        --left;
    }
    std::vector<Share> shares;
    for (std::size_t i = 0; i < claims.size(); ++i)
        shares.push_back({claims[i].id, base::Rational::of(sign * magnitude * claims[i].weight, weights),
                          static_cast<std::int64_t>(sign * units[i])});
    return shares;
}

}  // namespace consortium::account
