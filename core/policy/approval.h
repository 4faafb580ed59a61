#pragma once

#include "core/model/epoch.h"
#include "core/model/verdict.h"

#include <limits>

namespace consortium::policy {

/// One approval act, as far as the rule looks at it.
struct Signature {
    std::string officer;
    base::Digest digest;      // what it approves
    base::Instant time = {};  // as its author says: roles that had ended by then do not count
    base::Instant expires = {std::numeric_limits<std::int64_t>::max()};  // from then on it does not count
    base::Digest key = {};  // that signed it; zero where nobody knows
};

/// What is to be approved, and who asked for it.
struct Subject {
    base::Digest digest;
    std::string proposer;  // officer; may be empty where nobody in particular asked
};

/// Counts approvals by the charter's rule. People count once, and so do control groups (G25); only active
/// officers with one of the rule's roles count; the proposer's own person does not where the charter says so;
/// what has expired at `now` does not, nor what a key signed that was removed for a cause since; both are
/// named.
///   allowed  enough officers of enough distinct members approved this very digest
///   pending  too few: `missing` names the members that could still approve, `state` says "2 of 3 approvals"
///   refused  too few, and of what is there two are of one member (beyond what the rule leaves room for), or
///            of another digest (G26), or too few members could ever approve
/// A surplus never spoils what is enough without it.
model::Verdict approved(model::Epoch const& epoch, model::ApprovalRule const& rule, Subject const& subject,
                        std::vector<Signature> const& signatures, base::Instant now = {});

/// Whether one more approval, by this officer and at this time, would count: what to check before signing it.
model::Verdict may_approve(model::Epoch const& epoch, model::ApprovalRule const& rule, Subject const& subject,
                           std::vector<Signature> const& signatures, std::string_view officer,
                           base::Instant when = {});

/// The officers whose approval counts by this rule, whoever proposed; by id. Of one person there may be
/// several. Roles that end one day are had.
std::vector<model::Officer const*> approvers(model::Epoch const& epoch, model::ApprovalRule const& rule);

}  // namespace consortium::policy
