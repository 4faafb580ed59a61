#include "core/policy/count.h"

#include "core/base/error.h"
#include "core/policy/by_member.h"

#include <algorithm>
#include <fmt/format.h>

namespace consortium::policy {

namespace {

using model::Decision;

struct Is {};
using Members = ByMember<Is>;

template <class Value>
void put_in_order(ByMember<Value>& values, std::string_view what) {
    if (auto const twice = values.put_in_order(); !twice.empty())
        throw base::Error(base::Code::internal, fmt::format("two {} of '{}' reached the tally", what, twice));
}

ByMember<Choice> direct_choices(Decision const& decision, std::vector<Vote> const& votes) {
    ByMember<Choice> out;
    for (Vote const& vote : votes) out.add(vote.member, choice_of(decision, vote));
    put_in_order(out, "votes");
    return out;
}

ByMember<std::string_view> delegates(Decision const& decision, std::vector<Delegation> const& delegations) {
    ByMember<std::string_view> out;
    for (Delegation const& one : delegations) out.add(one.from, one.to);
    put_in_order(out, "delegations");
    if (!decision.delegation) return {};
    return out;
}

Members recused_members(Decision const& decision, std::vector<Recusal> const& recusals) {
    Members out;
    for (Recusal const& one : recusals)
        if (contains(decision.recusal, one.how)) out.add(one.member, {});
    out.put_in_order();  // for one reason or two
    return out;
}

/// Who asks whom, and what they said.
struct Ballots {
    ByMember<Choice> direct;
    ByMember<std::string_view> delegate;
    Members recused;
    Members electors;

    /// What counts for a member, and for whom somebody else said it.
    std::pair<Choice, std::string_view> of(std::string_view member) const {
        if (auto const* own = direct.find(member)) return {*own, {}};
        auto const* to = delegate.find(member);
        if (to == nullptr || recused.contains(*to) || !electors.contains(*to)) return {Choice::none, {}};
        auto const* other = direct.find(*to);
        return other == nullptr ? std::pair{Choice::none, std::string_view()} : std::pair{*other, *to};
    }
};

void add_elector(Elector const& elector, Ballots const& ballots, Count& out) {
    auto const add = [&](auto const& change) {
        change(out.total);
        if (auto const found = out.classes.find(elector.tier); found != out.classes.end())
            change(found->second);
    };
    base::Wide const weight = elector.weight;
    add([&](Sums& sums) { sums.all += weight; });
    if (ballots.recused.contains(elector.member)) {
        out.recused.push_back(elector.member);
        return;
    }
    auto const [choice, by] = ballots.of(elector.member);
    add([&, choice = choice](Sums& sums) {
        sums.eligible += weight;
        sums.add(choice, weight);
    });
    if (choice == Choice::none && weight > 0) out.missing.push_back(elector.member);
    if (!by.empty()) out.delegated.push_back({elector.member, std::string(by)});
}

}  // namespace

bool contains(std::vector<std::string> const& list, std::string_view item) {
    return std::find(list.begin(), list.end(), item) != list.end();
}

base::Rational share(base::Wide part, base::Wide whole) {
    return whole == 0 ? base::Rational(0) : base::Rational::of(part, whole);
}

void Sums::add(Choice choice, base::Wide weight) {
    if (choice == Choice::yes) yes += weight;
    if (choice == Choice::abstain) abstain += weight;
    if (choice == Choice::no || choice == Choice::veto) no += weight;
    if (choice == Choice::veto) veto += weight;
}

base::Wide Sums::base(std::string_view of) const {
    if (of == "yes+no") return yes + no;
    if (of == "cast") return cast();
    return of == "all" ? all : eligible;
}

base::Wide quorum_weight(Decision const& decision, Sums const& sums) {
    base::Wide weight = 0;
    if (contains(decision.quorum_counts, "yes")) weight += sums.yes;
    if (contains(decision.quorum_counts, "no")) weight += sums.no;
    if (contains(decision.quorum_counts, "abstain")) weight += sums.abstain;
    return weight;
}

Choice choice_of(Decision const& decision, Vote const& vote) {
    bool const against = vote.choice == "no" || vote.choice == "veto";
    if (against && decision.reasoned_no && !vote.reasoned) return Choice::abstain;
    if (vote.choice == "yes") return Choice::yes;
    if (vote.choice == "no") return Choice::no;
    if (vote.choice == "abstain") return Choice::abstain;
    if (vote.choice == "veto" && decision.veto && decision.veto->by == "veto") return Choice::veto;
    throw base::Error(base::Code::internal, fmt::format("a vote for '{}' reached the tally", vote.choice));
}

Count count_said(Decision const& decision, std::vector<Elector> const& electors,
                 std::vector<Choice> const& said) {
    Count out;
    for (model::ClassMajority const& one : decision.classes) out.classes.emplace(one.tier, Sums());
    auto const add = [&](Sums& sums, std::size_t place) {
        base::Wide const weight = electors[place].weight;
        sums.all += weight;
        sums.eligible += weight;
        sums.add(said[place], weight);
    };
    for (std::size_t i = 0; i < electors.size(); ++i) {
        add(out.total, i);
        if (auto const found = out.classes.find(electors[i].tier); found != out.classes.end())
            add(found->second, i);
        bool const casts =
            electors[i].weight > 0 && !decision.casting.empty() && electors[i].member == decision.casting;
        if (casts) out.casting = said[i];
    }
    return out;
}

Count count(Decision const& decision, std::vector<Elector> const& electors, std::vector<Vote> const& votes,
            Context const& context) {
    Ballots ballots{direct_choices(decision, votes),
                    delegates(decision, context.delegations),
                    recused_members(decision, context.recusals),
                    {}};
    Count out;
    for (model::ClassMajority const& one : decision.classes) out.classes.emplace(one.tier, Sums());
    for (Elector const& elector : electors)
        if (elector.weight > 0) ballots.electors.add(elector.member, {});
    ballots.electors.put_in_order();
    for (Elector const& elector : electors) add_elector(elector, ballots, out);
    bool const may_cast =
        ballots.electors.contains(decision.casting) && !ballots.recused.contains(decision.casting);
    if (may_cast) out.casting = ballots.of(decision.casting).first;
    std::sort(out.missing.begin(), out.missing.end());
    std::sort(out.recused.begin(), out.recused.end());
    std::sort(out.delegated.begin(), out.delegated.end(),
              [](Delegation const& left, Delegation const& right) { return left.from < right.from; });
    return out;
}

}  // namespace consortium::policy
