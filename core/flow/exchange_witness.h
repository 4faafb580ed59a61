#pragma once

#include "core/flow/services.h"
#include "core/journal/checkpoint.h"

namespace consortium::flow {

/// The key under which this workspace's journal is known to the others: the member's log key of the newest
/// epoch known, if this workspace holds it. Only one workspace of a member does, and only it publishes the
/// member's tree; none in any other, nor in an applicant's.
std::optional<journal::NoteKey> own_log_key(Services const& services, Identity const& self);

/// Whether this journal's tree has that head.
bool contains(port::Store const& store, journal::Checkpoint const& shown);

/// A head of this journal, signed by its log key, that somebody shows in the exchange.
struct ShownHead {
    std::string path;
    std::string note;
    journal::Checkpoint checkpoint;
};

/// What it means that the place of one's own head does not let it be read.
enum class Unread {
    is_left_out,  // for who reads there: cosignatures elsewhere show it too
    is_thrown     // for who is about to write a head over it
};

/// The largest one shown that this journal does not contain; none where it contains all.
std::optional<ShownHead> shown_head(Services const& services, Identity const& self,
                                    port::Exchange const& exchange, Unread own = Unread::is_left_out);

/// Why one of the places where such a head would be shown cannot be read; empty where all can.
std::string unread_heads(Services const& services, Identity const& self, port::Exchange const& exchange);

/// G24, the second check: a head of this journal that the exchange shows (published from here, or cosigned by
/// a peer), that this log key has signed, and that this journal does not contain, says that the workspace was
/// restored from a backup. Raises the high-water mark to it, so that nothing is appended from now on, and
/// throws Error(refused) naming who shows it. Also refuses a copy from a backup before a person has said what
/// is to become of it.
void refuse_restored(Services& services, Identity const& self, port::Exchange const& exchange,
                     Unread own = Unread::is_left_out);

/// How many other members have cosigned the head that this workspace has published.
int count_witnesses(Services const& services, Identity const& self, port::Exchange const& exchange);

}  // namespace consortium::flow
