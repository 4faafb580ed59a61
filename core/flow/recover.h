#pragma once

#include "core/flow/apply.h"
#include "core/flow/exchange_witness.h"

namespace consortium::flow {

/// What says that this journal lacks entries that it had (G24).
struct Loss {
    std::optional<ShownHead> head;  // the largest head of this journal that is known and not in it
    std::string copy;       // restored from a backup taken then, and nobody has said what of it; or empty
    std::string successor;  // the origin under which it went on elsewhere on this host; or empty
    std::string
        unread;  // why the exchange, or a part of it, could not be asked; empty: it was, or none is set
};

/// Looks at the high-water mark and, where there is one, at the exchange; `unread` says why one that is set
/// could not be opened.
Loss look_for_loss(Services const& services, Identity const& self, port::Exchange const* exchange,
                   std::string unread = {});

/// `audit recover`: the journal goes on under a new origin and a new log key, which no copy of the old one
/// has. What is left of the old journal stays in front; then comes the last head that is known of it, signed
/// by its own key, then an event (object "origin/<new origin>": data {previous, earlier, entries, known,
/// shown, cause, key, member}). A seat that may have signed what this journal lacks is silenced (PROTOCOL
/// P10). With `newest` (a copy of which nobody knows more than it holds) it goes on as it is. Arguments:
/// cause
/// ("restored" or "compromise"), newest.
model::Plan plan_recover(State const& state, model::Request const& request, Loss const& loss);

/// What remains to be done after that: none where no new origin was begun, or the others know it and the seat
/// signs. Schema consortium.recovery/1.
std::optional<model::Outcome> recovery_progress(State const& state);

/// The public part of the log key of the origin that this journal has begun and no epoch names yet; none
/// where there is no such. With the cause that its event states.
struct BegunOrigin {
    std::string key_file;
    std::string cause;  // "restored" or "compromise"
};
std::optional<BegunOrigin> begun_origin(State const& state);

/// "journal.origin", local: makes the key before the lock is taken. Result {origin, key, name}.
extern Applier const journal_origin_applier;
/// "journal.newest", local: takes the mark of a copy away.
extern Applier const journal_newest_applier;
/// "workspace.origin": writes the origin of the journal into consortium.toml. Result {origin}.
extern Applier const workspace_origin_applier;

}  // namespace consortium::flow
