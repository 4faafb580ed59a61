#pragma once

#include "core/flow/apply.h"
#include "core/model/approval.h"
#include "core/policy/approval.h"

namespace consortium::flow {

/// What is approved: a digest, what it is of, and who asked for it.
struct ApprovalSubject {
    policy::Subject subject;
    std::string about;  // "root r-2026"; approvals of another digest with the same words are told apart by it
};

/// The charter's verdict on a digest, from the approvals that are held: those of this digest under this rule,
/// and, where `about` is not empty, those that say they are about the same thing but name another digest.
/// Throws Error(not_found) if the charter has no such rule. For every verb that waits for approvals.
model::Verdict approval_verdict(State const& state, std::string_view rule, ApprovalSubject const& wanted);

/// `approval sign DIGEST|NAME [--rule ID] [--about TEXT] [--file FILE]`. NAME is "p-…" for an act, the
/// serial of a certificate that waits, or the name of an object of kind `root` whose data has a field
/// "approve" with a digest (64 hexadecimal digits).
model::Plan plan_approval_sign(State const& state, model::Request const& request);
/// `approval verify DIGEST|NAME`: allowed, pending (exit 6) or refused (exit 5).
model::Outcome approval_verify(State const& state, model::Request const& request);
/// Every digest that somebody approved.
model::Outcome approval_list(State const& state, model::Request const& request);

/// `approval prepare DIGEST|NAME --for OFFICER --to FOLDER|FILE`, and what `approval sign` takes: writes the
/// bytes that an officer without a workspace signs with `ssh-keygen -Y sign -n consortium`, and beside them
/// FILE.txt, which says what they mean; in a folder FILE is approval-OFFICER-DIGEST. Throws Error(refused)
/// where the approval would not count, and what vote_prepare() throws.
model::Outcome approval_prepare(Services& services, State const& state, model::Request const& request);
/// `approval export DIGEST|NAME --to FOLDER`: every approval of it as files that other programs judge.
model::Outcome approval_export(State const& state, model::Request const& request);

}  // namespace consortium::flow
