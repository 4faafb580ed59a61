#pragma once

#include "core/driver/consensus/header.h"
#include "core/driver/evm/raw_block.h"

namespace consortium::driver::evm {

/// A header from what eth_getBlockByNumber answers, of the engine that its extraData shows: QBFT, IBFT 2.0,
/// IBFT, Raft, Clique. The hash is recomputed as the engine has it, the signer of each seal recovered. Throws
/// Error(malformed) if fields or extraData are not of their form, or of an engine that is not known.
consensus::Header read_block(base::Json const& block, port::Hash keccak256);

}  // namespace consortium::driver::evm
