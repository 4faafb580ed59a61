#pragma once

#include "core/driver/evm/quantity256.h"
#include "core/port/hash.h"

namespace consortium::driver::evm {

/// A recoverable secp256k1 signature.
struct Signature {
    Quantity256 r, s;
    int y_parity = 0;  // of the point that r is the x of: 0 even, 1 odd

    bool operator==(Signature const&) const = default;
};

/// Whether both numbers are in 1 … n-1 and s is at most n/2, as EIP-2 demands: of the two signatures that any
/// is good for, one counts.
bool is_canonical(Signature const& signature);

/// The address ("0x" and 40 digits) whose key signed the digest; none for a signature that no key can have
/// made.
std::optional<std::string> recover_address(base::Digest const& digest, Signature const& signature,
                                           port::Hash keccak256);

/// What a key store or token returns for a digest, the two numbers of ECDSA (32 bytes each), made into what
/// Ethereum takes: s in the lower half and the parity with which the key of `address` is recovered. Throws
/// Error(verification_failed) if it is no signature of that key, Error(malformed) if it is none at all.
Signature finish_signature(base::Digest const& digest, base::BytesView r, base::BytesView s,
                           std::string_view address, port::Hash keccak256);

}  // namespace consortium::driver::evm
