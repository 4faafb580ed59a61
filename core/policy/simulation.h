#pragma once

#include "core/policy/tally.h"

namespace consortium::policy {

/// What a number of members that vote, none of them abstaining, can make of a decision.
struct Pattern {
    int voting = 0;
    std::optional<int> at_best;  // fewest yes with which it passes, if the right members vote and say so
    std::optional<int> surely;   // fewest yes with which it passes, whichever members vote and say so
};

/// One pattern for every turnout, from nobody to everybody. Exact: members of the same weight and class can
/// replace each other, so that only how many of each kind vote, and say yes, is tried. Nothing where there
/// are so many kinds of members that this takes more than 100,000 trials.
std::optional<std::vector<Pattern>> turnout_patterns(model::Decision const& decision,
                                                     std::vector<Elector> const& electors);

/// How members behave, as shares from 0 to 1 in terms of at most 10^9.
struct Habits {
    base::Rational turnout = 1;                                  // of members whose tier is not named
    std::map<std::string, base::Rational, std::less<>> by_tier;  // turnout
    base::Rational support = base::Rational::of(1, 2);           // of those who do not abstain: yes
    base::Rational abstain = 0;                                  // of those who vote
};

/// What came of a number of votes.
struct Runs {
    int rounds = 0;
    int passed = 0;
    /// The others, by the first rule that they missed: "quorum", "veto", "class steward", "threshold",
    /// "objections", "emergency".
    std::map<std::string, int> missed;
};

/// Casts `rounds` votes by chance: each elector for itself. The same seed gives the same runs, on any
/// machine.
Runs cast_by_chance(model::Decision const& decision, std::vector<Elector> const& electors,
                    Habits const& habits, Track track, int rounds, std::uint64_t seed);

}  // namespace consortium::policy
