#pragma once

#include "core/flow/services.h"
#include "core/model/own_change.h"
#include "core/model/plan.h"

namespace consortium::flow {

/// A member's own change as an act that follows the last one in the member's chain that is enacted, or will
/// be as far as is known here.
model::Draft own_change_draft(State const& state, model::OwnChange const& change);

/// What this member has signed about itself (own changes, suspensions) and no epoch has enacted yet, in the
/// order in which it would be enacted.
std::vector<model::StoredAct> waiting_own(State const& state);

/// The latest epoch as it is once that has been enacted: what a further change is made from.
model::Epoch with_own_changes(State const& state);

/// The plan of an act by which a member changes its own part: the officer may sign it, and it could be
/// enacted after those that wait. `target` and `summary` are the step's; what the request says in private is
/// about the person `about`.
model::Plan plan_own(State const& state, model::Request const& request, model::Draft const& draft,
                     std::string target, std::string summary, std::string const& about = {});

/// The public key in a file: PEM, or one line of OpenSSH. Throws Error(malformed), Error(not_found).
model::NewKey read_new_key(std::string const& file);

/// `key replace`: another seat or witness key for this member (operand "seat" or "witness"), the public key
/// of which is in the file `with`; `cause` "compromise" if the old one must not be relied on. Operand "log",
/// without a file: the key of the origin that this journal has begun (recover.h), else Error(unsupported).
model::Plan plan_key_replace(State const& state, model::Request const& request);

}  // namespace consortium::flow
