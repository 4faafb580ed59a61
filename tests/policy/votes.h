#pragma once

#include "core/policy/tally.h"

#include <array>
#include <random>

namespace consortium::test {

/// A decision that asks for this quorum and threshold, counting every choice.
inline model::Decision rule(char const* quorum, char const* pass, char const* pass_of = "yes+no") {
    model::Decision decision;
    decision.id = "d";
    decision.quorum_counts = {"abstain", "no", "yes"};
    decision.quorum = model::Bound::from_text(quorum);
    decision.pass = model::Bound::from_text(pass);
    decision.pass_of = pass_of;
    return decision;
}

/// Random decisions and votes over five members a to e, with every rule that the language has.
class Chance {
public:
    explicit Chance(unsigned seed) : m_random(seed) {}  // NOLINT: the same cases every time

    std::size_t below(std::size_t end) { return m_random() % end; }
    bool flip() { return below(2) == 0; }
    auto const& pick(auto const& from) { return from[below(from.size())]; }

    model::Bound bound() {
        static constexpr std::array bounds{">=1/2", ">1/2", ">2/3", ">=2/3", ">=3/4", ">1/3", ">0"};
        return model::Bound::from_text(pick(bounds));
    }
    std::string base() {
        static constexpr std::array bases{"yes+no", "cast", "eligible"};
        return pick(bases);
    }

    model::Decision decision() {
        model::Decision out = rule(">=1/2", ">1/2");
        out.quorum = bound();
        out.pass = model::Bound::from_text(pick(std::array{">=1/2", ">1/2", ">2/3", ">=2/3"}));
        out.pass_of = base();
        if (flip()) out.quorum_counts = {"no", "yes"};
        if (flip()) out.quorum_of = "all";
        if (flip()) out.veto = model::Veto{base(), flip() ? "no" : "veto", bound()};
        for (char const* tier : {"p", "q"})
            if (below(3) == 0) out.classes.push_back({tier, base(), bound()});
        if (below(3) == 0) out.casting = "a";
        if (below(4) == 0) out.reasoned_no = true;
        if (below(4) == 0) out.optimistic = model::Share{base(), bound()};
        if (flip()) out.expedited = model::Expedited{{1}, {}, std::nullopt, bound()};
        if (flip()) out.emergency = model::Emergency{bound(), {"patch"}, {1}, {1}, {1}, {}};
        out.delegation = flip();
        if (below(3) == 0) out.recusal = {"declared", "ruled"};
        if (below(4) == 0) out.recusal = {"target"};
        if (below(4) == 0) {
            static constexpr std::array losses{"no_quorum", "veto", "failed"};
            out.proposer.deposit = "10.00";
            out.proposer.forfeit = {pick(losses), pick(losses)};
        }
        return out;
    }

    std::vector<policy::Elector> electors() {
        std::vector<policy::Elector> out;
        for (char name = 'a'; name < 'f'; ++name)
            out.push_back({std::string(1, name), static_cast<std::int64_t>(below(4)), flip() ? "p" : "q"});
        return out;
    }

    policy::Vote vote(model::Decision const& decision, std::string member) {
        return {std::move(member), pick(model::choices(decision)), flip()};
    }

    std::vector<policy::Vote> votes(model::Decision const& decision,
                                    std::vector<policy::Elector> const& electors) {
        std::vector<policy::Vote> out;
        for (policy::Elector const& elector : electors)
            if (flip()) out.push_back(vote(decision, elector.member));
        return out;
    }

    policy::Context context(std::vector<policy::Elector> const& electors) {
        policy::Context out;
        out.track = static_cast<policy::Track>(below(3));
        for (policy::Elector const& elector : electors) {
            if (below(4) == 0) out.recusals.push_back({elector.member, flip() ? "declared" : "target"});
            if (below(3) == 0) out.delegations.push_back({elector.member, pick(electors).member});
        }
        return out;
    }

    void shuffle(auto& items) { std::shuffle(items.begin(), items.end(), m_random); }

private:
    std::mt19937 m_random;
};

}  // namespace consortium::test
