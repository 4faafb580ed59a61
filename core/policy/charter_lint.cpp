#include "core/policy/charter_lint.h"

#include "core/base/text.h"
#include "core/model/epoch.h"
#include "core/model/proposal.h"
#include "core/policy/tally.h"

#include <algorithm>
#include <fmt/format.h>
#include <map>
#include <nlohmann/json.hpp>

namespace consortium::policy {

namespace {

using base::Rational;
using model::Charter;
using model::Decision;
using Findings = std::vector<Finding>;

constexpr base::Duration day{86'400};

std::string place(Decision const& decision, std::string_view part) {
    return fmt::format("/decision/{}{}", decision.id, part);
}

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

void look_at_amendment(Charter const& charter, Findings& out) {
    Decision const* amendment = charter.decision_for("charter.amend");
    if (amendment == nullptr) return;
    for (Decision const& other : charter.decisions) {
        if (&other == amendment || !is_weaker(*amendment, other)) continue;
        out.push_back(
            {Severity::refused, "amendment-weaker", place(*amendment, "/pass"),
             fmt::format("the charter is amended by {} of {}, but '{}' needs {} of {}: whoever cannot reach "
                         "the second amends it away",
                         amendment->pass.text(), amendment->pass_of, other.id, other.pass.text(),
                         other.pass_of)});
    }
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
}

void look_at_times(Charter const& charter, Findings& out) {
    for (Decision const& decision : charter.decisions) {
        if (decision.window < day) {
            out.push_back({Severity::warning, "window-short", place(decision, "/time/window"),
                           fmt::format("a window of {}: members that exchange daily may miss the vote",
                                       decision.window.text())});
        }
        if (decision.quorum.value == Rational(0)) {
            out.push_back(
                {Severity::warning, "no-quorum", place(decision, "/quorum"),
                 fmt::format("'{}' has no quorum: one member may decide alone when nobody else votes",
                             decision.id)});
        }
    }
}

void look_at_pools(Charter const& charter, Findings& out) {
    for (model::CostPool const& pool : charter.pools) {
        std::int64_t total = 0;
        for (auto const& [member, weight] : pool.weights) total += weight;
        for (auto const& [member, weight] : pool.weights) {
            if (pool.weights.size() < 2 || 2 * weight <= total) continue;
            out.push_back(
                {Severity::warning, "cost-concentration", fmt::format("/pool/{}/weights/{}", pool.id, member),
                 fmt::format("'{}' pays {} % of '{}': if it leaves, the others pay more than twice as much",
                             member, Rational::of(100 * weight, total).decimal(0), pool.id)});
        }
    }
}

/// The parties that a decision asks, with their weights.
std::vector<Elector> electors_of(Charter const& charter, Decision const& decision,
                                 std::vector<Party> const& parties) {
    std::vector<Elector> out;
    for (Party const& party : parties) {
        model::Tier const* tier = charter.tier(party.tier);
        bool const asked =
            tier != nullptr && std::find(decision.electorate.begin(), decision.electorate.end(), tier->id) !=
                                   decision.electorate.end();
        if (asked) out.push_back({party.id, weight_of(decision, *tier, party.id)});
    }
    return out;
}

enum class Against { votes_no, stays_away };

/// Whether it passes when everybody says yes but one.
bool passes_without(Decision const& decision, std::vector<Elector> const& electors, std::string const& one,
                    Against how) {
    std::vector<Vote> votes;
    for (Elector const& elector : electors) {
        if (elector.member != one) votes.push_back({elector.member, "yes"});
    }
    if (how == Against::votes_no) votes.push_back({one, "no"});
    return tally(decision, electors, votes).passed;
}

bool passes_alone(Decision const& decision, std::vector<Elector> const& electors, std::string const& one) {
    std::vector<Vote> votes;
    votes.reserve(electors.size());
    for (Elector const& elector : electors)
        votes.push_back({elector.member, elector.member == one ? "yes" : "no"});
    return tally(decision, electors, votes).passed;
}

/// What one member can do to a decision. Members of equal weight can do the same, so each weight is looked at
/// once, however many members there are.
struct Power {
    bool decides = false, vetoes = false, blocks = false;
};

Power power_of(Decision const& decision, std::vector<Elector> const& electors, std::string const& one) {
    return {passes_alone(decision, electors, one),
            !passes_without(decision, electors, one, Against::votes_no),
            !passes_without(decision, electors, one, Against::stays_away)};
}

void look_at_power(Decision const& decision, std::vector<Elector> const& electors, Findings& out) {
    if (electors.size() < 2) return;
    std::map<std::int64_t, Power> powers;
    std::vector<std::string> deciders, vetoers, blockers;
    for (Elector const& elector : electors) {
        auto const [known, is_new] = powers.try_emplace(elector.weight);
        if (is_new) known->second = power_of(decision, electors, elector.member);
        if (known->second.decides) deciders.push_back(elector.member);
        if (known->second.vetoes) vetoers.push_back(elector.member);
        if (known->second.blocks) blockers.push_back(elector.member);
    }
    auto const say = [&](std::vector<std::string> const& who, std::string_view rule, std::string_view what) {
        if (who.empty()) return;
        std::string const names = who.size() == electors.size() ? "any one member" : base::join(who, ", ");
        out.push_back({Severity::warning, std::string(rule), place(decision, ""),
                       fmt::format(fmt::runtime(what), names, decision.id)});
    };
    say(deciders, "one-member-control", "{} decides '{}' alone, against all others");
    say(vetoers, "one-member-veto", "{} can stop '{}' by voting no");
    say(blockers, "one-member-quorum", "{} can stop '{}' by staying away");
}

void look_at_decisions(Charter const& charter, std::vector<Party> const& parties, Findings& out) {
    for (Decision const& decision : charter.decisions) {
        std::vector<Elector> const electors = electors_of(charter, decision, parties);
        std::vector<Vote> all_yes;
        std::int64_t weight = 0;
        for (Elector const& elector : electors) {
            all_yes.push_back({elector.member, "yes"});
            weight += elector.weight;
        }
        if (weight == 0 || !tally(decision, electors, all_yes).passed) {
            out.push_back({Severity::refused, "unreachable", place(decision, "/electorate"),
                           weight == 0 ? fmt::format("no member may vote on '{}'", decision.id)
                                       : fmt::format("'{}' does not pass even if all say yes", decision.id)});
            continue;
        }
        look_at_power(decision, electors, out);
    }
}

void look_at_approvals(Charter const& charter, std::vector<Party> const& parties, Findings& out) {
    for (model::ApprovalRule const& rule : charter.approvals) {
        if (static_cast<std::size_t>(rule.members) <= parties.size()) continue;
        out.push_back(
            {Severity::refused, "unreachable", fmt::format("/approval/{}/members", rule.id),
             fmt::format("'{}' needs {} members, there are {}", rule.id, rule.members, parties.size())});
    }
}

std::string share_in_words(model::Sizes const& sizes) {
    std::string out = fmt::format("{} voting members: {} of them must agree on each epoch", sizes.n, sizes.q);
    if (sizes.f == 0) {
        out += "; none may lie: one cheat can fork, provably";
    } else {
        out += fmt::format("; up to {} may lie or be lost", sizes.f);
    }
    int const stalling = sizes.n - sizes.q + 1;
    return out + (stalling == 1 ? "; one that stays away stalls it"
                                : fmt::format("; {} that stay away stall it", stalling));
}

void look_at_tiers(Charter const& charter, std::vector<Party> const& parties, Findings& out) {
    for (Party const& party : parties) {
        if (charter.tier(party.tier) != nullptr) continue;
        out.push_back({Severity::refused, "tier-missing", "/tier",
                       fmt::format("'{}' is in the tier '{}', which this charter does not have", party.id,
                                   party.tier)});
    }
}

void look_at_sizes(Charter const& charter, std::vector<Party> const& parties, Findings& out) {
    auto const votes = std::count_if(parties.begin(), parties.end(), [&](Party const& party) {
        model::Tier const* tier = charter.tier(party.tier);
        return tier != nullptr &&
               std::find(tier->rights.begin(), tier->rights.end(), "vote") != tier->rights.end();
    });
    auto const n = static_cast<int>(votes);
    if (n == 0) {
        out.push_back(
            {Severity::refused, "unreachable", "/tier", "no member may vote: nothing can be agreed"});
        return;
    }
    if (charter.raised_quorum > n) {
        out.push_back({Severity::refused, "unreachable", "/agreement/raised_quorum",
                       fmt::format("a quorum of {} with {} voting members", charter.raised_quorum, n)});
        return;
    }
    model::Sizes const sizes = model::sizes(n, charter.raised_quorum);
    out.push_back(
        {sizes.f == 0 ? Severity::warning : Severity::note, "sizes", "/agreement", share_in_words(sizes)});
}

}  // namespace

std::vector<Finding> lint(Charter const& charter, std::vector<Party> const& parties) {
    Findings out;
    look_at_amendment(charter, out);
    look_at_coverage(charter, out);
    look_at_times(charter, out);
    look_at_pools(charter, out);
    if (!parties.empty()) {
        look_at_tiers(charter, parties, out);
        look_at_sizes(charter, parties, out);
        look_at_decisions(charter, parties, out);
        look_at_approvals(charter, parties, out);
    }
    std::stable_sort(out.begin(), out.end(), [](Finding const& left, Finding const& right) {
        return left.severity < right.severity;
    });
    return out;
}

}  // namespace consortium::policy
