// What a charter means for any membership.

#include "core/base/text.h"
#include "core/model/proposal.h"
#include "core/policy/lint_parts.h"
#include "core/policy/opening.h"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <iterator>

namespace consortium::policy::parts {

namespace {

using base::Rational;
using model::Charter;
using model::Decision;

constexpr base::Duration day{86'400};

/// Whether `weaker` lets through what `other` would not. When everybody votes yes or no all bases are the
/// same, so a lower bound is weaker on any; of equal bounds the one on the smaller base is.
bool is_weaker(Decision const& weaker, Decision const& other) {
    auto const rank = [](Decision const& decision) {
        return decision.pass_of == "eligible" ? 2 : decision.pass_of == "cast" ? 1 : 0;
    };
    if (weaker.pass.value != other.pass.value) return weaker.pass.value < other.pass.value;
    bool const looser = other.pass.strict && !weaker.pass.strict;
    return looser || rank(weaker) < rank(other);
}

/// Whether enough noes for the veto remain when `amendment` has just passed and everybody voted yes or no.
bool outlives_veto(Decision const& amendment, model::Veto const& veto) {
    Rational const most = Rational(1) - amendment.pass.value;
    if (!veto.min.holds(most)) return false;
    return !amendment.pass.strict || veto.min.value < most;
}

bool has_class(Decision const& amendment, model::ClassMajority const& one) {
    return std::any_of(amendment.classes.begin(), amendment.classes.end(),
                       [&](model::ClassMajority const& own) {
                           return own.tier == one.tier && own.min.value >= one.min.value;
                       });
}

void refuse(Findings& out, Decision const& amendment, std::string_view part, std::string words) {
    out.push_back({Severity::refused, "amendment-weaker", place(amendment, part), std::move(words)});
}

void compare_electorates(Decision const& amendment, Decision const& other, Findings& out) {
    std::vector<std::string> unasked;
    std::set_difference(other.electorate.begin(), other.electorate.end(), amendment.electorate.begin(),
                        amendment.electorate.end(), std::back_inserter(unasked));
    if (unasked.empty()) return;
    out.push_back({Severity::warning, "amendment-electorate", place(amendment, "/electorate"),
                   fmt::format("'{}' asks {}, an amendment does not: their say is amended away without them",
                               other.id, base::join(unasked, ", "))});
}

void compare_amendment(Decision const& amendment, Decision const& other, Findings& out) {
    compare_electorates(amendment, other, out);
    if (is_weaker(amendment, other)) {
        refuse(out, amendment, "/pass",
               fmt::format(
                   "the charter is amended by {} of {}, but '{}' needs {} of {}: whoever cannot reach "
                   "the second amends it away",
                   amendment.pass.text(), amendment.pass_of, other.id, other.pass.text(), other.pass_of));
    }
    if (other.veto && !amendment.veto && outlives_veto(amendment, *other.veto)) {
        refuse(out, amendment, "",
               fmt::format("{} of {} stop '{}', but not an amendment: the veto is amended away",
                           other.veto->min.text(), other.veto->of, other.id));
    }
    for (model::ClassMajority const& one : other.classes) {
        if (has_class(amendment, one)) continue;
        refuse(out, amendment, "",
               fmt::format("'{}' needs {} of the tier '{}', an amendment does not: it is amended away",
                           other.id, one.min.text(), one.tier));
    }
    if (amendment.quorum.value < other.quorum.value) {
        out.push_back({Severity::warning, "amendment-quorum", place(amendment, "/quorum"),
                       fmt::format("a quorum of {} amends the charter, '{}' needs {}",
                                   amendment.quorum.text(), other.id, other.quorum.text())});
    }
}

void look_at_times(Decision const& decision, Findings& out) {
    auto const warn = [&](std::string rule, std::string_view part, std::string words) {
        out.push_back({Severity::warning, std::move(rule), place(decision, part), std::move(words)});
    };
    if (decision.window < day)
        warn("window-short", "/time/window",
             fmt::format("a window of {}: members that exchange daily may miss the vote",
                         decision.window.text()));
    if (decision.expedited && decision.expedited->window < day)
        warn("window-short", "/expedited/window",
             fmt::format("a window of {}: members that exchange daily may miss the vote",
                         decision.expedited->window.text()));
    if (decision.optimistic) return;
    if (decision.quorum.value == Rational(0))
        warn("no-quorum", "/quorum",
             fmt::format("'{}' has no quorum: one member may decide alone when nobody else votes",
                         decision.id));
    if (decision.quorum.value == Rational(0) && decision.late_quorum != base::Duration{})
        warn("late-quorum-idle", "/time/late_quorum", "without a quorum none is reached late");
}

void look_at_counting(Decision const& decision, Findings& out) {
    auto const counts = [&](std::string_view choice) {
        return std::find(decision.quorum_counts.begin(), decision.quorum_counts.end(), choice) !=
               decision.quorum_counts.end();
    };
    if (!counts("yes"))
        out.push_back(
            {Severity::refused, "quorum-without-yes", place(decision, "/quorum/counts"),
             fmt::format("the quorum of '{}' does not count a yes: saying yes could stop what staying "
                         "away would pass",
                         decision.id)});
    if (!decision.optimistic) return;
    constexpr std::array<std::string_view, 4> grave{"member.remove", "member.suspend", "officer.recover",
                                                    "charter.amend"};
    for (std::string_view action : grave) {
        bool const covered =
            std::find(decision.actions.begin(), decision.actions.end(), action) != decision.actions.end();
        if (!covered) continue;
        out.push_back(
            {Severity::refused, "optimistic-grave", place(decision, "/optimistic"),
             fmt::format("'{}' happens when nobody objects in time: silence is no consent to that", action)});
    }
}

/// A rung is climbed by a proposal that rests on a finding: without a decision on it, it is no threat.
void look_at_ladder(Charter const& charter, Findings& out) {
    constexpr std::array<std::pair<std::string_view, std::string_view>, 3> actions{
        {{"suspend_vote", "member.suspend"},
         {"rotate_node", "validator.remove"},
         {"expel", "member.remove"}}};
    for (std::size_t i = 0; i < charter.sanctions.size(); ++i) {
        for (auto const& [step, action] : actions) {
            if (charter.sanctions[i].step != step || charter.decision_for(action) != nullptr) continue;
            out.push_back(
                {Severity::warning, "sanction-idle", fmt::format("/sanctions/{}", i),
                 fmt::format("'{}' is carried out by '{}', which no decision covers", step, action)});
        }
    }
}

}  // namespace

void look_at_amendment(Charter const& charter, Findings& out) {
    Decision const* amendment = charter.decision_for("charter.amend");
    if (amendment == nullptr) return;
    for (Decision const& other : charter.decisions)
        if (&other != amendment) compare_amendment(*amendment, other, out);
}

void look_at_coverage(Charter const& charter, Findings& out) {
    for (model::ActionKind const& action : model::action_kinds()) {
        if (charter.decision_for(action.name) != nullptr) continue;
        bool const amend = action.name == "charter.amend";
        out.push_back({amend ? Severity::warning : Severity::note, "action-uncovered", "/decision",
                       amend ? "no decision covers 'charter.amend': this charter can never be changed"
                             : fmt::format("no decision covers '{}': nobody can propose to {}", action.name,
                                           action.summary)});
    }
    for (Decision const& decision : charter.decisions)
        if (decision.actions.empty())
            out.push_back(
                {Severity::note, "decision-idle", place(decision, "/actions"),
                 fmt::format("'{}' decides no action: nothing can be proposed under it", decision.id)});
    look_at_ladder(charter, out);
}

void look_at_decision_rules(Charter const& charter, Findings& out) {
    for (Decision const& decision : charter.decisions) {
        look_at_times(decision, out);
        look_at_counting(decision, out);
    }
}

void look_at_emergencies(Charter const& charter, Findings& out) {
    for (Decision const& decision : charter.decisions) {
        if (!decision.emergency) continue;
        model::Emergency const& rule = *decision.emergency;
        auto const say = [&](Severity severity, std::string name, std::string_view part, std::string words) {
            out.push_back({severity, std::move(name), place(decision, part), std::move(words)});
        };
        if (rule.cooldown.seconds + rule.window.seconds <= rule.max_life.seconds)
            say(Severity::refused, "emergency-extends", "/emergency/cooldown",
                fmt::format(
                    "an emergency over '{}' can be called anew before the last one's {} have passed: it "
                    "extends itself for ever",
                    decision.id, rule.max_life.text()));
        if (rule.min.value < decision.pass.value)
            say(Severity::refused, "emergency-weaker", "/emergency/min",
                fmt::format("an emergency asks for {}, the ordinary vote for {}: everything becomes one",
                            rule.min.text(), decision.pass.text()));
        bool const usable = std::any_of(decision.actions.begin(), decision.actions.end(),
                                        [&](std::string const& action) { return in_scope(rule, action); });
        if (!usable)
            say(Severity::warning, "emergency-idle", "/emergency/scope",
                fmt::format("nothing that '{}' decides is a measure of an emergency", decision.id));
    }
}

void look_at_pools(Charter const& charter, Findings& out) {
    for (model::CostPool const& pool : charter.pools) {
        base::Wide total = 0;
        for (auto const& [member, weight] : pool.weights) total += weight;
        for (auto const& [member, weight] : pool.weights) {
            if (pool.weights.size() < 2 || base::Wide{2} * weight <= total) continue;
            out.push_back(
                {Severity::warning, "cost-concentration", fmt::format("/pool/{}/weights/{}", pool.id, member),
                 fmt::format("'{}' pays {} % of '{}': if it leaves, the others pay more than twice as much",
                             member, Rational::of(base::Wide{100} * weight, total).decimal(0), pool.id)});
        }
    }
}

}  // namespace consortium::policy::parts
