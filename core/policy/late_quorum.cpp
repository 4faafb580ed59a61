#include "core/policy/count.h"
#include "core/policy/opening.h"

#include <algorithm>
#include <functional>
#include <queue>
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

    void delegate(Delegation const& one) {
        auto const from = m_voters.find(one.from), to = m_voters.find(one.to);
        if (from == m_voters.end() || to == m_voters.end() || from == to) return;
        if (from->second.choice != Choice::none) return;  // it has voted itself
        from->second.delegate = &to->second;
        to->second.followers.push_back(&from->second);
        if (counts(m_decision, to->second.choice)) m_weight += from->second.weight;
    }

    bool reached() const { return m_decision.quorum.holds(share(m_weight, m_base)); }

private:
    struct Voter {
        std::int64_t weight = 0;
        Choice choice = Choice::none;
        std::vector<Voter*> followers;
        Voter* delegate = nullptr;
    };

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

/// A ballot, or a delegation, when it came to count. Names are looked at only where nothing else tells two
/// apart: of a million they are far away in memory.
struct Event {
    base::Instant time;
    std::int64_t revision = -1;
    TimedVote const* ballot = nullptr;
    Delegation const* delegation = nullptr;

    std::string_view who() const { return ballot != nullptr ? ballot->vote.member : delegation->from; }
    bool operator>(Event const& other) const {
        if (time != other.time) return time > other.time;
        if (revision != other.revision) return revision > other.revision;
        return who() > other.who();
    }
};

/// The first comes first; what follows is put in order only as far as it is asked for.
using Events = std::priority_queue<Event, std::vector<Event>, std::greater<>>;

Events events_before(base::Instant closes, Decision const& decision, std::vector<TimedVote> const& votes,
                     Context const& context) {
    std::vector<Event> out;
    out.reserve(votes.size() + context.delegations.size());
    for (TimedVote const& vote : votes)
        if (vote.time < closes) out.push_back({vote.time, vote.revision, &vote, nullptr});
    if (decision.delegation)
        for (Delegation const& one : context.delegations)
            if (one.since < closes) out.push_back({one.since, -1, nullptr, &one});
    return Events(std::greater<>(), std::move(out));
}

}  // namespace

std::optional<base::Instant> late_close(Decision const& decision, std::vector<Elector> const& electors,
                                        std::vector<TimedVote> const& votes, base::Instant closes,
                                        Context const& context) {
    if (decision.late_quorum == base::Duration{} || decision.optimistic || context.track != Track::ordinary)
        return std::nullopt;
    Progress progress(decision, electors, context);
    for (auto events = events_before(closes, decision, votes, context); !events.empty();) {
        auto const event = events.top();
        events.pop();
        if (event.ballot != nullptr)
            progress.vote(event.ballot->vote);
        else
            progress.delegate(*event.delegation);
        bool const last_of_instant = events.empty() || events.top().time != event.time;
        if (!last_of_instant || !progress.reached()) continue;
        base::Instant const end = event.time + decision.late_quorum;
        return end > closes ? std::optional(end) : std::nullopt;
    }
    return std::nullopt;
}

}  // namespace consortium::policy
