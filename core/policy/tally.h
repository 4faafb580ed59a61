#pragma once

#include "core/model/epoch.h"

namespace consortium::policy {

/// One member that may vote, with its weight: a snapshot of a proposal's base epoch.
struct Elector {
    std::string member;
    std::int64_t weight = 1;
};

/// The voting members of the decision's tiers, sorted by member, with the weights that the decision gives
/// them (per_member: 1; per_tier: the tier's; custom: by member, 0 where it names none).
std::vector<Elector> electorate(model::Epoch const& base, model::Decision const& decision);

/// What the decision lets a member of this tier weigh.
std::int64_t weight_of(model::Decision const& decision, model::Tier const& tier, std::string const& member);

/// A member's ballot that counts: the last timely revision; at most one a member.
struct Vote {
    std::string member;
    std::string choice;  // yes | no | abstain
};

/// What the votes add up to. Weights of members outside the electorate do not count.
struct Tally {
    bool passed = false;
    std::int64_t eligible = 0;  // weight of the electorate
    std::int64_t yes = 0, no = 0, abstain = 0;
    bool quorum_met = false;
    bool threshold_met = false;
    base::Rational quorum_share, pass_share;  // of the decision's denominators; 0 where they are 0
    std::vector<std::string> missing;         // electors who have not voted
    /// "passes: 7 of 9 eligible voted, 6 for, 1 against; quorum >=2/3 of eligible = 6; needs >2/3 of yes+no
    /// = 4.67"
    std::string words;
};

/// Rational arithmetic with the decision's own comparisons, in the order eligibility, quorum, threshold; zero
/// yes+no never passes. Pure. Two votes of one member, or an unknown choice, are Error(internal): whoever
/// picked the votes had to see to that.
Tally tally(model::Decision const& decision, std::vector<Elector> const& electors,
            std::vector<Vote> const& votes);

/// Whether no further ballot can change the outcome; with decision.ballot_change that needs an outcome that
/// also stands however those who voted vote anew. Never true by mistake; where the quorum counts no "yes" it
/// may stay false although nothing can change.
bool settled(model::Decision const& decision, std::vector<Elector> const& electors,
             std::vector<Vote> const& votes);

/// {"passed","eligible","yes","no","abstain","quorum_met","threshold_met","words","missing"}: goes into the
/// epoch's results, so the same input gives the same bytes for ever (PROTOCOL P12).
base::Json to_json(Tally const& tally);

}  // namespace consortium::policy
