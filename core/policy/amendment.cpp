#include "core/policy/amendment.h"

#include "core/base/text.h"
#include "core/policy/coalition.h"
#include "core/policy/lint_parts.h"
#include "core/policy/opening.h"

#include <algorithm>
#include <fmt/format.h>

namespace consortium::policy {

namespace {

using model::Bound;
using model::Charter;
using model::Decision;

bool lower(Bound const& next, Bound const& now) {
    return next.value < now.value || (next.value == now.value && now.strict && !next.strict);
}

/// Losses by their words: what several actions have in common is said once.
class Losses {
public:
    void of_action(std::string_view action, Decision const& decision) {
        m_action = action;
        m_pointer = "/decision/" + decision.id;
    }
    void add(std::string const& words) {
        for (auto& one : m_all) {
            if (one.words != words || one.pointer != m_pointer) continue;
            one.actions.push_back(m_action);
            return;
        }
        m_all.push_back({m_pointer, {m_action}, words});
    }
    void compare(std::string_view what, Bound const& now, Bound const& next) {
        if (lower(next, now)) add(fmt::format("{} falls from {} to {}", what, now.text(), next.text()));
    }
    void compare(std::string_view what, base::Duration now, base::Duration next) {
        if (next < now) add(fmt::format("{} falls from {} to {}", what, now.text(), next.text()));
    }
    void append_to(std::vector<Finding>& out) const {
        for (auto const& one : m_all)
            out.push_back({Severity::warning, "weaker", one.pointer,
                           fmt::format("{}: {}", base::join(one.actions, ", "), one.words)});
    }

private:
    struct Loss {
        std::string pointer;
        std::vector<std::string> actions;
        std::string words;
    };
    std::string m_action, m_pointer;
    std::vector<Loss> m_all;
};

std::string members(std::size_t count) {
    return count == 1 ? "one member" : std::to_string(count) + " members";
}

void compare_coalitions(Decision const& now, Decision const& next, std::vector<Elector> const& electors_now,
                        std::vector<Elector> const& electors_next, Losses& out) {
    if (electors_now.empty() || electors_next.empty()) return;
    auto const before = smallest_coalitions(now, electors_now).deciding;
    auto const after = smallest_coalitions(next, electors_next).deciding;
    if (!before || !after || after->size() >= before->size()) return;
    out.add(fmt::format("{} could pass it against all others, now it takes {}", members(after->size()),
                        before->size()));
}

void compare_thresholds(Decision const& now, Decision const& next, Losses& out) {
    if (next.quorum_of == now.quorum_of && next.quorum_counts == now.quorum_counts)
        out.compare("the quorum", now.quorum, next.quorum);
    if (next.pass_of == now.pass_of) out.compare("the share of yes that passes it", now.pass, next.pass);
    if (now.veto && !next.veto) out.add("nobody can veto it any more");
    if (now.veto && next.veto && now.veto->of == next.veto->of && lower(now.veto->min, next.veto->min))
        out.add(fmt::format("a veto takes {} instead of {}", next.veto->min.text(), now.veto->min.text()));
    for (auto const& before : now.classes) {
        auto const after = std::find_if(next.classes.begin(), next.classes.end(),
                                        [&](auto const& one) { return one.tier == before.tier; });
        if (after == next.classes.end()) {
            out.add(fmt::format("no majority among {} is needed any more", before.tier));
        } else if (after->of == before.of) {
            out.compare("the majority among " + before.tier, before.min, after->min);
        }
    }
    if (next.optimistic && !now.optimistic) out.add("passes without a yes, unless enough object");
}

void compare_times(Decision const& now, Decision const& next, Losses& out) {
    out.compare("the time to vote", shortest_vote(now, Track::ordinary),
                shortest_vote(next, Track::ordinary));
    out.compare("the wait before it is carried out", now.timelock, next.timelock);
    if (next.emergency && !now.emergency) out.add("can be done at once in an emergency");
    if (next.expedited && !now.expedited)
        out.add(fmt::format("can be decided in {}", next.expedited->window.text()));
    if (now.emergency && next.emergency)
        out.compare("the share that an emergency takes", now.emergency->min, next.emergency->min);
    if (now.expedited && next.expedited)
        out.compare("the share that an expedited vote takes", now.expedited->pass, next.expedited->pass);
    if (now.finding && !next.finding) out.add("needs no finding of the panel any more");
}

void look_at_actions(Charter const& now, Charter const& next, std::vector<Party> const& parties,
                     std::vector<Finding>& out) {
    Losses losses;
    for (auto const& before : now.decisions) {
        auto const electors_now = electors_of(now, before, parties);
        for (auto const& action : before.actions) {
            auto const* after = next.decision_for(action);
            if (after == nullptr) continue;  // lint says that nothing decides it
            losses.of_action(action, *after);
            compare_coalitions(before, *after, electors_now, electors_of(next, *after, parties), losses);
            compare_thresholds(before, *after, losses);
            compare_times(before, *after, losses);
        }
    }
    losses.append_to(out);
}

void look_at_approvals(Charter const& now, Charter const& next, std::vector<Finding>& out) {
    auto const add = [&](std::string const& pointer, std::string words) {
        out.push_back({Severity::warning, "weaker", pointer, std::move(words)});
    };
    for (auto const& before : now.approvals) {
        auto const pointer = "/approval/" + before.id;
        auto const* after = next.approval(before.id);
        if (after == nullptr) {
            add(pointer, fmt::format("the approval rule '{}' is dropped", before.id));
            continue;
        }
        if (after->officers < before.officers || after->members < before.members)
            add(pointer, fmt::format("'{}' takes {} officers of {} members, now {} of {}", before.id,
                                     after->officers, after->members, before.officers, before.members));
        if (before.exclude_proposer && !after->exclude_proposer)
            add(pointer, fmt::format("whoever proposes may approve '{}'", before.id));
    }
    for (auto const& before : now.gates) {
        auto const after = std::find_if(next.gates.begin(), next.gates.end(),
                                        [&](model::Gate const& one) { return one.id == before.id; });
        if (after == next.gates.end())
            add("/gate/" + before.id, fmt::format("the gate '{}' is dropped for applicants", before.id));
    }
}

/// What lint says of the new text and did not say of the one in force.
void look_at_findings(Charter const& now, Charter const& next, std::vector<Party> const& parties,
                      std::vector<Finding>& out) {
    auto const known = lint(now, parties);
    for (auto& finding : lint(next, parties)) {
        bool const old = std::any_of(known.begin(), known.end(), [&](Finding const& one) {
            return one.rule == finding.rule && one.words == finding.words;
        });
        if (!old && finding.severity != Severity::note) out.push_back(std::move(finding));
    }
}

}  // namespace

std::vector<Finding> weakened(Charter const& now, Charter const& next, std::vector<Party> const& parties) {
    std::vector<Finding> out;
    for (auto const& clause : broken_clauses(now, next))
        out.push_back({Severity::refused, "unamendable", clause,
                       fmt::format("the charter in force lets nobody change '{}'", clause)});
    look_at_findings(now, next, parties, out);
    look_at_actions(now, next, parties, out);
    look_at_approvals(now, next, out);
    parts::compare_certificates(now, next, out);
    std::stable_sort(out.begin(), out.end(), [](Finding const& left, Finding const& right) {
        return left.severity < right.severity;
    });
    return out;
}

}  // namespace consortium::policy
