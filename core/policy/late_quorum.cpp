#include "core/policy/count.h"
#include "core/policy/opening.h"

#include <algorithm>
#include <unordered_map>

namespace consortium::policy {

namespace {

using base::Wide;
using model::Decision;

bool counts(Decision const& decision, Choice choice) {
    if (choice == Choice::none) return false;
    if (choice == Choice::veto) choice = Choice::no;
    return contains(decision.quorum_counts, choice == Choice::yes  ? "yes"
                                            : choice == Choice::no ? "no"
                                                                   : "abstain");
}

/// The weight that counts towards the quorum, kept up to date ballot by ballot.
class Progress {
public:
    Progress(Decision const& decision, std::vector<Elector> const& electors, Context const& context)
        : m_decision(decision) {
        Count const start = count(decision, electors, {}, context);
        m_base = start.total.base(decision.quorum_of);
        for (Elector const& elector : electors)
            if (elector.weight > 0 &&
                !std::binary_search(start.recused.begin(), start.recused.end(), elector.member))
                m_voters.emplace(elector.member, Voter{elector.weight, Choice::none, {}});
        if (decision.delegation)
            for (Delegation const& one : context.delegations) delegate(one);
    }

    void vote(Vote const& vote) {
        auto const found = m_voters.find(vote.member);
        if (found == m_voters.end()) return;
        Voter& voter = found->second;
        Wide const before = weight_with_followers(voter);
        if (voter.choice == Choice::none && voter.delegate != nullptr) {
            if (counts(m_decision, voter.delegate->choice)) m_weight -= voter.weight;
            std::erase(voter.delegate->followers, &voter);
            voter.delegate = nullptr;
        }
        voter.choice = choice_of(m_decision, vote);
        m_weight += weight_with_followers(voter) - before;
    }

    bool reached() const { return m_decision.quorum.holds(share(m_weight, m_base)); }

private:
    struct Voter {
        std::int64_t weight = 0;
        Choice choice = Choice::none;
        std::vector<Voter*> followers;
        Voter* delegate = nullptr;
    };

    void delegate(Delegation const& one) {
        auto const from = m_voters.find(one.from), to = m_voters.find(one.to);
        if (from == m_voters.end() || to == m_voters.end() || from == to) return;
        from->second.delegate = &to->second;
        to->second.followers.push_back(&from->second);
    }

    Wide weight_with_followers(Voter const& voter) const {
        if (!counts(m_decision, voter.choice)) return 0;
        Wide total = voter.weight;
        for (Voter const* follower : voter.followers) total += follower->weight;
        return total;
    }

    Decision const& m_decision;
    std::unordered_map<std::string_view, Voter> m_voters;
    Wide m_base = 0, m_weight = 0;
};

}  // namespace

std::optional<base::Instant> late_close(Decision const& decision, std::vector<Elector> const& electors,
                                        std::vector<TimedVote> const& votes, base::Instant closes,
                                        Context const& context) {
    if (decision.late_quorum == base::Duration{} || decision.optimistic || context.track != Track::ordinary)
        return std::nullopt;
    std::vector<TimedVote const*> sorted;
    sorted.reserve(votes.size());
    for (TimedVote const& vote : votes) sorted.push_back(&vote);
    std::sort(sorted.begin(), sorted.end(), [](TimedVote const* left, TimedVote const* right) {
        return std::tie(left->time, left->vote.member, left->revision) <
               std::tie(right->time, right->vote.member, right->revision);
    });
    Progress progress(decision, electors, context);
    for (std::size_t i = 0; i < sorted.size(); ++i) {
        if (sorted[i]->time >= closes) break;
        progress.vote(sorted[i]->vote);
        bool const last_of_instant = i + 1 == sorted.size() || sorted[i + 1]->time != sorted[i]->time;
        if (!last_of_instant || !progress.reached()) continue;
        base::Instant const end = sorted[i]->time + decision.late_quorum;
        return end > closes ? std::optional(end) : std::nullopt;
    }
    return std::nullopt;
}

}  // namespace consortium::policy
