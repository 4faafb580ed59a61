#pragma once

#include "core/model/verdict.h"
#include "core/policy/tally.h"

namespace consortium::policy {

/// A proposal as far as the charter's rules on opening look at it. Times are those of epochs and of receipts
/// (PROTOCOL P5), never a proposal's own claim about another.
struct Opening {
    std::string tier;    // of the proposer's member
    std::string action;  // the action's kind
    Track track = Track::ordinary;
    base::Instant opened, closes;
    int open = 0;  // other proposals of this decision by the same member that are not decided yet
    std::optional<base::Instant> failed;     // when the last vote on the same action closed that did not pass
    std::optional<base::Instant> emergency;  // when the last emergency over the same target closed
};

/// How long a vote on a track stands at least: notice and window; the track's own window.
base::Duration shortest_vote(model::Decision const& decision, Track track);

/// How long a vote on a track stands at most: an emergency its window, whoever rounds it up; any other a year
/// longer than it must. What counts from the close of a vote that ended before it would else be put off.
base::Duration longest_vote(model::Decision const& decision, Track track);

/// How long a decision on a track waits at least before it is carried out.
base::Duration shortest_timelock(model::Decision const& decision, Track track);

/// Whether it may be opened: tier, track, emergency's scope, notice and window, maximum open, cooldown.
/// What waits for a time only is pending until then.
model::Verdict may_open(model::Decision const& decision, Opening const& opening);

/// Whether an action is a measure of the emergency's scope: "patch" covers release.upgrade, "pause"
/// network.pause; nothing else is ever done on that track.
bool in_scope(model::Emergency const& emergency, std::string_view action);

/// A ballot with the time that the pinned statements give it (PROTOCOL P5).
struct TimedVote {
    Vote vote;
    std::int64_t revision = 0;
    base::Instant time;
};

/// When voting ends after all, where the quorum was reached so late that less than `late_quorum` was left of
/// it; nothing where it ends as it should. Every revision of every timely ballot is given, best by member;
/// what a later one does to the quorum does not matter any more.
std::optional<base::Instant> late_close(model::Decision const& decision, std::vector<Elector> const& electors,
                                        std::vector<TimedVote> const& votes, base::Instant closes,
                                        Context const& context = {});

/// The clauses that `next` changes though `now` calls them unamendable, as pointers; "/unamendable" where it
/// drops one from the list.
std::vector<std::string> broken_clauses(model::Charter const& now, model::Charter const& next);

}  // namespace consortium::policy
