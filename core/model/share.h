#pragma once

#include "core/base/json.h"

namespace consortium::model {

inline constexpr std::int64_t max_custodians = 32;
inline constexpr std::size_t share_id_bytes = 16, share_salt_bytes = 32;

/// To what a share is sealed: "x25519" (a point of 32 bytes), "p256" (an uncompressed point of 65), or
/// "passphrase" (no point).
struct ShareKey {
    std::string sort;
    base::Bytes point;
    bool operator==(ShareKey const&) const = default;
};

/// Who keeps one share of a deal, and what is known of it to everybody.
struct Custodian {
    std::string officer, member;
    ShareKey key;
    base::Digest commitment;  // share_commitment()
    base::Bytes proof;        // SPKI of the Ed25519 key whose private half comes from the share
    bool operator==(Custodian const&) const = default;
};

/// The manifest of a deal: which key is recoverable, by how many of whom. It holds no secret.
struct ShareDeal {
    base::Bytes id;                        // 16 random bytes: the identifier inside the shares
    std::string key, algorithm;            // "ca-root-g1", "p384"
    base::Digest key_id;                   // SHA-256 of the SPKI
    std::int64_t version = 0;              // 1, and one more with each refresh
    std::int64_t threshold = 0;            // so many of the custodians recover the key
    std::optional<base::Digest> previous;  // file of the deal that this one takes the place of
    base::Digest kek;                      // kek_commitment()
    base::Digest wrapped;                  // SHA-256 of the file with the wrapped key
    std::vector<Custodian> custodians;     // share i is that of custodians[i - 1]

    Custodian const* custodian(std::int64_t index) const;
    /// The index of an officer's share; 0: none.
    std::int64_t index_of(std::string_view officer) const;
};

/// Canonical JSON: the file that the act names.
std::string document(ShareDeal const& deal);
/// Throws Error(malformed).
ShareDeal share_deal_from_text(std::string_view text);

/// What everybody knows of a share without knowing anything of it: SHA-256 over a fixed text, the deal, the
/// index, the share's own random salt, which is sealed with it, and the share.
base::Digest share_commitment(base::BytesView deal, std::int64_t index, base::BytesView salt_and_share);
/// The same of the key that wraps, which is 32 random bytes.
base::Digest kek_commitment(base::BytesView deal, base::BytesView kek);

/// How Argon2id is asked (RFC 9106). Memory in KiB.
struct Argon2Cost {
    std::int64_t memory = 262'144, passes = 3, lanes = 4;
    bool operator==(Argon2Cost const&) const = default;
};

/// A share on its way, or as its custodian keeps it: sealed. All but `sealed` is authenticated with it.
struct ShareBox {
    std::string purpose;  // "custody"; "recovery" or "drill" for one that goes into a session
    base::Bytes deal;
    std::int64_t index = 0;
    std::string custodian;
    std::optional<base::Digest> session;  // the act that opened it
    ShareKey to;
    base::Bytes ephemeral;  // point of the sender; empty for a passphrase
    Argon2Cost cost;        // for a passphrase
    base::Bytes salt;       // 16 bytes; for a passphrase
    base::Bytes nonce;
    base::Bytes sealed;
};

/// One line of canonical JSON, and its end.
std::string to_text(ShareBox const& box);
/// What is authenticated: everything but `sealed`, canonical.
std::string context_of(ShareBox const& box);
/// Throws Error(malformed): every byte counts, and parameters of Argon2id that are too weak, or that would
/// take this machine's memory, are refused before anything is computed.
ShareBox share_box_from_text(std::string_view text);

/// The private key under the key that the shares recover.
struct WrappedKey {
    base::Bytes deal;
    base::Digest key_id;
    std::int64_t version = 0;
    base::Bytes nonce, sealed;
};
std::string to_text(WrappedKey const& wrapped);
std::string context_of(WrappedKey const& wrapped);
WrappedKey wrapped_key_from_text(std::string_view text);

}  // namespace consortium::model
