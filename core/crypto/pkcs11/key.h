#pragma once

#include "core/crypto/pkcs11/token.h"
#include "core/port/signer.h"

namespace consortium::crypto::pkcs11 {

/// A pair of keys on a token: where it is, and its public key.
struct Key {
    Uri uri;  // of the token and the key
    base::Bytes spki;
};

/// Makes a pair that never leaves the token, which must say so itself, else the pair is destroyed and
/// Error(refused) thrown. Algorithms as generate_key() has them; Error(unsupported) where the token lacks it.
Key make_key(Token& token, std::string_view algorithm, std::string_view label);

/// The pair that is there already, by id or label. Throws Error(not_found); refused for one that the token
/// would give away.
Key find_key(Token& token, Uri const& wanted);

/// Removes a pair that was made in vain.
void destroy_key(Token& token, Uri const& key) noexcept;
/// Destroys a pair, in a session of its own, and looks that it is gone. Throws what Token does, and
/// Error(verification_failed) where the token still has the private key.
void destroy_key(Uri const& key, Pin const& pin);

/// Signs on the token. `name` for messages.
std::shared_ptr<port::Signer> make_signer(std::shared_ptr<Token> token, Key const& key, std::string name);

}  // namespace consortium::crypto::pkcs11
