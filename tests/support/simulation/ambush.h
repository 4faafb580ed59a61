#pragma once

#include "tests/support/simulation/history.h"

/// The sharpest attack that a restored backup allows: one half of the honest members, the liars and a seat
/// make an epoch final; then that seat is restored to before it spoke, and stands with the other half and the
/// same liars, who pretend to know nothing either. Only the seat's silence keeps them from another epoch.
namespace consortium::simulation {

/// Seats of one half exchange without loss and act until one of them has seen a new epoch, or time is up.
inline bool History::work_apart(std::vector<std::size_t> const& half, std::uint64_t beyond) {
    constexpr int most = 24;
    for (int round = 0; round < most && !m_library->forked(); ++round) {
        for (int exchange = 0; exchange < 4; ++exchange) {
            for (auto const to : half) {
                for (auto const from : half)
                    if (from != to) pull(*m_seats[to], *m_seats[from], 0);
                act(*m_seats[to]);
            }
            for (auto const one : half)
                if (!m_seats[one]->liar && m_seats[one]->epoch().number > beyond) return true;
        }
        move_clock(base::Duration{2 * 3600});
    }
    return false;
}

inline void History::open_for_ambush() {
    exchange_until_still();
    for (auto const& seat : m_seats) {
        if (seat->liar || !seat->votes()) continue;
        propose(*seat);
        break;
    }
    for (int round = 0; round < 3; ++round) {
        for (auto const& seat : m_seats) {
            for (auto const& other : m_seats)
                if (other != seat) pull(*seat, *other, 0);
            for (auto const& proposal : agreement::open_proposals(seat->holding))
                if (seat->votes() && seat->now < proposal.body.closes) vote(*seat, proposal);
        }
        move_clock(base::Duration{600});
    }
    move_clock(base::Duration{5 * 3600});
    exchange_until_still();
}

inline void History::ambush(std::size_t victim) {
    m_proposals = std::min<std::size_t>(m_proposals, 2);
    open_for_ambush();
    if (m_seats[victim]->silent()) return;
    std::vector<std::size_t> first{victim}, second{victim};
    bool left = m_random.percent(50);
    for (auto const& seat : m_seats) {
        if (seat->number() == victim) continue;
        left = seat->liar ? left : !left;
        if (seat->liar || left) first.push_back(seat->number());
        if (seat->liar || !left) second.push_back(seat->number());
    }
    std::map<std::size_t, Seat::Backup> backups;
    for (auto const& seat : m_seats)
        if (seat->liar || seat->number() == victim) backups.emplace(seat->number(), seat->backup());
    auto const before = most_advanced().epoch().number;
    if (!work_apart(first, before)) return;
    for (auto const& [number, backup] : backups) m_seats[number]->restore(backup);
    work_apart(second, before);
}

}  // namespace consortium::simulation
