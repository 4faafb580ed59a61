#pragma once

#include "core/base/digest.h"
#include "core/base/json.h"
#include "core/port/hash.h"

#include <optional>

namespace consortium::driver::evm {

/// A block as eth_getBlockByNumber answers it: what decides on its engine, and what it hashes to.
class RawBlock {
public:
    /// Throws Error(malformed) if a field is missing or not of its form.
    RawBlock(base::Json const& block, port::Hash keccak256);

    std::uint64_t number = 0, difficulty = 0, timestamp = 0;
    std::string hash, parent, miner;  // as it says
    base::Bytes extra, nonce;

    /// The hash of the header with this in its extraData's place.
    base::Digest hash_with(base::BytesView other) const;
    /// The hash of the header as it is before its block is put together: without extraData and the roots of
    /// uncles, transactions and receipts.
    base::Digest early_hash() const;
    /// The address whose signature over the digest this is; "" if nobody can have made it.
    std::string signer(base::Digest const& digest, base::BytesView signature) const;
    base::Digest hash_of(base::BytesView bytes) const { return m_keccak256(bytes); }

private:
    std::vector<base::Bytes> m_fields;  // encoded, in their order
    port::Hash m_keccak256;
};

/// The last 20 bytes of the hash of a public key (x ‖ y).
std::string address_of(base::BytesView public_key, port::Hash keccak256);

/// "0x" and 20 bytes in hexadecimal digits. Throws Error(malformed) for another size.
std::string address_text(base::BytesView bytes);
std::string hash_text(base::Digest const& digest);

/// A quantity: "0x" and at most 16 hexadecimal digits.
std::uint64_t read_quantity(base::Json const& value);
std::string quantity(std::uint64_t value);

[[noreturn]] void fail_block(std::string_view what);

}  // namespace consortium::driver::evm
