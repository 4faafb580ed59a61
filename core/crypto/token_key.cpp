#include "core/crypto/token_key.h"

#include "core/crypto/key_folder.h"
#include "core/crypto/pkcs11/key.h"

namespace consortium::crypto {

namespace {

using pkcs11::Token;

/// Proves that the two halves belong together, then writes down where they are.
port::KeyInfo note(base::Path const& folder, std::string_view name, std::shared_ptr<Token> token,
                   pkcs11::Key const& key, TrustedPlaces const& trusted) {
    auto const signer = pkcs11::make_signer(std::move(token), key, std::string(name));
    signer->sign(base::as_bytes(pair_question));
    note_place(folder, name, {KeyPlace::Sort::token, pkcs11::to_text(key.uri)}, key.spki, trusted);
    return read_info(folder, name);
}

}  // namespace

port::KeyInfo create_token_key(base::Path const& folder, std::string_view name, std::string_view algorithm,
                               std::string_view uri, KeyMeans const& means) {
    refuse_taken(folder, name);
    auto const wanted = pkcs11::parse_uri(uri);
    if (wanted.names_key())
        throw base::Error(base::Code::usage, "the URI names a key, but a new one is to be made",
                          "leave id and object out, or adopt the key with 'consortium key import'");
    auto const token = std::make_shared<Token>(wanted, Token::Access::write, means.pin);
    auto const key = pkcs11::make_key(*token, algorithm, name);
    try {
        return note(folder, name, token, key, means.trusted);
    } catch (...) {
        pkcs11::destroy_key(*token, key.uri);
        throw;
    }
}

port::KeyInfo import_token_key(base::Path const& folder, std::string_view name, std::string_view uri,
                               KeyMeans const& means) {
    refuse_taken(folder, name);
    auto const wanted = pkcs11::parse_uri(uri);
    auto const token = std::make_shared<Token>(wanted, Token::Access::read, means.pin);
    return note(folder, name, token, pkcs11::find_key(*token, wanted), means.trusted);
}

}  // namespace consortium::crypto
