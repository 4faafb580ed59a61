#pragma once

#include "core/model/proposal.h"
#include "core/model/statement.h"
#include "core/port/evidence.h"

#include <map>
#include <set>

namespace consortium::agreement {

/// An act of kind "proposal" with its body and what it is decided by.
struct OpenProposal {
    base::Digest id;
    model::Act act;
    model::Proposal body;
    std::shared_ptr<model::Epoch const> base;   // electorate, weights and sizes come from it
    model::Decision const* decision = nullptr;  // in the base epoch's charter
};

/// Throws Error(not_found) if it is not held or no proposal.
OpenProposal load_proposal(port::Evidence const& evidence, base::Digest const& id);
OpenProposal load_proposal(port::Evidence const& evidence, model::StoredAct stored);

/// What a statement lists, wherever it keeps the list. The file must be held.
std::vector<model::Listing> listings(port::Evidence const& evidence, model::Act const& statement);

/// The ballots on the proposal and the suspensions that were received here before it closed, sorted by id:
/// what this seat states (PROTOCOL P5).
std::vector<model::Listing> seen_before_close(port::Evidence const& evidence, OpenProposal const& proposal);

/// Statements on the proposal by members that vote in its base epoch and are still members of `current`: one
/// a member (the first that arrived), sorted by id.
std::vector<model::StoredAct> statements_on(port::Evidence const& evidence, OpenProposal const& proposal,
                                            model::Epoch const& current);

/// Of all acts that the statements list, the P5 time: the (f+1)-th smallest receipt; none for late ones.
std::map<base::Digest, std::optional<base::Instant>> timeliness(port::Evidence const& evidence,
                                                                std::vector<base::Digest> const& statements,
                                                                int f);

}  // namespace consortium::agreement
