#include "core/policy/prospect.h"

#include <algorithm>
#include <functional>

namespace consortium::policy {

namespace {

using Names = std::vector<std::string>;

/// One vote and those who are still asked.
struct Asked {
    model::Decision const& decision;
    std::vector<Elector> const& electors;
    std::vector<Vote> const& votes;
    Context const& context;
    Names waiting;  // the heaviest first

    std::string stopping() const { return decision.veto && decision.veto->by == "veto" ? "veto" : "no"; }
    /// Whether it passes when these say one thing and, where `rest` is not empty, all others waiting another.
    bool passes(Names const& some, std::string const& choice, std::string const& rest) const {
        auto all = votes;
        for (auto const& member : waiting) {
            bool const named = std::find(some.begin(), some.end(), member) != some.end();
            if (named) all.push_back({member, choice});
            if (!named && !rest.empty()) all.push_back({member, rest});
        }
        return tally(decision, electors, all, context).passed;
    }
};

Names heaviest_first(std::vector<Elector> const& electors, Names const& names) {
    std::vector<Elector> some;
    for (auto const& one : electors)
        if (one.weight > 0 && std::find(names.begin(), names.end(), one.member) != names.end())
            some.push_back(one);
    std::stable_sort(some.begin(), some.end(),
                     [](Elector const& left, Elector const& right) { return left.weight > right.weight; });
    Names out;
    out.reserve(some.size());
    for (auto const& one : some) out.push_back(one.member);
    return out;
}

constexpr std::size_t most_pruned = 40;  // with more nobody reads the names

/// The shortest beginning of those waiting that is enough, without those in it that are not needed.
Prospect::Members enough(Names const& waiting, std::function<bool(Names const&)> const& is_enough) {
    if (!is_enough(waiting)) return std::nullopt;
    std::size_t low = 0, high = waiting.size();
    auto const first = [&](std::size_t count) {
        return Names(waiting.begin(), waiting.begin() + static_cast<std::ptrdiff_t>(count));
    };
    while (low < high) {
        auto const middle = (low + high) / 2;
        if (is_enough(first(middle)))
            high = middle;
        else
            low = middle + 1;
    }
    auto out = first(low);
    for (std::size_t i = 0; out.size() <= most_pruned && i < out.size();) {
        auto fewer = out;
        fewer.erase(fewer.begin() + static_cast<std::ptrdiff_t>(i));
        if (is_enough(fewer))
            out = std::move(fewer);
        else
            ++i;
    }
    return out;
}

}  // namespace

Prospect prospect(model::Decision const& decision, std::vector<Elector> const& electors,
                  std::vector<Vote> const& votes, Context const& context) {
    auto const now = tally(decision, electors, votes, context);
    Asked const asked{decision, electors, votes, context, heaviest_first(electors, now.missing)};
    Prospect out;
    out.settled = settled(decision, electors, votes, context);
    out.passes = now.passed;
    out.passing = enough(asked.waiting, [&](Names const& some) { return asked.passes(some, "yes", ""); });
    out.blocking = enough(asked.waiting,
                          [&](Names const& some) { return !asked.passes(some, asked.stopping(), "yes"); });
    return out;
}

}  // namespace consortium::policy
