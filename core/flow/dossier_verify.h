#pragma once

#include "core/agreement/memory_evidence.h"
#include "core/journal/checkpoint.h"
#include "core/journal/dossier.h"
#include "core/journal/quorum.h"

namespace consortium::flow {

/// What somebody who checks evidence was told by other ways than the file.
struct Told {
    std::vector<journal::NoteKey> keys;  // each by itself, and not in a policy alone
    std::optional<base::Digest> genesis, epoch;
    std::optional<journal::QuorumPolicy> policy;

    bool names_epochs() const { return genesis || epoch; }
    /// The keys, and those of the policy: what notes are opened with.
    std::vector<journal::NoteKey> note_keys() const;
};

/// What was found to hold, and what was not looked at, in sentences.
struct Findings {
    std::vector<std::string> checked, unchecked;
};

/// The epochs of a dossier, each final by the acts that it holds of them.
struct VerifiedEpochs {
    agreement::MemoryEvidence evidence;
    std::map<base::Digest, std::shared_ptr<model::Epoch const>> by_hash;

    /// The keys with which the members' logs and witnesses sign, each once; but for those of witnesses that
    /// the latest of these epochs has as removed for cause.
    std::vector<journal::NoteKey> note_keys() const;
    /// A key of a log, or of a witness, as the latest of these epochs has it; null if it does not know it.
    model::Key const* latest(journal::NoteKey const& key) const;
};
/// Throws Error(verification_failed) where one does not hold, or none is the one that was told.
VerifiedEpochs verify_epochs(journal::Dossier const& dossier, Told const& told,
                             port::Verifier const& verifier, Findings& findings);

/// Checks every record: its path, the signature of an act under its epoch, what an opened event commits to;
/// that the scope is what it says and, where that can be shown, whole; the disclosure. Throws
/// Error(verification_failed) naming the entry.
void verify_records(journal::Dossier const& dossier, journal::Checkpoint const& head,
                    VerifiedEpochs const& epochs, port::Verifier const& verifier, Findings& findings);

}  // namespace consortium::flow
