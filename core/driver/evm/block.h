#pragma once

#include "core/driver/consensus/header.h"
#include "core/port/hash.h"

namespace consortium::driver::evm {

/// The last 20 bytes of the hash of a public key (x ‖ y).
std::string address_of(base::BytesView public_key, port::Hash keccak256);

/// A QBFT header from what eth_getBlockByNumber answers. The hash is recomputed with round 0 and without
/// seals; each seal's signer is recovered over the header with its round and without seals. Throws
/// Error(malformed) if fields or extraData are not of their form.
consensus::Header read_block(base::Json const& block, port::Hash keccak256);

/// A quantity: "0x" and at most 16 hexadecimal digits.
std::uint64_t read_quantity(base::Json const& value);
std::string quantity(std::uint64_t value);

}  // namespace consortium::driver::evm
