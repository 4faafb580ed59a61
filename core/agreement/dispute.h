#pragma once

#include "core/agreement/dispute_stage.h"
#include "core/model/proposal.h"

namespace consortium::agreement {

/// How far a stage has come, by what is held.
enum class Phase {
    answer,  // the other party has not answered
    reveal,  // both committed; a salt is missing
    strike,  // drawn; a party has not said whom it strikes
    assign,  // the panel follows; nobody has stated it yet
    rule,    // the panel sits
    ruled,   // what it ruled is in force
};

/// One stage with all that is held of it. Where enough bystanders say that a time has passed that is what
/// counts, whatever arrives later: all who hold the same acts see the same.
struct StageView {
    Stage stage;
    Pins pins;  // what an act made now would pin
    std::vector<model::StoredAct> pleas;
    Phase phase = Phase::answer;
    std::vector<std::string> missing;       // members, and officers of the panel
    std::optional<base::Instant> deadline;  // by the receipts of this workspace; none: nothing is waited for
    std::optional<Drawn> drawn;
    std::optional<model::Assign> follows;  // the panel that follows from the pins
    std::vector<std::string> panel;        // as stated; empty: not yet
    std::vector<model::Ruling> rulings;    // under that panel
    policy::Majority sum;

    /// What the rulings amount to, as an act about the time to rule or to appeal says it.
    Outcome outcome() const { return {panel, sum.reached ? sum.level : -1}; }
    /// What an act about the draw refers to: reveals, and whose time has passed.
    std::vector<base::Digest> basis() const;
    /// What an assign would refer to, after the stage.
    std::vector<base::Digest> seating() const;
};

/// A dispute with its appeal, if there is one.
struct DisputeView {
    StageView first;
    std::optional<StageView> appeal;
    std::optional<model::StoredAct> close;
    std::optional<base::Instant> appealable;  // until when, by the receipts of this workspace

    StageView const& last() const { return appeal ? *appeal : first; }
    /// open | answered | drawn | assigned | ruled | appealed | closed | withdrawn
    std::string status() const;
};

/// Throws Error(not_found).
DisputeView load_dispute(port::Evidence const& evidence, base::Digest const& id);

/// Ids of all disputes that are held, in journal order.
std::vector<base::Digest> disputes(port::Evidence const& evidence);

/// The rulings held here that keep somebody from voting on this proposal: what a seat states with the
/// ballots.
std::vector<model::StoredAct> recusing_rulings(port::Evidence const& evidence, base::Digest const& proposal);
/// The members that these rulings keep from voting on it, sorted: for each dispute about it, whom a majority
/// of the panel names among the rulings whose ids are given, and whose keys `current` has not removed for
/// cause. The first panel's answer, or that of the first appeal on which a majority of its panel ruled, the
/// respondent's before the other's, then by id.
std::vector<std::string> ruled_recusals(port::Evidence const& evidence, model::Epoch const& current,
                                        base::Digest const& proposal, std::set<base::Digest> const& timely);

/// Why the finding of a proposal does not carry it: none where the charter asks for one, no closed dispute,
/// not upheld, against another member, or a lower sanction than the action is; nor where the arbitration of
/// the proposal's epoch is another by now, or the key of somebody that it rests on was removed there for
/// cause. Empty: it does.
std::string check_finding(port::Evidence const& evidence, model::Epoch const& epoch,
                          model::Proposal const& proposal, model::Decision const& decision);
/// Whether the panel's finding takes the place of a vote in which nobody is left to ask: it upheld a dispute
/// that asked it to carry the same action, after an earlier vote on that had gone to the panel. Such a
/// finding carries nothing else.
bool panel_carries(port::Evidence const& evidence, model::Proposal const& proposal);
/// The rung of the ladder that an action executes; -1: none.
int rung_of_action(std::string_view action);

}  // namespace consortium::agreement
