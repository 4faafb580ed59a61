#pragma once

#include "core/driver/consensus/header.h"
#include "core/driver/evm/raw_block.h"
#include "core/driver/evm/rlp.h"

/// The forms of extraData, one engine each: whether a block is of this form, and what it then says. Each
/// reader sets hash (recomputed), proposer, validators or `listed`, vote, round and sealers of a header whose
/// number, parent and times are set already, and throws Error(malformed) for what is not of its form.
namespace consortium::driver::evm {

/// RLP([vanity of 32 bytes, [validators], vote, round, [seals]]); without a vote [].
bool fits_qbft(RawBlock const& block);
void read_qbft(RawBlock const& block, consensus::Header& header);

/// The same with the round as 4 bytes, and without a vote an empty string.
bool fits_ibft2(RawBlock const& block);
void read_ibft2(RawBlock const& block, consensus::Header& header);

/// 32 bytes ‖ RLP([[validators], proposer's seal, [seals]]).
bool fits_ibft1(RawBlock const& block);
void read_ibft1(RawBlock const& block, consensus::Header& header);

/// 32 bytes ‖ signers, in epoch blocks only ‖ signature of 65 bytes (EIP-225).
bool fits_clique(RawBlock const& block);
void read_clique(RawBlock const& block, consensus::Header& header);

/// 32 bytes ‖ RLP([raft id, signature]); the genesis has the 32 bytes only.
bool fits_raft(RawBlock const& block);
void read_raft(RawBlock const& block, consensus::Header& header);

/// What the forms share.
namespace extra {

inline constexpr std::size_t vanity_size = 32;
inline constexpr std::size_t seal_size = 65;
inline constexpr std::size_t max_validators = 1000;

/// The items of a list of exactly `count`, if the bytes are one.
std::optional<std::vector<rlp::Item>> list_of(base::BytesView bytes, std::size_t count);
/// What follows the vanity; nothing if there is not even that.
base::BytesView after_vanity(RawBlock const& block);
std::vector<std::string> read_addresses(rlp::Item const& list);
base::Bytes copy(base::BytesView bytes);
/// Who made each of the seals over the digest.
std::vector<std::string> read_sealers(RawBlock const& block, rlp::Item const& list,
                                      base::Digest const& digest);
/// A vote by the header's proposer on `miner`, whose direction is the nonce: all ones or all zeros (EIP-225).
std::optional<consensus::Vote> read_miner_vote(RawBlock const& block, std::string const& proposer);

}  // namespace extra

}  // namespace consortium::driver::evm
