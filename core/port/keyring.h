#pragma once

#include "core/base/secret.h"
#include "core/port/signer.h"

#include <functional>
#include <optional>
#include <vector>

namespace consortium::port {

struct KeyInfo {
    std::string name;  // file name without its ending, "ada", "seat", "ca-root-g1"
    std::string algorithm;
    base::Digest id;         // SHA-256 of the SPKI
    base::Bytes public_key;  // SPKI DER
    bool encrypted = false;  // opening it asks for a passphrase, or for a token's PIN
    /// Where the private part is, if not in the keyring itself: a token's URI (RFC 7512, with its serial),
    /// the line of a command; empty: here.
    std::string place;
};

/// A new key that no keyring holds: it is for somebody else.
struct LooseKey {
    base::Secret pem;        // PKCS#8
    base::Bytes public_key;  // SPKI DER
};

/// The private keys that a workspace can use: keys/<name>.pem, or .pkcs11 for a token's, .command for
/// one behind a program, with <name>.pub.pem.
class Keyring {
public:
    /// Asks for the passphrase of a key, once a key and process: terminal, --passphrase-file, or settings.
    using Passphrase = std::function<base::Secret(std::string_view key_name)>;

    virtual ~Keyring() = default;
    virtual std::vector<KeyInfo> list() const = 0;
    virtual KeyInfo info(std::string_view name) const = 0;  // throws not_found
    virtual bool has(base::Digest const& id) const = 0;
    /// The first key whose id begins with these hexadecimal digits.
    virtual std::optional<KeyInfo> find(std::string_view digits) const = 0;
    /// Throws not_found, or not_authorized for a wrong passphrase.
    virtual std::shared_ptr<Signer> open(std::string_view name) = 0;
    virtual std::shared_ptr<Signer> open(base::Digest const& id) = 0;
    /// Never overwrites (Error(conflict)). An empty passphrase writes the key unencrypted, mode 0600.
    virtual KeyInfo create(std::string_view name, std::string_view algorithm,
                           base::Secret const& passphrase) = 0;
    /// Ends a private key for ever: what the folder has of it is overwritten and removed, what a token has is
    /// destroyed there. Nothing is left to do of one that is gone. Throws Error(unsupported) for one that is
    /// behind a command or an agent: whoever runs that must.
    virtual void destroy(std::string_view name) = 0;
    /// As create(), but keeps nothing. Any number of threads may ask at once.
    virtual LooseKey generate(std::string_view algorithm, base::Secret const& passphrase) const = 0;
};

}  // namespace consortium::port
