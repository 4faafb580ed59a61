#pragma once

#include "core/base/error.h"
#include "core/flow/agreement.h"
#include "core/flow/intake.h"
#include "core/model/outcome.h"

namespace consortium::flow {

/// What was taken from one member's tree.
struct PeerReport {
    std::string member;
    std::uint64_t size = 0;    // of its journal now
    std::uint64_t fresh = 0;   // entries that were new here
    bool substance = false;    // one of them is no checkpoint
    bool is_left_out = false;  // it was read for as long as one pull allows
    Intake intake;
    std::optional<base::Error> problem;  // why nothing was taken: the tree does not hold, or cannot be read
};

struct PublishReport {
    std::optional<std::uint64_t> size;  // of the tree that is published now; none: this workspace has none
    bool substance = false;             // what is new in it is not only peers' checkpoints
    std::size_t written = 0;            // files of the tree
    std::size_t handed_over = 0;        // acts that the member's seat, or its inviter, is to take from here
    std::vector<std::string> warnings;  // acts whose files are not published, because they cannot be read
};

struct SyncReport {
    std::vector<PeerReport> peers;
    SeatReport seat;
    std::optional<PublishReport> published;
    std::optional<base::Error> unpublished;  // why a sync could not publish: the place, not this workspace
    std::string read_only;                   // why nothing can be published; empty: it can
    int witnessed = 0;  // members whose cosignature on this journal's published head is held
};

/// Over which places is exchanged.
enum class Over {
    places_set,    // in the settings
    another_place  // given for this once
};

/// Takes in what every other member has published: checks each tree, validates acts, fetches files, journals
/// the peer's checkpoint (only when it commits to a new entry that is not itself a checkpoint, or journals
/// would echo for ever), cosigns it. A peer whose tree does not hold, or whose place cannot be reached, is
/// reported and left out; the others go on.
SyncReport pull(Services& services, Identity const& self, port::Exchange& exchange,
                Over over = Over::places_set);

/// Writes this journal's tree: entries, tiles, files, cosignatures, the checkpoint last. A member has one
/// tree, signed with its log key: a workspace without that key (a second officer's, an applicant's) writes
/// single acts below <member>/acts instead, which the member's seat takes over. Throws Error(refused) when
/// the exchange shows a head of this journal that it does not contain (G24), Error(unsupported) when it can
/// only be read, what the place says when it does not let the head be read that was published before,
/// Error(busy) while another process publishes from this workspace, Error(conflict) when
/// another workspace with this log key has published meanwhile.
PublishReport publish(Services& services, Identity const& self, port::Exchange& exchange);

/// Pull, the seat's part, answers to newcomers, publish: the one command for a timer. Where nothing can be
/// published, because the place can only be read or cannot be reached, the report says so.
SyncReport sync(Services& services, Identity const& given, port::Exchange& exchange,
                Over over = Over::places_set);

model::Outcome to_outcome(SyncReport const& report);

}  // namespace consortium::flow
