#include "core/policy/simulation.h"

#include "core/policy/count.h"

#include <algorithm>
#include <array>

namespace consortium::policy {

namespace {

using base::Rational;
using model::Decision;

constexpr std::size_t most_trials = 100'000;

/// Members that can replace each other.
struct Kind {
    std::int64_t weight = 0;
    std::string tier;
    std::string caster;  // the member that breaks ties is a kind of its own
    int size = 0;
};

std::vector<Kind> kinds_of(Decision const& decision, std::vector<Elector> const& electors) {
    std::map<std::tuple<std::int64_t, std::string, std::string>, int> sizes;
    for (Elector const& one : electors)
        if (one.weight > 0)
            ++sizes[{one.weight, one.tier, one.member == decision.casting ? one.member : std::string()}];
    std::vector<Kind> out;
    out.reserve(sizes.size());
    for (auto const& [kind, size] : sizes)
        out.push_back({std::get<0>(kind), std::get<1>(kind), std::get<2>(kind), size});
    return out;
}

/// A judge of what members of each kind say, as if those of one kind and choice were one heavy member.
class Bench {
public:
    Bench(Decision const& decision, std::vector<Kind> const& kinds, Track track)
        : m_decision(decision), m_kinds(kinds), m_track(track) {
        for (Kind const& kind : kinds)
            for (Choice const choice : choices) {
                m_blocks.push_back({kind.caster, 0, kind.tier});
                m_said.push_back(choice);
            }
    }

    /// Numbers by kind, of those who say yes, no, abstain and nothing.
    Tally judge(std::vector<std::array<int, 4>> const& numbers) {
        for (std::size_t kind = 0; kind < m_kinds.size(); ++kind)
            for (std::size_t i = 0; i < choices.size(); ++i)
                m_blocks[kind * choices.size() + i].weight = m_kinds[kind].weight * numbers[kind][i];
        return policy::judge(m_decision, count_said(m_decision, m_blocks, m_said), m_track);
    }

private:
    static constexpr std::array choices{Choice::yes, Choice::no, Choice::abstain, Choice::none};
    Decision const& m_decision;
    std::vector<Kind> const& m_kinds;
    Track m_track;
    std::vector<Elector> m_blocks;
    std::vector<Choice> m_said;
};

/// Whether some, and whether all, ways in which so many vote and so many say yes pass.
struct Ways {
    bool some = false, all = true;
};

/// Tries every number of each kind.
class Patterns {
public:
    Patterns(Decision const& decision, std::vector<Kind> kinds, int members)
        : m_kinds(std::move(kinds)),
          m_bench(decision, m_kinds, Track::ordinary),
          m_numbers(m_kinds.size()),
          m_ways(static_cast<std::size_t>(members) + 1) {
        for (std::size_t voting = 0; voting < m_ways.size(); ++voting) m_ways[voting].resize(voting + 1);
        each(0, 0, 0);
    }

    std::vector<Pattern> list() const {
        std::vector<Pattern> out;
        for (std::size_t voting = 0; voting < m_ways.size(); ++voting) {
            Pattern pattern;
            pattern.voting = static_cast<int>(voting);
            for (std::size_t yes = voting + 1; yes-- > 0;) {
                if (m_ways[voting][yes].some) pattern.at_best = static_cast<int>(yes);
                bool const on_top = yes == voting || pattern.surely == static_cast<int>(yes) + 1;
                if (m_ways[voting][yes].all && on_top) pattern.surely = static_cast<int>(yes);
            }
            out.push_back(pattern);
        }
        return out;
    }

private:
    void each(std::size_t kind, std::size_t voting, std::size_t yes) {
        if (kind == m_kinds.size()) {
            bool const passed = m_bench.judge(m_numbers).passed;
            Ways& ways = m_ways[voting][yes];
            ways.some = ways.some || passed;
            ways.all = ways.all && passed;
            return;
        }
        int const size = m_kinds[kind].size;
        for (int present = 0; present <= size; ++present)
            for (int agree = 0; agree <= present; ++agree) {
                m_numbers[kind] = {agree, present - agree, 0, size - present};
                each(kind + 1, voting + static_cast<std::size_t>(present),
                     yes + static_cast<std::size_t>(agree));
            }
    }

    std::vector<Kind> m_kinds;
    Bench m_bench;
    std::vector<std::array<int, 4>> m_numbers;
    std::vector<std::vector<Ways>> m_ways;  // by voting, by yes
};

/// SplitMix64 (Steele, Lea, Flood 2014): small, and the same everywhere.
class Dice {
public:
    explicit Dice(std::uint64_t seed) : m_state(seed) {}

    bool falls(std::uint64_t below) { return next() >> 11 < below; }

    /// A share of the 2^53 faces.
    static std::uint64_t faces(Rational const& share) {
        constexpr base::Wide all = base::Wide{1} << 53;
        return static_cast<std::uint64_t>(share.numerator() * all / share.denominator());
    }

private:
    std::uint64_t next() {
        m_state += 0x9e3779b97f4a7c15U;
        std::uint64_t mixed = m_state;
        mixed = (mixed ^ mixed >> 30) * 0xbf58476d1ce4e5b9U;
        mixed = (mixed ^ mixed >> 27) * 0x94d049bb133111ebU;
        return mixed ^ mixed >> 31;
    }

    std::uint64_t m_state;
};

std::string missed_rule(Tally const& tally) {
    for (Step const& step : tally.steps) {
        if (step.holds) continue;
        return step.tier.empty() ? step.rule : step.rule + " " + step.tier;
    }
    return "track";
}

}  // namespace

std::optional<std::vector<Pattern>> turnout_patterns(Decision const& decision,
                                                     std::vector<Elector> const& electors) {
    auto kinds = kinds_of(decision, electors);
    std::size_t trials = 1, members = 0;
    for (Kind const& kind : kinds) {
        auto const size = static_cast<std::size_t>(kind.size);
        members += size;
        trials *= (size + 1) * (size + 2) / 2;
        if (trials > most_trials) return std::nullopt;
    }
    return Patterns(decision, std::move(kinds), static_cast<int>(members)).list();
}

Runs cast_by_chance(Decision const& decision, std::vector<Elector> const& electors, Habits const& habits,
                    Track track, int rounds, std::uint64_t seed) {
    auto const kinds = kinds_of(decision, electors);
    std::vector<std::uint64_t> turnout;
    for (Kind const& kind : kinds) {
        auto const own = habits.by_tier.find(kind.tier);
        turnout.push_back(Dice::faces(own == habits.by_tier.end() ? habits.turnout : own->second));
    }
    std::uint64_t const abstain = Dice::faces(habits.abstain), support = Dice::faces(habits.support);
    Bench bench(decision, kinds, track);
    Dice dice(seed);
    Runs out;
    out.rounds = rounds;
    std::vector<std::array<int, 4>> numbers(kinds.size());
    for (int round = 0; round < rounds; ++round) {
        for (std::size_t kind = 0; kind < kinds.size(); ++kind) {
            numbers[kind] = {};
            for (int i = 0; i < kinds[kind].size; ++i) {
                bool const votes = dice.falls(turnout[kind]);
                bool const abstains = votes && dice.falls(abstain);
                bool const agrees = votes && !abstains && dice.falls(support);
                ++numbers[kind][!votes ? 3U : abstains ? 2U : agrees ? 0U : 1U];
            }
        }
        Tally const tally = bench.judge(numbers);
        if (tally.passed) {
            ++out.passed;
        } else {
            ++out.missed[missed_rule(tally)];
        }
    }
    return out;
}

}  // namespace consortium::policy
