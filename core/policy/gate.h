#pragma once

#include "core/model/epoch.h"
#include "core/model/member.h"
#include "core/model/verdict.h"

namespace consortium::policy {

/// A `check` act: what it says, and who signed it.
struct SignedCheck {
    model::Check check;
    std::string member;
    std::string officer;
};

/// Whether an application has passed every gate of the charter: evidence for each item, and a check "pass" of
/// this submission by an active officer with one of the gate's roles. A checker is never of the applicant,
/// nor of an organization under the same control; such checks do not count.
///   pending  evidence or checks are missing: `missing` names "gate/item" or the gate
///   refused  somebody entitled to it checked "fail"
/// `submission_id` is the id of the submit act: checks of any other submission do not count.
model::Verdict onboarding(model::Epoch const& epoch, model::Submission const& submission,
                          base::Digest const& submission_id, std::vector<SignedCheck> const& checks);

/// Whether this officer may check this gate for the applicant: what to ask before signing a check.
model::Verdict may_check(model::Epoch const& epoch, model::Submission const& submission,
                         std::string_view officer, std::string_view gate);

}  // namespace consortium::policy
