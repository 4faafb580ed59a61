#pragma once

#include "core/model/proposal.h"
#include "core/model/statement.h"
#include "core/port/evidence.h"

#include <array>
#include <map>
#include <set>

namespace consortium::agreement {

/// An act of kind "proposal" with its body and what it is decided by. Where an epoch lets the vote go on, the
/// body says so: it closes later, on the ordinary track.
struct OpenProposal {
    base::Digest id;
    model::Act act;
    model::Proposal body;
    std::int64_t stage = 0;                     // how often the vote went on
    std::shared_ptr<model::Epoch const> base;   // electorate, weights and sizes come from it
    model::Decision const* decision = nullptr;  // in the base epoch's charter
};

/// Throws Error(not_found) if it is not held or no proposal. As it stands in `current`; without it, in the
/// latest final epoch.
OpenProposal load_proposal(port::Evidence const& evidence, base::Digest const& id);
OpenProposal load_proposal(port::Evidence const& evidence, base::Digest const& id,
                           model::Epoch const& current);
OpenProposal load_proposal(port::Evidence const& evidence, model::StoredAct stored);

/// When the ordinary vote on a proposal ends that is put as expedited.
base::Instant ordinary_close(OpenProposal const& proposal);

/// When the members knew of a proposal: the (f+1)-th smallest time of its receipt that these statements give,
/// as PROTOCOL P5 has it for ballots; none: fewer of them held it before the close.
std::optional<base::Instant> known_since(port::Evidence const& evidence,
                                         std::vector<base::Digest> const& statements, int f);

/// What a statement lists, wherever it keeps the list. The file must be held.
std::vector<model::Listing> listings(port::Evidence const& evidence, model::Act const& statement);

/// Kinds of acts on a proposal that count only if they are timely, besides suspensions.
inline constexpr std::array<std::string_view, 4> ballot_kinds{"ballot", "delegate", "recuse", "withdraw"};

bool is_ballot_kind(std::string_view kind);

/// The acts of these kinds on the proposal, the suspensions and the rulings on recusal that were received
/// here before it closed, sorted by id: what this seat states (PROTOCOL P5).
std::vector<model::Listing> seen_before_close(port::Evidence const& evidence, OpenProposal const& proposal);

/// Made after the close, or before it because the vote is settled.
enum class Statements { ordinary, early };

/// Statements of the present stage on the proposal by members that vote in its base epoch and are still
/// members of `current`: one a member (the first that arrived), sorted by id.
std::vector<model::StoredAct> statements_on(port::Evidence const& evidence, OpenProposal const& proposal,
                                            model::Epoch const& current,
                                            Statements which = Statements::ordinary);

/// Of all acts that the statements list, the P5 time: the (f+1)-th smallest receipt; none for late ones.
std::map<base::Digest, std::optional<base::Instant>> timeliness(port::Evidence const& evidence,
                                                                std::vector<base::Digest> const& statements,
                                                                int f);

}  // namespace consortium::agreement
