#pragma once

#include "core/flow/services.h"
#include "core/model/outcome.h"
#include "core/model/plan.h"

namespace consortium::flow {

/// Every final epoch with what it decided, in plain words.
model::Outcome epoch_list(State const& state, model::Request const& request);
/// One epoch (operand: its number; default the latest): hash in digits and as words, members, sizes,
/// decisions.
model::Outcome epoch_show(State const& state, model::Request const& request);

/// Verifies the chain from the genesis on: every founder's signature, then for each epoch its link to the one
/// before, the commits of a quorum of that one's seats, and that its document follows from the acts that it
/// names. With the argument `genesis`, that the first document has this hash. An epoch that does not hold is
/// named; status verification_failed.
model::Outcome epoch_verify(State const& state, model::Request const& request,
                            port::Verifier const& verifier);

/// Verifies the chain in a bundle (argument `bundle`) from the genesis on, with nothing else: every act is
/// judged anew, as a member that joins would. What the asker knows is the hash of the genesis (argument
/// `genesis`) or of any epoch (`epoch`); one is required. With `trust`, a file, that it is the trust bundle
/// which the latest epoch carries. Needs no workspace.
model::Outcome epoch_verify_bundle(model::Request const& request, port::Verifier const& verifier);

/// Verifies a portable file of evidence (argument `evidence`) that a member said two things in one slot.
/// Needs no workspace. The outcome names the epochs that whoever accepts it must know.
model::Outcome epoch_verify_evidence(model::Request const& request, port::Verifier const& verifier);

/// The contradictions that were found here.
model::Outcome epoch_evidence(State const& state, model::Request const& request);
/// The portable file of one of them, by its id, the SHA-256 of its slot's text, or the beginning of that.
/// Throws Error(not_found).
std::string epoch_evidence_file(State const& state, std::string const& id);

}  // namespace consortium::flow
