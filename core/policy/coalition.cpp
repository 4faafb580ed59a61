#include "core/policy/coalition.h"

#include "core/policy/count.h"

#include <algorithm>
#include <functional>
#include <numeric>

namespace consortium::policy {

namespace {

using model::Decision;
using Members = std::vector<std::size_t>;  // places in the list of electors

/// A decision on electors sorted by weight; asks what happens when some say one thing and the rest another.
class Trial {
public:
    Trial(Decision const& decision, std::vector<Elector> electors)
        : m_decision(decision), m_electors(std::move(electors)) {
        std::erase_if(m_electors, [](Elector const& elector) { return elector.weight == 0; });
        std::sort(m_electors.begin(), m_electors.end(), [](Elector const& left, Elector const& right) {
            return std::tie(right.weight, left.member) < std::tie(left.weight, right.member);
        });
    }

    Elector const& at(std::size_t place) const { return m_electors[place]; }

    Tally when(Members const& chosen, Choice theirs, Choice others) const {
        std::vector<Choice> said(m_electors.size(), others);
        for (std::size_t place : chosen) said[place] = theirs;
        return judge(m_decision, count_said(m_decision, m_electors, said), Track::ordinary);
    }

    /// The places of a tier's members, of everybody if it is empty, the heaviest first.
    Members of_tier(std::string_view tier) const {
        Members out;
        for (std::size_t i = 0; i < m_electors.size(); ++i)
            if (tier.empty() || m_electors[i].tier == tier) out.push_back(i);
        return out;
    }

    /// The place of whoever breaks ties.
    std::optional<std::size_t> caster() const {
        auto const found = std::find_if(m_electors.begin(), m_electors.end(),
                                        [&](Elector const& one) { return one.member == m_decision.casting; });
        if (found == m_electors.end()) return std::nullopt;
        return static_cast<std::size_t>(found - m_electors.begin());
    }

private:
    Decision const& m_decision;
    std::vector<Elector> m_electors;
};

using Reached = std::function<bool(Members const&)>;

/// The shortest beginning of `from`, after `start`, with which `reached` holds. It must hold for every longer
/// one too.
std::optional<Members> shortest(Members const& start, Members const& from, Reached const& reached) {
    auto const taken = [&](std::size_t count) {
        Members out = start;
        out.insert(out.end(), from.begin(), from.begin() + static_cast<std::ptrdiff_t>(count));
        return out;
    };
    if (!reached(taken(from.size()))) return std::nullopt;
    std::size_t least = 0, enough = from.size();
    while (least < enough) {
        std::size_t const middle = least + (enough - least) / 2;
        if (reached(taken(middle))) {
            enough = middle;
        } else {
            least = middle + 1;
        }
    }
    return taken(enough);
}

bool class_holds(Tally const& tally, std::string_view tier) {
    return std::all_of(tally.steps.begin(), tally.steps.end(),
                       [&](Step const& step) { return step.tier != tier || step.holds; });
}

Members without(Members const& all, Members const& some) {
    std::vector<bool> taken(1 + std::max(all.empty() ? 0 : *std::max_element(all.begin(), all.end()),
                                         some.empty() ? 0 : *std::max_element(some.begin(), some.end())));
    for (std::size_t place : some) taken[place] = true;
    Members out;
    for (std::size_t place : all)
        if (!taken[place]) out.push_back(place);
    return out;
}

std::optional<Members> deciding(Trial const& trial, Decision const& decision, Members const& first) {
    Members start = first;
    auto const yes = [&](Members const& chosen) { return trial.when(chosen, Choice::yes, Choice::no); };
    if (!decision.optimistic) {
        for (model::ClassMajority const& one : decision.classes) {
            auto const enough =
                shortest(start, without(trial.of_tier(one.tier), start),
                         [&](Members const& some) { return class_holds(yes(some), one.tier); });
            if (!enough) return std::nullopt;
            start = *enough;
        }
    }
    return shortest(start, without(trial.of_tier(""), start),
                    [&](Members const& some) { return yes(some).passed; });
}

void keep_smaller(std::optional<Members>& best, std::optional<Members> other) {
    if (other && (!best || other->size() < best->size())) best = std::move(other);
}

/// The fewest that make it fail: the heaviest of all, or of a class.
std::optional<Members> stopping(Trial const& trial, Decision const& decision, Choice how) {
    auto const stops = [&](Members const& some) { return !trial.when(some, how, Choice::yes).passed; };
    std::optional<Members> best = shortest({}, trial.of_tier(""), stops);
    for (model::ClassMajority const& one : decision.classes)
        keep_smaller(best, shortest({}, trial.of_tier(one.tier), stops));
    if (auto const caster = trial.caster())  // may be worth more than their weight
        keep_smaller(best, shortest({*caster}, without(trial.of_tier(""), {*caster}), stops));
    return best;
}

Coalitions::Members named(Trial const& trial, std::optional<Members> const& places) {
    if (!places) return std::nullopt;
    std::vector<std::string> out;
    out.reserve(places->size());
    for (std::size_t place : *places) out.push_back(trial.at(place).member);
    return out;
}

}  // namespace

Coalitions smallest_coalitions(Decision const& decision, std::vector<Elector> const& electors) {
    Trial const trial(decision, electors);
    std::optional<Members> best = deciding(trial, decision, {});
    if (auto const caster = trial.caster()) keep_smaller(best, deciding(trial, decision, {*caster}));
    bool const vetoes = decision.veto && decision.veto->by == "veto";
    return {named(trial, best), named(trial, stopping(trial, decision, vetoes ? Choice::veto : Choice::no)),
            named(trial, stopping(trial, decision, Choice::none))};
}

}  // namespace consortium::policy
