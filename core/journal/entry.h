#pragma once

#include "core/model/entry.h"

namespace consortium::journal {

/// An event as it is stored: the leaf is public and shows {commitment, kind, time} only; the body holds the
/// salt and the event and leaves the workspace only when it is exported.
struct SealedEvent {
    std::string leaf;
    std::string body;
};

/// The commitment is SHA-256("consortium event v1\n" ‖ salt ‖ canonical event). `salt`: 32 bytes.
SealedEvent seal_event(model::Event const& event, base::BytesView salt);
/// Throws Error(verification_failed) if the body is not what the leaf commits to.
model::Event open_event(std::string_view leaf, std::string_view body);

/// A peer's checkpoint as a leaf: {"checkpoint": note, "peer": id}.
struct PeerCheckpoint {
    std::string peer;
    std::string note;
};
std::string checkpoint_leaf(PeerCheckpoint const& checkpoint);
PeerCheckpoint open_checkpoint_leaf(std::string_view leaf);

/// What a leaf from somewhere else is: an act's envelope, an event's public part or a wrapped checkpoint.
/// Throws Error(malformed) for anything else.
model::EntryKind leaf_kind(std::string_view leaf);

/// "act", "event" or "checkpoint".
std::string_view name(model::EntryKind kind);

}  // namespace consortium::journal
