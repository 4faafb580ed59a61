#pragma once

#include "core/model/epoch.h"
#include "core/model/verdict.h"

namespace consortium::policy {

/// Whether the officer may sign acts of this kind in this epoch: known and active, its member active, its key
/// active, one of the kind's roles, and the rights of the member's tier ("vote" for ballots; "write" for what
/// sets others to work: proposals, invitations, checks, approvals). Officers of a suspended member sign what
/// looks after its keys. Roles that have ended by `now` do not count; none: all do.
model::Verdict may_sign(model::Epoch const& epoch, std::string_view officer, std::string_view kind,
                        std::optional<base::Instant> now = {});

/// may_sign a proposal, and the charter's own words on who proposes this action. Refused when no decision of
/// the charter covers the action.
model::Verdict may_propose(model::Epoch const& epoch, std::string_view officer, std::string_view action,
                           std::optional<base::Instant> now = {});

/// may_sign a ballot in the epoch that it will name, the current one, and the officer's member is in the
/// decision's electorate of the proposal's base epoch, with a weight: officers change while a vote is open,
/// electorates do not (PROTOCOL P3).
model::Verdict may_vote(model::Epoch const& current, model::Epoch const& base, std::string_view officer,
                        std::string_view action, std::optional<base::Instant> now = {});

}  // namespace consortium::policy
