#pragma once

#include "core/flow/rotation.h"

namespace consortium::flow {

/// Whether what is prepared may be carried out: the charter's rule 'root' is met by approvals of that very
/// digest; and where the plan names other custodians of the new key than the old one has, a threshold of the
/// old ones and one of the new are among those who approve, as TUF has it of its root's keys.
model::Verdict root_verdict(State const& state, Rotation const& rotation);

/// Who restores a key, and how many of them it takes; none: nobody is named.
struct Custodians {
    std::vector<std::string> officers;
    std::int64_t threshold = 0;
    bool operator==(Custodians const&) const = default;
};
/// Those of the plan, and those of the rotation that made its old root.
Custodians new_custodians(model::RotationPlan const& plan);
Custodians old_custodians(State const& state, model::RotationPlan const& plan);

}  // namespace consortium::flow
