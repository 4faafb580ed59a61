#pragma once

#include "core/flow/approval.h"

namespace consortium::flow {

struct HeldApproval {
    model::StoredAct act;
    model::Approval approval;
};

/// Approvals of the digest under the rule; then those about the same thing with another digest, unless their
/// author approved the right one too.
std::vector<HeldApproval> relevant_approvals(State const& state, std::string_view rule,
                                             ApprovalSubject const& wanted);
/// What a request names: DIGEST|NAME, --about.
ApprovalSubject approval_wanted(State const& state, model::Request const& request);
/// --rule, else the rule of the certificate that waits, else the charter's only one.
std::string approval_rule_of(State const& state, model::Request const& request);

}  // namespace consortium::flow
