#pragma once

#include "core/driver/evm/trie.h"
#include "core/driver/http/jsonrpc.h"

#include <functional>

namespace consortium::driver::evm {

/// Where EIP-1967 has a proxy keep its implementation, its administrator and its beacon: the hash of a text,
/// less one, so that nothing else is ever stored there.
struct ProxySlots {
    Word implementation, admin, beacon;
};
ProxySlots proxy_slots(port::Hash keccak256);

/// What proxies are told by, out of the three slots. A UUPS proxy and one that cannot be upgraded look alike
/// from outside: what the implementation lets be done decides.
enum class ProxyKind { none, erc1967, transparent, beacon };
std::string_view words_of(ProxyKind kind);
/// Throws Error(malformed) for slots that contradict each other, or hold no address.
ProxyKind kind_of(ProxySlots const& values);

/// A block whose header was read and holds. The state root is to be believed as far as that header is.
struct BlockPoint {
    std::uint64_t number = 0;
    Word state_root;
};

/// Questions to a node about a block. Positions and addresses are of their type before they are sent (G35:
/// nodes answer zero to any text as a position).
jsonrpc::Call proof_call(std::string_view address, std::vector<Word> const& positions, std::uint64_t block);
jsonrpc::Call storage_call(std::string_view address, Word const& position, std::uint64_t block);
jsonrpc::Call code_call(std::string_view address, std::uint64_t block);
jsonrpc::Call view_call(std::string_view address, base::BytesView data, std::uint64_t block);

/// The answer to storage_call: 32 bytes, no fewer. Throws Error(malformed).
Word read_storage(base::Json const& answer);

struct ProvenState {
    AccountState account;
    std::vector<Word> values;  // at the positions that were asked for
};
/// The answer to proof_call, verified against the state root. Throws Error(verification_failed) for a proof
/// that does not hold, and for words beside it that say something else than it proves.
ProvenState read_proof(base::Json const& answer, std::string_view address, std::vector<Word> const& positions,
                       Word const& state_root, port::Hash keccak256);

/// Code as eth_getCode answers, which must be the one the state has. Throws Error(verification_failed).
base::Bytes read_code(base::Json const& answer, AccountState const& account, port::Hash keccak256);

struct Proxy {
    std::string address;
    ProxyKind kind = ProxyKind::none;
    std::string implementation;  // empty if it is no proxy
    std::string admin, beacon;   // empty if it has none
    /// The implementation behind a beacon is what the node says that the beacon answers; all else is proven.
    bool proven = true;
    base::Bytes code;  // of the implementation
};

/// How a node is asked; throws what the node's errors are.
using Ask = std::function<base::JsonValue(jsonrpc::Call const&)>;
/// What is at an address in the state of a block: slots and code proven by eth_getProof.
Proxy read_proxy(Ask const& ask, std::string_view address, BlockPoint const& block, port::Hash keccak256);

}  // namespace consortium::driver::evm
