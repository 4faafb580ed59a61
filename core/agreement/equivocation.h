#pragma once

#include "core/port/evidence.h"

namespace consortium::agreement {

/// The slot that an act fills (PROTOCOL P8), as text; empty for kinds without slots. In one slot an honest
/// author has one content.
std::string slot_of(model::Act const& act);

/// Whether an act of this author fills the slot of `act` already, with whatever content: then it must not be
/// signed again.
bool slot_taken(port::Evidence const& evidence, model::Act const& act);

/// Two acts with different content in one slot: proof that their author said two things.
struct Contradiction {
    std::string slot, member;
    base::Digest first, second;  // in journal order
};

/// Looks for an earlier act in the same slot whose body differs.
std::optional<Contradiction> contradiction(port::Evidence const& evidence, model::StoredAct const& act);

/// One portable file: canonical JSON with both envelopes, which anybody can check again.
std::string evidence_file(port::Evidence const& evidence, Contradiction const& found);

}  // namespace consortium::agreement
