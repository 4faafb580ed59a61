#pragma once

#include "core/base/json.h"

namespace consortium::model {

/// What a PKCS#11 token says of itself: where a key is, without what is one machine's business (the module's
/// path) or one key's (its id and label).
struct TokenWords {
    std::string manufacturer, model, serial;
    std::string label;
    bool operator==(TokenWords const&) const = default;
};

/// Of a URI of RFC 7512 ("pkcs11:token=…;manufacturer=…;model=…;serial=…"). None for what is no such URI,
/// for one that says of nothing which token it is, and for words that are not printable UTF-8 of at most
/// max_token_words bytes, or stand there twice.
inline constexpr std::size_t max_token_words = 64;  // PKCS#11: 32 at most
std::optional<TokenWords> token_words(std::string_view uri);

/// Where the keeper has a key of an authority: as the keeper says, and a token of itself.
struct KeptKey {
    std::string authority;  // "root-g2"
    base::Digest key;       // SHA-256 of the SPKI
    std::string algorithm;  // "p256"
    std::string kept;       // file | token | elsewhere: behind a command or an agent
    TokenWords token;       // of "token"

    bool operator==(KeptKey const&) const = default;
    /// "in a file", "on the token 'ceremony' (SoftHSM, SoftHSM v2, serial 0badcafe), which gives it to
    /// nobody"
    std::string words() const;
};

/// By what a keyring says of the key's place.
KeptKey kept_at(std::string_view place, std::string authority, base::Digest const& key,
                std::string algorithm);

base::Json to_json(KeptKey const& key);
/// Strict: nothing else, and what is shown is printable.
KeptKey kept_key_from_json(base::JsonReader& in);

}  // namespace consortium::model
