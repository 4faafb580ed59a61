#pragma once

#include "tests/support/simulation/history.h"

/// What must hold at the end of a history.
namespace consortium::simulation {

inline bool History::is_honest(std::string const& member) const {
    return std::none_of(m_seats.begin(), m_seats.end(),
                        [&](auto const& seat) { return seat->liar && seat->id() == member; });
}

inline Seat const& History::most_advanced() const {
    Seat const* best = nullptr;
    for (auto const& seat : m_seats)
        if (!seat->liar && (best == nullptr || seat->epoch().number > best->epoch().number))
            best = seat.get();
    return *best;
}

/// Whether the honest seats that speak are a quorum.
inline bool History::can_agree() const {
    auto const& latest = most_advanced().epoch();
    int able = 0;
    for (auto const& seat : m_seats) {
        auto const* member = latest.member(seat->id());
        bool const silent = seat->silenced != Digest{} && member != nullptr && member->seat == seat->silenced;
        if (!seat->liar && !silent && member != nullptr && member->status == "active" && member->votes)
            ++able;
    }
    return able >= model::sizes(latest).q;
}

/// Whether the honest seats that speak can make the statements that a proposal needs.
inline bool History::decidable(agreement::OpenProposal const& proposal, model::Epoch const& latest) const {
    int able = 0;
    for (auto const& seat : m_seats) {
        auto const* voter = proposal.base->member(seat->id());
        auto const* member = latest.member(seat->id());
        bool const silent = seat->silenced != Digest{} && member != nullptr && member->seat == seat->silenced;
        bool const states =
            voter != nullptr && voter->votes && member != nullptr && member->status == "active";
        if (states && !seat->liar && !silent) ++able;
    }
    return able >= model::sizes(*proposal.base).q;
}

inline bool History::done() const {
    auto const& latest = most_advanced().epoch();
    for (auto const& seat : m_seats) {
        if (seat->liar) continue;
        if (seat->epoch().number != latest.number) return false;
        for (auto const& proposal : agreement::open_proposals(seat->holding))
            if (decidable(proposal, latest)) return false;
        if (!agreement::waiting_changes(seat->holding, latest).empty()) return false;
    }
    return true;
}

inline bool History::every_honest_seat_held(Item const& ballot,
                                            agreement::OpenProposal const& proposal) const {
    for (auto const& seat : m_seats) {
        auto const* voter = proposal.base->member(seat->id());
        if (seat->liar || voter == nullptr || !voter->votes) continue;
        auto const received = seat->holding.received(ballot.stored.id);
        if (!received || *received >= proposal.body.closes) return false;
    }
    return true;
}

inline bool closed_early(Seat const& seat, model::Result const& result) {
    auto const first = result.statements.empty() ? std::nullopt : seat.holding.act(result.statements.front());
    return first && first->act.body->contains("early");
}

inline void History::check_ballots(Report& report) const {
    auto const& best = most_advanced();
    for (auto const& [number, hash] : m_library->finals()) {
        auto const epoch = best.holding.epoch(number);
        if (!epoch) continue;  // final by what was said, but no honest seat has learnt it yet
        for (auto const& result : epoch->results) {
            // As it stood when it was counted: a vote that goes on closes later from then.
            auto const before = best.holding.epoch(number - 1);
            auto const proposal = agreement::load_proposal(best.holding, result.proposal, *before);
            if (closed_early(best, result)) continue;  // nothing could turn it any more
            std::set<Digest> listed(result.counted.begin(), result.counted.end());
            for (auto const& [id, reason] : result.excluded)
                if (reason != "late") listed.insert(id);
            for (auto const& item : m_library->items()) {
                auto const& kinds = agreement::ballot_kinds;
                bool const is_ballot =
                    std::find(kinds.begin(), kinds.end(), item->act().kind) != kinds.end() &&
                    item->subject == result.proposal;
                if (!is_ballot || listed.contains(item->stored.id)) continue;
                if (!every_honest_seat_held(*item, proposal)) continue;
                report.ballot_lost = true;
                report.why += "a ballot of " + item->act().member + " was left out; ";
            }
        }
    }
}

}  // namespace consortium::simulation
