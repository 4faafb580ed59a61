#pragma once

#include "core/agreement/candidate.h"
#include "core/agreement/round.h"

namespace consortium::agreement {

/// What one seat looks at while it decides what to do. Made anew for each action.
struct View {
    port::Evidence const& evidence;
    std::shared_ptr<model::Epoch const> const& latest;
    Seat const& seat;
    base::Instant now;
    Round round;
    std::vector<OpenProposal> open;

    View(port::Evidence const& from, std::shared_ptr<model::Epoch const> const& final, Seat const& who,
         base::Instant when);

    model::Epoch const& current() const { return *latest; }
    std::int64_t attempt() const { return round.attempt(); }
    bool votes() const { return round.votes(seat.member); }
    bool has_signed(std::string const& phase) const {
        return round.spoken(phase, attempt()).contains(seat.member);
    }
    bool has_left() const { return round.has_left(seat.member, attempt()); }
};

/// What this seat offers as the attempt's leader; why it offers nothing though something is due.
struct Led {
    std::optional<Sign> sign;
    std::string objection;
};

/// The first candidate of the attempt's leader that this seat may prepare; why the others may not.
struct Judged {
    std::optional<model::StoredAct> good;
    std::string objection;
};
Judged judge(View const& view);

/// The timer of the attempt that this seat is in, from what is held: it starts when the attempt has begun
/// here and something is due, or a valid candidate is held. None: it does not run.
std::optional<base::Instant> timer_end(View const& view, Due const& due);

/// The seat's actions of PROTOCOL P5 and P6; none: not now.
std::optional<Sign> try_ready(View const& view);
std::optional<Sign> try_state(View const& view);
Led try_lead(View const& view, Due const& due);
std::optional<Sign> try_prepare(View const& view, Judged const& judged);
std::optional<Sign> try_commit(View const& view);
std::optional<Sign> try_skip(View const& view, std::optional<base::Instant> end);
/// A skip of the current attempt, whatever the timer says; none if this seat has left it or has no vote.
std::optional<Sign> leave_attempt(View const& view);

}  // namespace consortium::agreement
