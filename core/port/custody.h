#pragma once

#include "core/base/file.h"
#include "core/base/secret.h"
#include "core/model/share.h"
#include "core/port/keyring.h"

namespace consortium::port {

/// All that is secret in the recovery of keys by shares. Whoever deals and whoever recovers sees the secret:
/// this is secret sharing, not threshold signing.
class Custody {
public:
    virtual ~Custody() = default;

    /// To what shares are sealed, as a custodian hands it over: a line "age1…", or the PEM of an X25519 or
    /// P-256 key. Throws Error(malformed).
    virtual model::ShareKey read_key(std::string_view text) const = 0;
    /// One process at a time deals or recovers in a workspace: until this goes. Throws Error(busy).
    virtual void lock() = 0;
    /// Where a key is that never leaves its place: the URI of its token, the program; else empty.
    virtual std::string elsewhere(std::string_view name) const = 0;
    /// The private key of the workspace that deals, PKCS#8 DER. Throws Error(not_found), or
    /// Error(unsupported) for a key on a token, which never lets it out.
    virtual base::Secret private_key(std::string_view name) = 0;
    /// The other way: durable, never over another key (Error(conflict)), and only the key of this id
    /// (Error(verification_failed)).
    virtual void keep_private_key(std::string_view name, base::Digest const& id, base::Secret const& pkcs8,
                                  base::Secret const& passphrase) = 0;

    /// `count` shares of a secret of 32 bytes, any `threshold` of which give it back: RTSS of
    /// draft-mcgrew-tss-03 with SHA-256. Each is a random salt, then the share.
    virtual std::vector<base::Secret> split(base::Secret const& secret, base::BytesView deal,
                                            std::int64_t threshold, std::size_t count) = 0;
    /// None where they do not belong together. Which of them is bad, only their commitments can tell.
    virtual std::optional<base::Secret> join(std::vector<base::Secret> const& shares) const = 0;

    /// Seals under the KEK; `head` says of which key and deal it is, and is authenticated.
    virtual model::WrappedKey wrap(model::WrappedKey head, base::Secret const& kek,
                                   base::Secret const& pkcs8) = 0;
    /// None where it was changed, or wrapped under another KEK.
    virtual std::optional<base::Secret> unwrap(model::WrappedKey const& wrapped,
                                               base::Secret const& kek) const = 0;

    /// Seals a share to `head.to`: ECDH with a key that is used once, HKDF-SHA256 and AES-256-GCM; or
    /// Argon2id of `word`. All of `head` is authenticated. Throws Error(malformed) for a point that is none.
    virtual model::ShareBox seal(model::ShareBox head, base::Secret const& share,
                                 base::Secret const& word = {}) = 0;
    /// With the key of this workspace that it is sealed to, which may ask for its passphrase; or with `word`.
    /// which is asked for where it is empty. None where it was changed, or the word is another. Throws
    /// Error(not_found) without such a key.
    virtual std::optional<base::Secret> open(model::ShareBox const& box, base::Secret const& word = {}) = 0;

    /// The public half of an Ed25519 key that comes from the share: who can sign with it holds the share.
    virtual base::Bytes proof_key(base::Secret const& share) const = 0;
    virtual base::Bytes prove(base::Secret const& share, base::BytesView message) const = 0;

    /// A key that is used for one session of recovery: kept in this workspace, under a passphrase if there is
    /// one, until the session ends. Returns its point. open() finds it.
    virtual model::ShareKey begin_session(base::Secret const& passphrase) = 0;
    virtual bool has_session(model::ShareKey const& key) const = 0;
    virtual void end_session(model::ShareKey const& key) = 0;
    /// Destroys the keys of sessions that are not among these: a crash came before anybody was told of them.
    virtual void end_other_sessions(std::vector<model::ShareKey> const& told) = 0;

    /// Overwrites and removes a file; nothing to do where there is none. Throws Error(storage).
    virtual void destroy(base::Path const& file) = 0;
};

}  // namespace consortium::port
