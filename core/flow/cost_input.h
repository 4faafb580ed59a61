#pragma once

#include "core/account/usage_reader.h"
#include "core/flow/cost.h"

namespace consortium::flow {

/// What the request names. Throws Error(usage) if a required one is missing.
std::string text_argument(model::Request const& request, std::string const& name);
std::optional<std::string> optional_argument(model::Request const& request, std::string const& name);

/// What a usage file of the month must fit: members of the epoch, drivers of its charter.
account::UsageRules usage_rules(model::Epoch const& epoch, std::string const& month);

/// "infrastructure=12000.00": amounts by pool, in the charter's order. Throws Error(usage) for anything that
/// is not so, Error(not_found) for a pool that the charter does not have.
std::vector<model::PoolAmount> pool_amounts(model::Charter const& charter,
                                            std::vector<std::string> const& typed);

/// As held_allocations, but throws Error(not_found) if the month has none.
std::vector<HeldAllocation> need_allocations(port::Store const& store, std::string const& month);

/// What all allocations of the month together charged, sorted by pool and member.
std::vector<model::Billed> billed_so_far(std::vector<HeldAllocation> const& earlier);

}  // namespace consortium::flow
