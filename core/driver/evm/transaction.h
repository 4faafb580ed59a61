#pragma once

#include "core/driver/evm/signature.h"

namespace consortium::driver::evm {

enum class TransactionType {
    legacy,       // one gas price
    access_list,  // EIP-2930
    fee_market,   // EIP-1559
};

/// What a transaction announces that it will touch (EIP-2930).
struct AccessEntry {
    std::string address;
    std::vector<base::Digest> keys;

    bool operator==(AccessEntry const&) const = default;
};

/// A transaction before it is signed. Addresses are "0x" and 40 lower-case hexadecimal digits.
struct Transaction {
    TransactionType type = TransactionType::fee_market;
    std::optional<std::uint64_t> chain_id;  // none: a legacy one from before EIP-155, which is only read
    std::uint64_t nonce = 0;
    Quantity256 gas_price;                          // legacy and access_list
    Quantity256 max_fee_per_gas, max_priority_fee;  // fee_market
    std::uint64_t gas_limit = 0;
    std::optional<std::string> to;  // none creates a contract
    Quantity256 value;
    base::Bytes data;
    std::vector<AccessEntry> access_list;  // not in a legacy one

    bool operator==(Transaction const&) const = default;
};

struct SignedTransaction {
    Transaction transaction;
    Signature signature;
    std::string sender;  // recovered
    base::Digest hash;
};

/// A transaction with its signature takes no more than this; nodes take far less.
inline constexpr std::size_t max_raw_transaction = 1u << 20;

/// What the account's key signs. Throws Error(malformed) for what no node can take: a legacy transaction with
/// an access list, another type without a chain, a priority fee above the whole, an address that is none.
base::Digest digest_to_sign(Transaction const& transaction, port::Hash keccak256);

/// The bytes for eth_sendRawTransaction. Throws as digest_to_sign does, and Error(malformed) for a signature
/// that is not canonical.
base::Bytes encode(Transaction const& transaction, Signature const& signature);

/// Reads what encode() writes, and nothing else: one way to write each number, a canonical signature, the
/// chain `chain_id` (or none, in a legacy transaction from before EIP-155). Throws Error(malformed),
/// Error(unsupported) for a type that is none of the three, Error(verification_failed) for another chain or
/// a signature that no key can have made.
SignedTransaction read_transaction(base::BytesView raw, std::uint64_t chain_id, port::Hash keccak256);

/// The gas that it takes before a single instruction runs: EIP-2, EIP-2028, EIP-2930 and EIP-3860.
std::uint64_t intrinsic_gas(Transaction const& transaction);

/// What it may cost the sender at most: gas and value. None for 2^256 or more.
std::optional<Quantity256> highest_cost(Transaction const& transaction);

}  // namespace consortium::driver::evm
