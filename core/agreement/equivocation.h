#pragma once

#include "core/port/evidence.h"
#include "core/port/signer.h"

namespace consortium::agreement {

/// The slot that an act fills (PROTOCOL P8), as text; empty for kinds without slots. In one slot an honest
/// author has one content.
std::string slot_of(model::Act const& act);

/// Whether two acts of one slot have the same content. That something is said in private is content, since a
/// charter can count by it; the words are not, and their commitment differs each time that they are said.
bool says_the_same(model::Act const& one, model::Act const& other);

/// Whether an act of this author fills the slot of `act` already, with whatever content: then it must not be
/// signed again.
bool slot_taken(port::Evidence const& evidence, model::Act const& act);

/// Two acts with different content in one slot: proof that their author said two things.
struct Contradiction {
    std::string slot, member;
    base::Digest first, second;  // in journal order
};

/// Looks for an earlier act in the same slot that says something else.
std::optional<Contradiction> contradiction(port::Evidence const& evidence, model::StoredAct const& act);

/// One portable file: canonical JSON with both envelopes and the documents of the epochs that they name, in
/// which their author's keys are: anybody can check it, with nothing else. Throws Error(not_found) if one of
/// these is not held.
std::string evidence_file(port::Evidence const& evidence, Contradiction const& found);

/// What a portable file of evidence proves, to whoever accepts the epochs that it names.
struct Proof {
    std::string slot, kind, member;
    base::Digest first, second;                 // act ids
    std::vector<model::EpochReference> epochs;  // that the acts name, sorted by number
    base::Digest genesis;
};

/// Checks a portable file: both acts are whole, fill one slot with different content, name an epoch whose
/// document is in the file, and are signed with an active key that this epoch has for their author. Throws
/// Error(malformed) or Error(verification_failed).
Proof check_evidence_file(std::string_view text, port::Verifier const& verifier);

}  // namespace consortium::agreement
