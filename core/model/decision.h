#pragma once

#include "core/base/json.h"
#include "core/base/rational.h"

#include <map>
#include <span>

namespace consortium::model {

/// ">=2/3" or ">1/2": a bound with its comparison.
struct Bound {
    bool strict = false;  // '>' rather than '>='
    base::Rational value;
    bool operator==(Bound const&) const = default;
    bool holds(base::Rational const& share) const;
    std::string text() const;
    static Bound from_text(std::string_view text);
};

/// A share of votes that must be reached. `of` is the denominator: "yes+no", "cast" or "eligible".
struct Share {
    std::string of;
    Bound min;
    bool operator==(Share const&) const = default;
};

/// The vote fails, whatever else it says, when noes reach this share.
struct Veto {
    std::string of = "cast";  // yes+no | cast | eligible
    std::string by = "no";    // no: every no | veto: only the choice "veto", which is a no besides
    Bound min;
    bool operator==(Veto const&) const = default;
};

/// A majority that one tier must reach among itself. A tier in which nobody may vote is not asked.
struct ClassMajority {
    std::string tier;
    std::string of = "yes+no";  // yes+no | cast | eligible, within the tier
    Bound min;
    bool operator==(ClassMajority const&) const = default;
};

/// What a decision asks of proposals beyond the role of whoever signs them.
struct ProposerRule {
    std::vector<std::string> tiers;    // whose members may propose; empty: all
    int max_open = 0;                  // open proposals of this decision per member; 0: no limit of its own
    std::string deposit;               // in the charter's currency, as text; empty: none
    std::vector<std::string> forfeit;  // when it is lost: no_quorum | veto | failed
    bool operator==(ProposerRule const&) const = default;
};

/// A shorter vote that asks for more. Where it does not pass, the ordinary vote goes on to its own end.
struct Expedited {
    base::Duration window;
    base::Duration timelock;
    std::optional<Bound> quorum;  // none: the ordinary one
    Bound pass;                   // of the decision's pass_of
    bool operator==(Expedited const&) const = default;
};

/// What may be done at once, and for how long. Counted against the whole electorate of the base epoch,
/// whoever can be reached.
struct Emergency {
    Bound min;                       // of eligible, the recused included
    std::vector<std::string> scope;  // pause | patch
    base::Duration window;           // default P1D
    base::Duration max_life;         // what was done ends then, unless ratified
    base::Duration ratify;           // how long it can be ratified: by the ordinary vote
    base::Duration cooldown;         // between two emergencies over the same thing; default: `ratify`
    bool operator==(Emergency const&) const = default;
};

/// How one type of decision is taken, in the words of consortium-charter(5). All
/// optional times default to zero.
struct Decision {
    std::string id;                       // "protocol_upgrade"
    std::vector<std::string> actions;     // action kinds that it covers, see model/proposal.h; may be none
    std::vector<std::string> electorate;  // tiers
    std::vector<std::string> proposers;   // roles; default {"governance"}
    std::string weight = "per_member";    // per_member | per_tier | custom
    std::map<std::string, std::int64_t> weights;  // custom: by member
    std::string quorum_of = "eligible";           // eligible | all: the recused stay in the denominator
    std::vector<std::string> quorum_counts;       // of yes, no, abstain; default all
    Bound quorum;
    std::string pass_of = "yes+no";  // yes+no | cast | eligible
    Bound pass;
    base::Duration window;
    base::Duration timelock;
    base::Duration lapses;  // default P30D
    bool ballot_change = true;

    std::optional<base::Rational> weight_cap;  // no member weighs a larger share than this
    std::optional<Veto> veto;
    std::vector<ClassMajority> classes;      // by tier
    base::Duration notice;                   // before the window: a vote stands for both
    base::Duration late_quorum;              // what a quorum reached late leaves at least to vote; 0: nothing
    base::Duration cooldown;                 // before the same action may be proposed again after it failed
    std::optional<base::Duration> earliest;  // may close once settled, this long after opening; none: never
    bool delegation = false;                 // depth 1
    std::vector<std::string> recusal;        // declared | ruled | target: who of them does not vote
    std::string casting;                     // the member that breaks a tie; empty: a tie fails
    bool reasoned_no = false;                // a no without a reason counts as an abstention
    ProposerRule proposer;
    std::string midvote_amend;               // restart | finish; empty: as the charter's `midvote`
    std::string midvote_exit = "keep_cast";  // keep_cast | void: the ballot of a member that leaves
    bool finding = false;                    // needs a ruling of the arbitration panel
    std::optional<Share> optimistic;         // passes unless noes reach this share
    std::optional<Expedited> expedited;
    std::optional<Emergency> emergency;
};

/// What a ballot on this decision may say: yes, no, abstain, and veto where that is a choice of its own.
std::vector<std::string> choices(Decision const& decision);

/// Keys that hold their default are left out, except those that the first charters wrote: so these keep
/// their bytes.
base::Json to_json(Decision const& decision);

}  // namespace consortium::model
