#pragma once

#include "core/account/apportion.h"
#include "core/model/invoice.h"

namespace consortium::account {

/// How one pool is to be shared among the members.
struct Basis {
    std::string method;  // what is applied: the pool's, or its fallback
    std::vector<Claim> claims;
    std::vector<std::int64_t> quantities;  // before member-days were multiplied in; in the order of claims
    bool prorated = false;                 // member-days were multiplied in
};

/// The weights of one pool. equal: member-days. weighted: the charter's weight x member-days. volume: the
/// member's sum of the driver column, which days of absence have lowered already. A zero sum takes the pool's
/// fallback. Throws Error(refused) naming the pool if there is none, if a weight is missing, or if the usage
/// file lacks the driver.
Basis basis_of(model::CostPool const& pool, std::vector<model::Participant> const& members);

/// Computes every line: pure, so that anybody who holds the inputs gets the same lines. With `billed`, lines
/// ask only for the difference to what was charged before (G27); such a member without a share any more gets
/// its money back.
model::Allocation allocate(model::CostInputs inputs);

/// All that does not hold in an allocation: lines that differ from those computed from its inputs, pools
/// that do not sum to their amount. Empty: it holds.
std::vector<std::string> differences(model::Allocation const& allocation);

}  // namespace consortium::account
