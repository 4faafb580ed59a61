#pragma once

#include "core/model/outcome.h"
#include "core/port/evidence.h"
#include "core/port/signer.h"

namespace consortium::flow {

/// A chain of epochs that was found to hold.
struct Chain {
    base::Digest genesis;
    model::EpochReference latest;
};

/// Verifies every epoch that the evidence calls final: the founders' signatures on the first; of each later
/// one the link, the commits of a quorum, and that its document follows from the acts that it names. Epoch 0
/// must be there. Throws Error(verification_failed) naming the first that does not hold.
Chain verify_chain(port::Evidence const& evidence, port::Verifier const& verifier);

/// The founders' signatures on the first epoch; throws Error(verification_failed).
void verify_genesis(port::Evidence const& evidence, model::Epoch const& genesis,
                    port::Verifier const& verifier);
/// That an epoch follows the one before and that a quorum of that one's seats has committed to it, by the
/// commits that the evidence holds; not that its content follows from anything. Throws
/// Error(verification_failed).
void verify_commits(port::Evidence const& evidence, model::Epoch const& before, model::Epoch const& epoch,
                    port::Verifier const& verifier);

model::Outcome to_outcome(Chain const& chain);

/// Throws Error(verification_failed) if the genesis is not the one that was wanted (64 hexadecimal digits).
void check_genesis(base::Digest const& genesis, std::string const& wanted);

}  // namespace consortium::flow
