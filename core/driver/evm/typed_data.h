#pragma once

#include "core/base/json.h"
#include "core/port/hash.h"

namespace consortium::driver::evm {

/// What is signed of typed structured data (EIP-712), and what it is made of.
struct TypedDataHashes {
    std::string encoded_type;  // of the message, with all the types that it needs
    base::Digest type_hash, domain_separator, struct_hash;
    base::Digest digest;  // keccak256(0x19 0x01 ‖ domain separator ‖ hash of the message)
};

/// Reads {types, primaryType, domain, message} strictly: EIP712Domain declared with one or more of its five
/// fields, every type known and none made of itself, each member present once and no other, integers in
/// range and as JSON numbers only up to 2^53-1 (longer ones are texts), bytes of their size, at most
/// max_typed_data bytes. Throws Error(malformed) that names the place as a JSON pointer.
TypedDataHashes hash_typed_data(std::string_view json, port::Hash keccak256);

inline constexpr std::size_t max_typed_data = 256u << 10;

}  // namespace consortium::driver::evm
