#pragma once

#include "core/base/digest.h"

#include <functional>
#include <memory>

namespace consortium::port {

/// Bytes too many to be held at once: hands them on piece by piece, the same whenever it is called.
using Pieces = std::function<void(std::function<void(base::BytesView piece)> const& each)>;

inline base::Bytes joined(Pieces const& pieces) {
    base::Bytes whole;
    pieces([&whole](base::BytesView piece) { whole.insert(whole.end(), piece.begin(), piece.end()); });
    return whole;
}

/// A private key that can sign, wherever it lives: file, token, agent. One port for acts, heads,
/// certificates, CRLs and transactions.
class Signer {
public:
    virtual ~Signer() = default;
    virtual std::string algorithm() const = 0;   // "ed25519", "p256", "p384", "rsa3072" …
    virtual base::Bytes public_key() const = 0;  // SPKI DER
    /// Signs the message with the key's own algorithm: Ed25519 pure; ECDSA with SHA-256 (P-384: SHA-384),
    /// DER; RSA PKCS#1 v1.5 with SHA-256. Throws Error(not_authorized) if the key cannot be used.
    virtual base::Bytes sign(base::BytesView message) = 0;
    /// Signs what the pieces make, like sign(). Where the key takes whole messages only (Ed25519), they are
    /// put together first.
    virtual base::Bytes sign_pieces(Pieces const& message) { return sign(joined(message)); }
    /// Whether any number of threads may sign with it at once.
    virtual bool is_shareable() const { return false; }

    base::Digest id() const { return base::sha256(public_key()); }
};

/// Checks signatures; knows nothing of trust.
class Verifier {
public:
    virtual ~Verifier() = default;
    /// scheme "raw": `key` is an SPKI; "sshsig": an SSH public-key blob and an SSH signature with namespace
    /// "consortium". False for a signature that does not hold; malformed input is also false, never an
    /// exception.
    virtual bool verify(std::string_view scheme, base::BytesView key, base::BytesView message,
                        base::BytesView signature) const = 0;
};

}  // namespace consortium::port
