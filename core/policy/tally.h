#pragma once

#include "core/model/epoch.h"

namespace consortium::policy {

/// One member that may vote, with its weight: a snapshot of a proposal's base epoch.
struct Elector {
    std::string member;
    std::int64_t weight = 1;
    std::string tier = {};  // for majorities of a class
};

/// The voting members of the decision's tiers, sorted by member, with the weights that the decision gives
/// them (per_member: 1; per_tier: the tier's; custom: by member, 0 where it names none), under its cap.
std::vector<Elector> electorate(model::Epoch const& base, model::Decision const& decision);

/// What the decision lets a member of this tier weigh, before its cap.
std::int64_t weight_of(model::Decision const& decision, model::Tier const& tier, std::string const& member);

/// Lowers the largest weights to the largest whole number with which nobody has a larger share than `cap` of
/// what then remains; to 1 where even that is more.
void apply_cap(base::Rational const& cap, std::vector<Elector>& electors);

/// A member's ballot that counts: the last timely revision; at most one a member.
struct Vote {
    std::string member;
    std::string choice;    // of model::choices(decision)
    bool reasoned = true;  // it states a reason, for decisions with reasoned_no
};

/// How a proposal is put: chosen when it is opened.
enum class Track { ordinary, expedited, emergency };
std::string_view name_of(Track track);
/// Any other word than "expedited" and "emergency" is the ordinary track.
Track track_from(std::string_view name);

/// Who does not vote, and why: what the decision does not provide for has no effect.
struct Recusal {
    std::string member;
    std::string how;  // declared | ruled | target
};

/// `to` votes for `from`, which does not vote itself; at most one a member.
struct Delegation {
    std::string from, to;
    base::Instant since = {};  // when it counts from: only how late a quorum was reached depends on it
};

/// What a tally looks at besides ballots.
struct Context {
    Track track = Track::ordinary;
    std::vector<Recusal> recusals;
    std::vector<Delegation> delegations;
};

/// One question of a tally and its answer.
struct Step {
    std::string rule;  // quorum | veto | class | threshold | objections | emergency
    std::string tier;  // of a class; else empty
    std::string of;    // what `whole` is
    base::Wide part = 0, whole = 0;
    model::Bound min;
    bool holds = false;  // the proposal gets past it
};

enum class TallyOutcome {
    passed,
    failed,
    continues,  // an expedited vote did not pass: the ordinary one goes on
    panel,      // nobody is left to ask, all being recused: an independent panel decides
};
std::string_view name_of(TallyOutcome outcome);

/// What the votes add up to. Weights of members outside the electorate do not count.
struct Tally {
    bool passed = false;
    TallyOutcome outcome = TallyOutcome::failed;
    Track track = Track::ordinary;
    base::Wide eligible = 0;  // weight of the electorate without the recused
    base::Wide yes = 0, no = 0, abstain = 0;
    base::Wide veto = 0;  // the part of `no` that said "veto"
    bool quorum_met = false;
    bool threshold_met = false;
    base::Rational quorum_share, pass_share;  // of the decision's denominators; 0 where they are 0
    std::vector<std::string> missing;         // electors for whom nobody has voted
    std::vector<std::string> recused;
    std::vector<Delegation> delegated;  // by which somebody voted for another
    std::vector<Step> steps;            // in the order in which they were asked
    bool cast = false;                  // the casting vote broke a tie
    bool has_deposit = false;
    bool forfeited = false;  // the deposit is lost, if this outcome is the last word
    /// "passes: 7 of 9 eligible voted, 6 for, 1 against; quorum >=2/3 of eligible = 6; needs >2/3 of yes+no
    /// = 4.67; steward 2 of 3, needs >1/2 of yes+no = 1.5"
    std::string words;
};

/// Rational arithmetic with the decision's own comparisons, in the order eligibility, recusal, delegation,
/// quorum, veto, classes, threshold; zero yes+no never passes, but in optimistic mode, which asks only
/// whether objections (or a veto) were reached. Pure, and independent of the order of what it is given. Two
/// votes or two delegations of one member, or an unknown choice, are Error(internal): whoever picked them had
/// to see to that.
///   recusal     leaves numerator and denominator, except a quorum "of all"; in an emergency the whole
///               electorate is the denominator; all recused: outcome panel, as where nobody is left in a
///               class whose majority alone is missing
///   delegation  depth 1: a direct vote overrides it, the delegate's own delegation is not followed, so that
///               cycles give nothing; a delegate that is recused votes for nobody
///   tie         yes equals no, and the threshold is missed by being reached exactly: passes if the casting
///               member said yes
Tally tally(model::Decision const& decision, std::vector<Elector> const& electors,
            std::vector<Vote> const& votes, Context const& context = {});

/// Whether no further ballot, delegation or recusal can change the outcome or what becomes of the deposit;
/// with decision.ballot_change that needs an outcome that also stands however those who voted vote anew.
/// Never true by mistake; where members may still be recused it stays false, and where the quorum counts no
/// "yes" it may stay false although nothing can change.
bool settled(model::Decision const& decision, std::vector<Elector> const& electors,
             std::vector<Vote> const& votes, Context const& context = {});

/// {"passed","eligible","yes","no","abstain","quorum_met","threshold_met","words","missing"}, and what later
/// rules add where a decision uses them: "outcome", "track", "veto", "recused", "delegated", "steps", "tie",
/// "deposit". Goes into the epoch's results, so the same input gives the same bytes for ever (PROTOCOL P12).
base::Json to_json(Tally const& tally);

}  // namespace consortium::policy
