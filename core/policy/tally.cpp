#include "core/policy/tally.h"

#include "core/policy/count.h"

#include <algorithm>
#include <array>
#include <set>

namespace consortium::policy {

namespace {

using base::Wide;
using model::Bound;
using model::Decision;

/// Asks one question: whether `part` of what `of` names reaches the bound.
Step ask(std::string rule, Sums const& sums, Wide part, std::string const& of, Bound const& min) {
    Step step;
    step.rule = std::move(rule);
    step.of = of;
    step.part = part;
    step.whole = sums.base(of);
    step.min = min;
    step.holds = min.holds(share(step.part, step.whole));
    return step;
}

/// A question that the proposal gets past when the bound is not reached.
Step ask_against(std::string rule, Sums const& sums, Wide part, std::string const& of, Bound const& min) {
    Step step = ask(std::move(rule), sums, part, of, min);
    step.holds = !step.holds || part == 0;
    return step;
}

/// The quorum and the threshold of a track.
struct Demand {
    Bound quorum, pass;
};

Demand demand_of(Decision const& decision, Track track) {
    Demand out{decision.quorum, decision.pass};
    if (track != Track::expedited || !decision.expedited) return out;
    out.pass = decision.expedited->pass;
    if (decision.expedited->quorum) out.quorum = *decision.expedited->quorum;
    return out;
}

Step veto_step(Decision const& decision, Sums const& sums) {
    model::Veto const& veto = *decision.veto;
    return ask_against("veto", sums, veto.by == "veto" ? sums.veto : sums.no, veto.of, veto.min);
}

Step class_step(model::ClassMajority const& rule, Sums const& sums) {
    Step step = ask("class", sums, sums.yes, rule.of, rule.min);
    step.tier = rule.tier;
    step.holds = sums.all == 0 || (step.holds && sums.yes + sums.no > 0);
    return step;
}

bool breaks_tie(Step const& threshold, Count const& counted) {
    Sums const& sums = counted.total;
    return !threshold.holds && sums.yes > 0 && sums.yes == sums.no && counted.casting == Choice::yes &&
           share(threshold.part, threshold.whole) == threshold.min.value;
}

void ask_ordinary(Decision const& decision, Count const& counted, Tally& out) {
    Sums const& sums = counted.total;
    Demand const demand = demand_of(decision, out.track);
    out.steps.push_back(
        ask("quorum", sums, quorum_weight(decision, sums), decision.quorum_of, demand.quorum));
    out.quorum_met = out.steps.back().holds;
    if (decision.veto) out.steps.push_back(veto_step(decision, sums));
    for (model::ClassMajority const& rule : decision.classes)
        out.steps.push_back(class_step(rule, counted.classes.find(rule.tier)->second));
    Step threshold = ask("threshold", sums, sums.yes, decision.pass_of, demand.pass);
    out.cast = breaks_tie(threshold, counted);
    threshold.holds = (threshold.holds || out.cast) && sums.yes + sums.no > 0;
    out.threshold_met = threshold.holds;
    out.steps.push_back(std::move(threshold));
}

void ask_optimistic(Decision const& decision, Count const& counted, Tally& out) {
    Sums const& sums = counted.total;
    if (decision.veto) out.steps.push_back(veto_step(decision, sums));
    Step step = ask_against("objections", sums, sums.no, decision.optimistic->of, decision.optimistic->min);
    step.holds = step.holds && sums.eligible > 0;
    out.quorum_met = sums.eligible > 0;
    out.threshold_met = step.holds;
    out.steps.push_back(std::move(step));
}

void ask_emergency(Decision const& decision, Count const& counted, Tally& out) {
    Sums const& sums = counted.total;
    if (!decision.emergency) return;  // no such track: nothing passes on it
    Step step = ask("emergency", sums, sums.yes, "all", decision.emergency->min);
    step.holds = step.holds && sums.yes > 0;
    out.quorum_met = step.holds;
    out.threshold_met = step.holds;
    out.steps.push_back(std::move(step));
}

/// All are recused; or all of a class, and nothing but its majority is missing.
bool nobody_to_ask(Count const& counted, Tally const& tally) {
    if (counted.total.all > 0 && counted.total.eligible == 0) return true;
    bool empty_class = false;
    for (Step const& step : tally.steps) {
        if (step.holds) continue;
        if (step.rule != "class") return false;
        Sums const& sums = counted.classes.find(step.tier)->second;
        if (sums.eligible > 0) return false;
        empty_class = true;
    }
    return empty_class;
}

TallyOutcome outcome_of(Decision const& decision, Count const& counted, Tally const& tally) {
    bool const missing_track =
        (tally.track == Track::expedited && !decision.expedited) || tally.steps.empty();
    bool const all =
        std::all_of(tally.steps.begin(), tally.steps.end(), [](Step const& step) { return step.holds; });
    if (all && !missing_track) return TallyOutcome::passed;
    if (tally.track != Track::emergency && nobody_to_ask(counted, tally)) return TallyOutcome::panel;
    return tally.track == Track::expedited ? TallyOutcome::continues : TallyOutcome::failed;
}

bool loses_deposit(Decision const& decision, Tally const& tally) {
    std::vector<std::string> const& losses = decision.proposer.forfeit;
    if (tally.passed || tally.eligible == 0 || tally.outcome == TallyOutcome::panel) return false;
    bool const vetoed = std::any_of(tally.steps.begin(), tally.steps.end(),
                                    [](Step const& step) { return step.rule == "veto" && !step.holds; });
    return (!tally.quorum_met && contains(losses, "no_quorum")) ||
           (tally.quorum_met && vetoed && contains(losses, "veto")) || contains(losses, "failed");
}

/// The sums if everybody whose ballot is open said the same.
Count ending(Decision const& decision, std::vector<Elector> const& electors, std::vector<Vote> const& votes,
             Context const& context, std::string const& choice) {
    Context direct = context;
    direct.delegations.clear();  // who delegated may still vote
    if (choice.empty()) return count(decision, electors, votes, direct);
    std::vector<Vote> all = votes;
    for (std::string& member : count(decision, electors, votes, direct).missing)
        all.push_back({std::move(member), choice});
    return count(decision, electors, all, direct);
}

}  // namespace

std::string_view name_of(Track track) {
    constexpr std::array<std::string_view, 3> names{"ordinary", "expedited", "emergency"};
    return names.at(static_cast<std::size_t>(track));
}

Track track_from(std::string_view name) {
    return name == "expedited" ? Track::expedited : name == "emergency" ? Track::emergency : Track::ordinary;
}

std::string_view name_of(TallyOutcome outcome) {
    constexpr std::array<std::string_view, 4> names{"passed", "failed", "continues", "panel"};
    return names.at(static_cast<std::size_t>(outcome));
}

Tally judge(Decision const& decision, Count const& counted, Track track) {
    Sums const& sums = counted.total;
    Tally out;
    out.track = track;
    out.eligible = sums.eligible;
    out.yes = sums.yes;
    out.no = sums.no;
    out.abstain = sums.abstain;
    out.veto = sums.veto;
    out.quorum_share = share(quorum_weight(decision, sums), sums.base(decision.quorum_of));
    out.pass_share = share(sums.yes, sums.base(decision.pass_of));
    if (track == Track::emergency) {
        ask_emergency(decision, counted, out);
    } else if (track == Track::ordinary && decision.optimistic) {
        ask_optimistic(decision, counted, out);
    } else {
        ask_ordinary(decision, counted, out);
    }
    out.outcome = outcome_of(decision, counted, out);
    out.passed = out.outcome == TallyOutcome::passed;
    out.cast = out.cast && out.passed;
    out.has_deposit = !decision.proposer.deposit.empty();
    out.forfeited = out.has_deposit && loses_deposit(decision, out);
    return out;
}

Tally tally(Decision const& decision, std::vector<Elector> const& electors, std::vector<Vote> const& votes,
            Context const& context) {
    Count counted = count(decision, electors, votes, context);
    Tally out = judge(decision, counted, context.track);
    out.missing = std::move(counted.missing);
    out.recused = std::move(counted.recused);
    out.delegated = std::move(counted.delegated);
    out.words = in_words(decision, counted.total, out);
    return out;
}

bool settled(Decision const& decision, std::vector<Elector> const& electors, std::vector<Vote> const& votes,
             Context const& context) {
    bool const may_recuse = contains(decision.recusal, "declared") || contains(decision.recusal, "ruled");
    if (may_recuse) return false;
    std::vector<Vote> const kept = decision.ballot_change ? std::vector<Vote>{} : votes;
    // Each rule is monotonous in what the open weight does, so its extremes are where all of it does the
    // same.
    std::vector<std::string> ends = model::choices(decision);
    ends.emplace_back();
    std::set<std::pair<TallyOutcome, bool>> outcomes;  // and whether the deposit is lost
    bool can_reach_quorum = false, can_reach_threshold = false;
    for (std::string const& end : ends) {
        Tally const tally = judge(decision, ending(decision, electors, kept, context, end), context.track);
        outcomes.emplace(tally.outcome, tally.forfeited);
        can_reach_quorum = can_reach_quorum || tally.quorum_met;
        can_reach_threshold = can_reach_threshold || tally.threshold_met;
    }
    if (outcomes.size() > 1) return false;
    // A yes only helps, where the quorum counts it: then all of them saying yes is the best there is.
    if (contains(decision.quorum_counts, "yes") || decision.optimistic) return true;
    return outcomes.begin()->first == TallyOutcome::passed || !can_reach_quorum || !can_reach_threshold;
}

}  // namespace consortium::policy
