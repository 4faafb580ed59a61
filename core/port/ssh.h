#pragma once

#include "core/model/ssh_certificate.h"

namespace consortium::port {

/// Certificates of OpenSSH (PROTOCOL.certkeys): what of them rests on the mathematics of keys. Signing has
/// the shape that port/certifier.h describes.
class Ssh {
public:
    virtual ~Ssh() = default;
    /// A key of a user or a host, from the line of its .pub file: of a type and strength that OpenSSH takes,
    /// its point on its curve. Throws Error(malformed); Error(refused) for one that is too weak.
    virtual model::SshPublicKey read_key(std::string_view line) const = 0;
    /// The public-key blob of a key of the keyring. Throws Error(unsupported) for another.
    virtual base::Bytes blob(base::BytesView spki) const = 0;
    /// The SPKI of a blob, where a keyring could hold such a key: a security key has one too.
    virtual std::optional<base::Bytes> spki(base::BytesView blob) const = 0;
    /// The certificate, of what is signed and what a port::Signer of this algorithm made over it. RSA keys
    /// sign as rsa-sha2-256 (RFC 8332), never with SHA-1.
    virtual base::Bytes assemble(base::Bytes tbs, std::string_view algorithm,
                                 base::BytesView signature) const = 0;
    /// Whether the signature is by the key that the certificate names as its authority. Never throws.
    virtual bool verify(model::SignedSshCertificate const& certificate) const = 0;
};

}  // namespace consortium::port
