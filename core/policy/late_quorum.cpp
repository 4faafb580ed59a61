#include "core/policy/by_member.h"
#include "core/policy/count.h"
#include "core/policy/opening.h"

#include <algorithm>
#include <tuple>

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

/// A ballot, or a delegation, when it came to count. It names voters by their places: of a million events the
/// names are far away in memory.
struct Event {
    base::Instant time;
    std::int64_t revision = -1;
    std::uint32_t voter = 0;
    std::uint32_t delegate = nobody;  // of a delegation
    Choice choice = Choice::none;     // of a ballot

    static constexpr std::uint32_t nobody = 0xffff'ffff;

    bool operator<(Event const& other) const {
        return std::tie(time.seconds, revision, voter) <
               std::tie(other.time.seconds, other.revision, other.voter);
    }
};

/// The weight that counts towards the quorum, kept up to date event by event.
class Progress {
public:
    Progress(Decision const& decision, std::vector<Elector> const& electors, Count const& start)
        : m_decision(decision), m_voters(electors.size()), m_base(start.total.base(decision.quorum_of)) {
        for (std::size_t i = 0; i < electors.size(); ++i) m_voters[i].weight = electors[i].weight;
    }

    void add(Event const& event) {
        if (event.delegate == Event::nobody)
            vote(m_voters[event.voter], event.choice);
        else
            delegate(event.voter, event.delegate);
    }

    bool reached() const { return m_decision.quorum.holds(share(m_weight, m_base)); }

private:
    struct Voter {
        std::int64_t weight = 0;
        Choice choice = Choice::none;
        std::uint32_t delegate = Event::nobody;
        std::vector<std::uint32_t> followers = {};
    };

    void vote(Voter& voter, Choice choice) {
        Wide const before = weight_with_followers(voter);
        if (voter.choice == Choice::none && voter.delegate != Event::nobody) {
            Voter& delegate = m_voters[voter.delegate];
            if (counts(m_decision, delegate.choice)) m_weight -= voter.weight;
            std::erase(delegate.followers, static_cast<std::uint32_t>(&voter - m_voters.data()));
            voter.delegate = Event::nobody;
        }
        voter.choice = choice;
        m_weight += weight_with_followers(voter) - before;
    }

    void delegate(std::uint32_t from, std::uint32_t to) {
        if (m_voters[from].choice != Choice::none) return;  // it has voted itself
        m_voters[from].delegate = to;
        m_voters[to].followers.push_back(from);
        if (counts(m_decision, m_voters[to].choice)) m_weight += m_voters[from].weight;
    }

    Wide weight_with_followers(Voter const& voter) const {
        if (!counts(m_decision, voter.choice)) return 0;
        Wide total = voter.weight;
        for (std::uint32_t const follower : voter.followers) total += m_voters[follower].weight;
        return total;
    }

    Decision const& m_decision;
    std::vector<Voter> m_voters;
    Wide m_base = 0, m_weight = 0;
};

/// The places of the electors whose ballots count.
using Places = ByMember<std::uint32_t>;

Places places_of(std::vector<Elector> const& electors, Count const& start) {
    Places out;
    for (std::size_t i = 0; i < electors.size(); ++i)
        if (electors[i].weight > 0 &&
            !std::binary_search(start.recused.begin(), start.recused.end(), electors[i].member))
            out.add(electors[i].member, static_cast<std::uint32_t>(i));
    out.put_in_order();
    return out;
}

/// Events by time, put in order block by block as far as they are asked for: most quorums are reached early.
class Events {
public:
    explicit Events(std::vector<Event> events) : m_events(std::move(events)) { put_in_order(); }

    Event const* next() const { return m_next < m_events.size() ? &m_events[m_next] : nullptr; }
    void pop() {
        if (++m_next == m_ordered) put_in_order();
    }

private:
    void put_in_order() {
        constexpr std::size_t least = 4, share = 8;
        auto const rest = m_events.size() - m_ordered;
        auto const first = m_events.begin() + static_cast<std::ptrdiff_t>(m_ordered);
        m_ordered += std::min(rest, std::max(least, rest / share));
        auto const last = m_events.begin() + static_cast<std::ptrdiff_t>(m_ordered);
        if (last != m_events.end()) std::nth_element(first, last, m_events.end());
        std::sort(first, last);
    }

    std::vector<Event> m_events;
    std::size_t m_next = 0, m_ordered = 0;
};

Events events_before(base::Instant closes, Decision const& decision, Places const& places,
                     std::vector<TimedVote> const& votes, Context const& context) {
    std::vector<Event> out;
    out.reserve(votes.size() + context.delegations.size());
    for (TimedVote const& one : votes)
        if (auto const* place = places.find(one.vote.member); place != nullptr && one.time < closes)
            out.push_back({one.time, one.revision, *place, Event::nobody, choice_of(decision, one.vote)});
    if (decision.delegation)
        for (Delegation const& one : context.delegations) {
            auto const *from = places.find(one.from), *to = places.find(one.to);
            if (from != nullptr && to != nullptr && *from != *to && one.since < closes)
                out.push_back({one.since, -1, *from, *to, Choice::none});
        }
    return Events(std::move(out));
}

}  // namespace

std::optional<base::Instant> late_close(Decision const& decision, std::vector<Elector> const& electors,
                                        std::vector<TimedVote> const& votes, base::Instant closes,
                                        Context const& context) {
    if (decision.late_quorum == base::Duration{} || decision.optimistic || context.track != Track::ordinary)
        return std::nullopt;
    Count const start = count(decision, electors, {}, context);
    Progress progress(decision, electors, start);
    auto events = events_before(closes, decision, places_of(electors, start), votes, context);
    while (auto const* next = events.next()) {
        auto const time = next->time;
        progress.add(*next);
        events.pop();
        bool const last_of_instant = events.next() == nullptr || events.next()->time != time;
        if (!last_of_instant || !progress.reached()) continue;
        base::Instant const end = time + decision.late_quorum;
        return end > closes ? std::optional(end) : std::nullopt;
    }
    return std::nullopt;
}

}  // namespace consortium::policy
