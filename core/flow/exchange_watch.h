#pragma once

#include "core/flow/exchange.h"

namespace consortium::flow {

/// A place that could not be read or written at the last exchange.
struct Unreached {
    std::string place;
    std::vector<std::string> members;  // who were not read there; empty: nothing was published there
    base::Instant since;
    std::string why;
};

/// A member whose head has stood still though there was something for it to journal.
struct Silent {
    std::string member;
    base::Instant renewed;   // when its head was last seen to change
    base::Instant expected;  // since when it should have
};

/// The places that a report says could not be used, each once; `since` is `now`.
std::vector<Unreached> unreached_in(SyncReport const& report, base::Instant now);

/// Remembers, for `status`, which places could not be used and whose heads were renewed. `published` says
/// that entries which the others are to journal the head of were published from here. What was exchanged
/// elsewhere than it is set says nothing of the places that are.
void note_exchange(Services& services, Identity const& self, SyncReport const& report, Over over);

/// What the last exchange could not reach.
std::vector<Unreached> unreached(port::Store const& store);

/// Members of the newest epoch known whose heads have been expected for longer than `alarm`; none for an
/// alarm of no time. A member journals the head of every other that says something new, so its own head
/// changes: in a consortium where nobody says anything, nobody is expected to.
std::vector<Silent> silent_peers(port::Store const& store, Identity const& self, base::Instant now,
                                 base::Duration alarm);

}  // namespace consortium::flow
