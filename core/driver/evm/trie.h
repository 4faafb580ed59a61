#pragma once

#include "core/driver/evm/abi.h"

/// Proofs in Merkle-Patricia tries (Ethereum Yellow Paper, appendix D; EIP-1186): what a contract holds, read
/// from the state root of a block's header instead of a node's word.
namespace consortium::driver::evm {

/// The root of a trie without entries: the hash of RLP's empty string.
Word empty_trie_root(port::Hash keccak256);

/// The value at `key` in the trie of this root, or none if the nodes prove that there is none. `nodes` are
/// those on the way from the root, each exactly once and no others. Throws Error(verification_failed) for
/// anything that is not such a proof.
std::optional<base::Bytes> prove(Word const& root, base::BytesView key, std::vector<base::Bytes> const& nodes,
                                 port::Hash keccak256);

struct AccountState {
    std::uint64_t nonce = 0;
    Word balance, storage_root, code_hash;
    bool operator==(AccountState const&) const = default;
};

/// The account as the state of this root has it; one that is proven absent has no nonce, no balance, no code.
AccountState prove_account(Word const& state_root, std::string_view address,
                           std::vector<base::Bytes> const& nodes, port::Hash keccak256);
/// What the storage of this root has at a position; zero if it is proven absent.
Word prove_slot(Word const& storage_root, Word const& position, std::vector<base::Bytes> const& nodes,
                port::Hash keccak256);

}  // namespace consortium::driver::evm
