#pragma once

#include "core/flow/agreement.h"
#include "core/flow/intake.h"
#include "core/model/outcome.h"

namespace consortium::flow {

/// What was taken from one member's tree.
struct PeerReport {
    std::string member;
    std::uint64_t size = 0;   // of its journal now
    std::uint64_t fresh = 0;  // entries that were new here
    Intake intake;
    std::string problem;  // why nothing was taken: the tree does not hold; empty: it does
};

struct PublishReport {
    std::uint64_t size = 0;
    std::size_t written = 0;  // files of the tree
};

struct SyncReport {
    std::vector<PeerReport> peers;
    SeatReport seat;
    std::optional<PublishReport> published;
    int witnessed = 0;  // members whose cosignature on this journal's published head is held
};

/// Takes in what every other member has published: checks each tree, validates acts, fetches files, journals
/// the peer's checkpoint (only when it commits to a new entry that is not itself a checkpoint, or journals
/// would echo for ever), cosigns it. A peer whose tree does not hold is reported and left out; the others go
/// on.
SyncReport pull(Services& services, Identity const& self, port::Exchange& exchange);

/// Writes this journal's tree: entries, tiles, files, cosignatures, the checkpoint last. Throws
/// Error(conflict) when the published tree is ahead of this journal (G24).
PublishReport publish(Services& services, Identity const& self, port::Exchange& exchange);

/// Pull, the seat's part, answers to newcomers, publish: the one command for a timer.
SyncReport sync(Services& services, Identity const& given, port::Exchange& exchange);

model::Outcome to_outcome(SyncReport const& report);

}  // namespace consortium::flow
