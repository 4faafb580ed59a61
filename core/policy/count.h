#pragma once

#include "core/policy/tally.h"

namespace consortium::policy {

enum class Choice : std::uint8_t { none, yes, no, abstain, veto };

/// Weights by choice.
struct Sums {
    base::Wide all = 0;       // of everybody asked
    base::Wide eligible = 0;  // without the recused
    base::Wide yes = 0, no = 0, abstain = 0;
    base::Wide veto = 0;  // the part of `no` that said "veto"

    base::Wide cast() const { return yes + no + abstain; }
    void add(Choice choice, base::Wide weight);
    /// The denominator that "yes+no", "cast", "eligible" or "all" names.
    base::Wide base(std::string_view of) const;
};

/// Votes after eligibility, recusal and delegation.
struct Count {
    Sums total;
    std::map<std::string, Sums, std::less<>> classes;  // by tier, those that the decision asks
    std::vector<std::string> missing, recused;
    std::vector<Delegation> delegated;
    Choice casting = Choice::none;  // what the casting member says
};

/// Counts the votes. Throws Error(internal) as tally() says.
Count count(model::Decision const& decision, std::vector<Elector> const& electors,
            std::vector<Vote> const& votes, Context const& context);

/// What it comes to when the electors say these, in their order: nobody is recused, nobody delegates.
Count count_said(model::Decision const& decision, std::vector<Elector> const& electors,
                 std::vector<Choice> const& said);

/// What a vote says under this decision: a no without the reason it needs is an abstention.
Choice choice_of(model::Decision const& decision, Vote const& vote);

/// The rules after counting, in their order: fills everything but words.
Tally judge(model::Decision const& decision, Count const& counted, Track track);

/// The one sentence that says why.
std::string in_words(model::Decision const& decision, Sums const& sums, Tally const& tally);

bool contains(std::vector<std::string> const& list, std::string_view item);
base::Rational share(base::Wide part, base::Wide whole);
/// The weight of the choices that the quorum counts.
base::Wide quorum_weight(model::Decision const& decision, Sums const& sums);

}  // namespace consortium::policy
