#pragma once

#include "core/crypto/openssl.h"
#include "core/port/signer.h"

namespace consortium::crypto {

/// A signer whose private key is elsewhere. What comes back from there is believed nothing: it is checked
/// against the public key before anybody gets it.
class RemoteSigner : public port::Signer {
public:
    /// `name` for messages. Throws Error(malformed) for a key that keyring_algorithm_of() does not take.
    RemoteSigner(std::string name, base::Bytes spki);

    std::string algorithm() const final { return m_algorithm; }
    base::Bytes public_key() const final { return m_spki; }
    /// Throws Error(verification_failed) for a signature that does not hold.
    base::Bytes sign(base::BytesView message) final;
    base::Bytes sign_pieces(port::Pieces const& message) final;

protected:
    /// Signs the message itself with Ed25519, else its hash: SHA-384 for P-384, else SHA-256.
    virtual base::Bytes sign_there(base::BytesView input) = 0;
    std::string const& name() const { return m_name; }

private:
    /// `input` as sign_there() gets it.
    bool holds(base::BytesView input, base::BytesView signature) const;

    std::string m_name;
    base::Bytes m_spki;
    std::string m_algorithm;
    PkeyPtr m_key;
};

}  // namespace consortium::crypto
