#pragma once

#include "core/port/certifier.h"
#include "core/port/keyring.h"

#include <memory>

/// What some signers, certifiers and keyrings can do besides, so that thousands of certificates are made on all
/// processors at once.
namespace consortium::port {

/// A signer with which any number of threads may sign at once.
class Shareable {
public:
    virtual ~Shareable() = default;
};

inline bool is_shareable(Signer const& signer) {
    return dynamic_cast<Shareable const*>(&signer) != nullptr;
}

/// A certifier that has caches of its own, of which each thread needs another.
class Repeatable {
public:
    virtual ~Repeatable() = default;
    virtual std::unique_ptr<Certifier> another() const = 0;
};

/// Throws std::bad_cast for a certifier of which there is only one.
inline std::unique_ptr<Certifier> another(Certifier const& certifier) {
    return dynamic_cast<Repeatable const&>(certifier).another();
}

/// A new key that no keyring holds: it is for somebody else.
struct LooseKey {
    base::Secret pem;        // PKCS#8
    base::Bytes public_key;  // SPKI DER
};

/// A keyring that also makes keys that it does not keep.
class KeyMaker {
public:
    virtual ~KeyMaker() = default;
    /// As Keyring::create(), but keeps nothing. Any number of threads may ask at once.
    virtual LooseKey generate(std::string_view algorithm, base::Secret const& passphrase) const = 0;
};

/// Throws std::bad_cast for a keyring that makes only keys of its own.
inline LooseKey generate(Keyring const& keys, std::string_view algorithm, base::Secret const& passphrase) {
    return dynamic_cast<KeyMaker const&>(keys).generate(algorithm, passphrase);
}

}  // namespace consortium::port
