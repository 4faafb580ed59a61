#pragma once

#include "core/journal/merkle.h"
#include "core/journal/note.h"

namespace consortium::journal {

/// The body of a checkpoint (C2SP tlog-checkpoint), without extension lines.
struct Checkpoint {
    std::string origin;
    std::uint64_t size = 0;
    Digest root;

    bool operator==(Checkpoint const&) const = default;
    /// "origin\nsize\nbase64(root)\n".
    std::string body() const;
    /// Strict: three lines, no leading zero, a root of 32 bytes; the empty tree has its one root. Throws
    /// Error(malformed).
    static Checkpoint parse(std::string_view body);
};

/// Only what a log may be called: 1 to 200 letters, digits, '.', '-', '_' and '/', no part "." or "..".
bool is_origin(std::string_view text);

/// A checkpoint signed by its log, as text.
std::string sign_checkpoint(Checkpoint const& checkpoint, port::Signer& log_key);

/// A checkpoint together with those whose signatures on it hold.
struct SignedCheckpoint {
    Checkpoint checkpoint;
    std::vector<NoteSigner> signers;
};

/// Parses the text of a note and checks every signature by a known key. Throws Error(malformed), or
/// Error(verification_failed) when no key of type log, named as the origin, has signed.
SignedCheckpoint open_checkpoint(std::string_view text, std::vector<NoteKey> const& keys,
                                 port::Verifier const& verifier);

}  // namespace consortium::journal
