#pragma once

#include "tests/support/simulation/history.h"

/// What happens to workspaces and messages in a history: loss, doubling, delay, partitions, restored backups;
/// then quiet.
namespace consortium::simulation {

inline void History::pull(Seat& to, Seat const& from, std::int64_t drop_percent) {
    auto& [generation, cursor] = to.cursors[from.number()];
    if (generation != from.generation) {
        generation = from.generation;
        cursor = 0;
    }
    std::vector<Item*> batch;
    auto first_dropped = from.published.size();
    for (auto at = cursor; at < from.published.size(); ++at) {
        auto* item = from.published[at];
        bool const own = item->act().member == from.id();
        if (from.liar && (own ? (item->shown >> to.number() & 1u) == 0 : !m_liar_relays[from.number()]))
            continue;
        if (drop_percent > 0 && m_random.percent(drop_percent)) {
            first_dropped = std::min(first_dropped, at);
            continue;
        }
        batch.push_back(item);
        for (auto const& file : item->named.files)
            if (auto content = from.holding.shared_file(file)) to.holding.add_file(file, std::move(content));
    }
    cursor = first_dropped;
    for (auto const* orphan : to.orphans)
        for (auto const& file : orphan->named.files)
            if (auto content = from.holding.shared_file(file)) to.holding.add_file(file, std::move(content));
    if (drop_percent > 0 && batch.size() > 1 && m_random.percent(50))
        for (auto i = batch.size() - 1; i > 0; --i) std::swap(batch[i], batch[m_random.index(i + 1)]);
    for (auto* item : batch) to.receive(item);
    if (drop_percent > 0 && !batch.empty()) to.receive(batch[m_random.index(batch.size())]);
    to.retry_orphans();
}

inline void History::act(Seat& seat) {
    if (!seat.liar) {
        seat.step();
        return;
    }
    for (auto& liar : m_liars)
        if (&liar.seat() == &seat) liar.step();
}

inline void History::sync(Seat& seat) {
    seat.now = m_now + seat.skew;
    for (auto const& other : m_seats) {
        bool const reached = m_group[other->number()] == m_group[seat.number()] || m_random.percent(2);
        if (other.get() != &seat && reached && m_random.percent(60)) pull(seat, *other, m_drop);
    }
    speak(seat);
    act(seat);
}

inline void History::restore_when_time(std::size_t step) {
    for (auto& restoration : m_restorations) {
        auto& seat = *m_seats[restoration.seat];
        if (step == restoration.backup_at) restoration.backup = seat.backup();
        if (step != restoration.restore_at || !restoration.backup) continue;
        seat.restore(*restoration.backup);
        restoration.backup.reset();
        m_group[restoration.seat] = 1 - m_group[restoration.seat];
    }
}

inline void History::move_clock(base::Duration by) {
    m_now = m_now + by;
    for (auto const& seat : m_seats) seat->now = m_now + seat->skew;
}

inline void History::trouble() {
    auto const steps = m_seats.size() * (6 + m_random.index(10));
    auto const restored = m_random.percent(40) ? std::optional(draw_honest()) : std::nullopt;
    bool const waylaid = restored && m_random.percent(50);
    if (restored) {
        Restoration restoration;
        restoration.seat = *restored;
        restoration.backup_at = m_random.index(steps);
        restoration.restore_at = waylaid ? steps : restoration.backup_at + 1 + m_random.index(steps / 2);
        m_restorations.push_back(std::move(restoration));
    }
    for (std::size_t step = 0; step < steps && !m_library->forked(); ++step) {
        auto const kind = m_random.below(10);
        move_clock(
            base::Duration{kind < 6 ? m_random.below(1200) : m_random.below(kind < 9 ? 7200 : 36'000)});
        if (m_partitions && m_random.percent(6))
            for (auto& group : m_group) group = m_random.index(2);
        restore_when_time(step);
        sync(*m_seats[m_random.index(m_seats.size())]);
    }
    if (waylaid && !m_library->forked()) ambush(*restored);
}

inline std::size_t History::draw_honest() {
    for (;;) {
        auto const who = m_random.index(m_seats.size());
        if (!m_seats[who]->liar) return who;
    }
}

/// Everybody pulls from everybody and acts, until nothing changes. False if it never ends.
inline bool History::exchange_until_still() {
    constexpr int most = 40;
    std::vector<std::size_t> before(m_seats.size(), ~std::size_t{0});
    for (int round = 0; round < most; ++round) {
        bool changed = false;
        for (auto const& seat : m_seats) {
            if (seat->liar && round > 0) continue;
            for (auto const& other : m_seats)
                if (other != seat) pull(*seat, *other, 0);
            auto const state = seat->holding.size() + 1000 * seat->epoch().number;
            if (round > 0 && state == before[seat->number()]) continue;
            speak_in_quiet(*seat);
            act(*seat);
            before[seat->number()] = seat->holding.size() + 1000 * seat->epoch().number;
            changed = true;
        }
        if (!changed) return true;
    }
    return false;
}

inline void History::speak_in_quiet(Seat& seat) {
    for (auto& restoration : m_restorations)
        if (restoration.seat == seat.number()) ask_for_new_key(seat, restoration);
}

inline base::Instant History::next_time() const {
    std::optional<base::Instant> next;
    for (auto const& seat : m_seats) {
        if (seat->liar || !seat->until) continue;
        auto const when = *seat->until - seat->skew;
        if (when > m_now && (!next || when < *next)) next = when;
    }
    return next.value_or(m_now + base::Duration{3600});
}

inline void History::quiet() {
    constexpr int most = 80;
    std::fill(m_group.begin(), m_group.end(), 0);
    for (int round = 0; round < most && !m_library->forked(); ++round) {
        if (!exchange_until_still()) return;
        if (done()) return;
        move_clock(next_time() - m_now);
    }
}

}  // namespace consortium::simulation
