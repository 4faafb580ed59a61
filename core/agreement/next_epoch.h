#pragma once

#include "core/agreement/statement.h"

#include <set>

namespace consortium::agreement {

/// What makes one epoch out of another: own changes, and proposals with their pinned statements.
struct Ingredients {
    std::vector<base::Digest> own_changes;                        // sorted
    std::map<base::Digest, std::vector<base::Digest>> decisions;  // proposal -> statements, sorted
    std::vector<base::Digest> lapsed;                             // proposals whose measures end, sorted
    bool empty() const { return own_changes.empty() && decisions.empty() && lapsed.empty(); }
};

Ingredients ingredients(model::Epoch const& epoch);

/// apply(e, own changes by member in chain order, results by closes then id) of PROTOCOL P6: a pure function
/// of what the ingredients name. Throws Error(refused) if an own change cannot be enacted or something was
/// decided before.
model::Epoch next_epoch(port::Evidence const& evidence, std::shared_ptr<model::Epoch const> const& latest,
                        Ingredients const& ingredients);

/// The own changes, `ready` and suspensions that wait and can be enacted now: for each member a chain from
/// its last enacted one. In the order of their ids.
std::vector<model::StoredAct> waiting_changes(port::Evidence const& evidence, model::Epoch const& current);

/// Whether an epoch up to this one has decided this proposal, or enacted this own change.
bool is_settled(port::Evidence const& evidence, model::Epoch const& current, base::Digest const& id);

/// Proposals that no epoch has decided yet, by closing time, then id.
std::vector<OpenProposal> open_proposals(port::Evidence const& evidence);

}  // namespace consortium::agreement
