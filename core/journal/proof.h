#pragma once

#include "core/journal/checkpoint.h"

namespace consortium::journal {

/// A .tlog-proof file (C2SP tlog-proof): that an entry is in a log, checkable without the log. `extra` holds
/// the entry itself, so that the file stands alone.
struct Proof {
    std::string extra;  // may be empty
    std::uint64_t index = 0;
    std::vector<Digest> hashes;  // leaf to root
    std::string checkpoint;      // the signed note

    std::string text() const;
    /// Throws Error(malformed).
    static Proof parse(std::string_view text);
};

/// Opens the checkpoint with the keys and checks that it contains `entry`. Throws Error(verification_failed).
SignedCheckpoint verify_proof(Proof const& proof, std::string_view entry, std::vector<NoteKey> const& keys,
                              port::Verifier const& verifier);

/// That the tree of a head continues an earlier one: "consortium/consistency@v1", "old SIZE ROOT", hashes as
/// RFC 6962 section 2.1.2 orders them, a blank line, the later checkpoint.
struct ConsistencyProof {
    std::uint64_t old_size = 0;  // not 0: every tree continues the empty one
    Digest old_root;
    std::vector<Digest> hashes;
    std::string checkpoint;

    std::string text() const;
    static bool is_one(std::string_view text);
    /// Throws Error(malformed).
    static ConsistencyProof parse(std::string_view text);
};

/// From the tiles of a head, with its signed note: that it continues what its tree was at an earlier size,
/// with the root that this was. Nothing where the tiles do not give the head's root: then they are damaged,
/// and accuse nobody. Throws Error(not_found) for a size above the head's.
std::optional<ConsistencyProof> prove_growth(std::uint64_t old_size, Checkpoint const& head,
                                             std::string const& note, SubtreeReader const& tiles);

/// Opens the checkpoint with the keys and checks that it continues the old tree. Throws
/// Error(verification_failed).
SignedCheckpoint verify_proof(ConsistencyProof const& proof, std::vector<NoteKey> const& keys,
                              port::Verifier const& verifier);

}  // namespace consortium::journal
