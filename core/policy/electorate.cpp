// Who is asked, and with what weight.

#include "core/policy/count.h"

#include <algorithm>

namespace consortium::policy {

namespace {

/// Whether a weight of `top`, all larger ones being lowered to it, is within the cap.
bool within(base::Rational const& cap, std::vector<Elector> const& electors, std::int64_t top) {
    base::Wide total = 0;
    for (Elector const& elector : electors) total += std::min(elector.weight, top);
    return total == 0 || base::Rational::of(top, total) <= cap;
}

}  // namespace

std::int64_t weight_of(model::Decision const& decision, model::Tier const& tier, std::string const& member) {
    if (decision.weight == "per_member") return 1;
    if (decision.weight == "per_tier") return tier.weight;
    auto const found = decision.weights.find(member);
    return found == decision.weights.end() ? 0 : found->second;
}

void apply_cap(base::Rational const& cap, std::vector<Elector>& electors) {
    std::int64_t largest = 0;
    for (Elector const& elector : electors) largest = std::max(largest, elector.weight);
    if (largest == 0 || within(cap, electors, largest)) return;
    // The share of the top weight grows with it, so the largest that fits is found by halving.
    std::int64_t fits = 1, beyond = largest;
    while (beyond - fits > 1) {
        std::int64_t const middle = fits + (beyond - fits) / 2;
        (within(cap, electors, middle) ? fits : beyond) = middle;
    }
    for (Elector& elector : electors) elector.weight = std::min(elector.weight, fits);
}

std::vector<Elector> electorate(model::Epoch const& base, model::Decision const& decision) {
    std::vector<Elector> out;
    for (model::Member const* member : base.voting()) {
        model::Tier const* tier = base.charter.tier(member->tier);
        if (tier == nullptr || !contains(decision.electorate, tier->id)) continue;
        out.push_back({member->id, weight_of(decision, *tier, member->id), tier->id});
    }
    if (decision.weight_cap) apply_cap(*decision.weight_cap, out);
    return out;
}

}  // namespace consortium::policy
