#include "core/crypto/pkcs11/key.h"

#include "core/crypto/der.h"
#include "core/crypto/entropy.h"
#include "core/crypto/evp_key.h"
#include "core/crypto/public_key.h"
#include "core/crypto/remote_signer.h"

#include <algorithm>
#include <fmt/format.h>

namespace consortium::crypto::pkcs11 {

using base::Bytes;
using base::BytesView;
using base::Code;
using base::Error;

namespace {

constexpr std::size_t id_size = 16;

/// How a token makes keys of an algorithm and signs with them. `parameters`: CKA_EC_PARAMS, an OID in DER.
struct Scheme {
    std::string_view algorithm;
    CK_MECHANISM_TYPE generate;
    CK_MECHANISM_TYPE sign;
    CK_KEY_TYPE type;
    CK_ULONG size;  // of a point in octets, of a modulus in bits
    std::string_view parameters;
};

constexpr Scheme schemes[] = {
    {"p256", CKM_EC_KEY_PAIR_GEN, CKM_ECDSA, CKK_EC, 65, "06082a8648ce3d030107"},
    {"p384", CKM_EC_KEY_PAIR_GEN, CKM_ECDSA, CKK_EC, 97, "06052b81040022"},
    {"ed25519", CKM_EC_EDWARDS_KEY_PAIR_GEN, CKM_EDDSA, CKK_EC_EDWARDS, 32, "06032b6570"},
    {"rsa3072", CKM_RSA_PKCS_KEY_PAIR_GEN, CKM_RSA_PKCS, CKK_RSA, 3072, ""},
    {"rsa4096", CKM_RSA_PKCS_KEY_PAIR_GEN, CKM_RSA_PKCS, CKK_RSA, 4096, ""},
};

Scheme const& scheme_of(std::string_view algorithm) {
    for (auto const& scheme : schemes)
        if (scheme.algorithm == algorithm) return scheme;
    throw Error(Code::unsupported, fmt::format("no keys of type '{}' on a PKCS#11 token", algorithm),
                "use ed25519, p256, p384, rsa3072 or rsa4096");
}

Attributes public_template(Scheme const& scheme) {
    Attributes out{Attribute::yes(CKA_TOKEN), Attribute::yes(CKA_VERIFY), Attribute::no(CKA_PRIVATE)};
    if (scheme.type == CKK_RSA) {
        out.push_back(Attribute::of_number(CKA_MODULUS_BITS, scheme.size));
        out.emplace_back(CKA_PUBLIC_EXPONENT, Bytes{1, 0, 1});
    } else {
        out.emplace_back(CKA_EC_PARAMS, base::from_hex(scheme.parameters));
    }
    return out;
}

Attributes private_template() {
    return {Attribute::yes(CKA_TOKEN),      Attribute::yes(CKA_PRIVATE), Attribute::yes(CKA_SENSITIVE),
            Attribute::no(CKA_EXTRACTABLE), Attribute::yes(CKA_SIGN),    Attribute::no(CKA_DECRYPT),
            Attribute::no(CKA_UNWRAP)};
}

Attributes found_by(CK_OBJECT_CLASS kind, Uri const& key) {
    Attributes out{Attribute::of_number(CKA_CLASS, kind)};
    if (!key.id.empty()) out.emplace_back(CKA_ID, key.id);
    if (!key.object.empty()) out.emplace_back(CKA_LABEL, base::as_bytes(key.object));
    return out;
}

CK_OBJECT_HANDLE private_key(Token& token, Uri const& key) {
    return token.find(found_by(CKO_PRIVATE_KEY, key), "private key of this id and label");
}

/// CKA_EC_POINT is the DER of an OCTET STRING (v2.40 section 2.3.3); for Edwards curves v3.0 has it bare, and
/// some modules have all of them so.
Bytes point_of(Bytes const& value, std::size_t size) {
    if (value.size() == size) return value;
    auto const inner = der::Reader(value).next(der::octet_string).content;
    return {inner.begin(), inner.end()};
}

/// Whatever the token says that it is: one of our kinds of keys, or none.
Bytes public_key_on(Token& token, Uri const& key) {
    auto const object = token.find(found_by(CKO_PUBLIC_KEY, key), "public key of this id and label");
    auto const type = token.attribute(object, CKA_KEY_TYPE);
    for (auto const& scheme : schemes) {
        if (Attribute::of_number(CKA_KEY_TYPE, scheme.type).value() != type) continue;
        if (scheme.type == CKK_RSA)
            return rsa_spki(token.attribute(object, CKA_MODULUS),
                            token.attribute(object, CKA_PUBLIC_EXPONENT));
        if (base::to_hex(token.attribute(object, CKA_EC_PARAMS)) != scheme.parameters) continue;
        auto const point = point_of(token.attribute(object, CKA_EC_POINT), scheme.size);
        return model::spki_of(scheme.algorithm, point).value_or(Bytes());
    }
    return {};
}

Bytes sound_key_on(Token& token, Uri const& key) {
    auto spki = public_key_on(token, key);
    if (!keyring_algorithm_of(spki))
        throw Error(Code::unsupported,
                    "not a sound Ed25519, P-256, P-384 or RSA (3072, 4096) key on the token",
                    "make one with 'consortium key create NAME --pkcs11 URI'");
    return spki;
}

/// RFC 8017 9.2, note 1: the DigestInfo of a SHA-256 hash. CKM_RSA_PKCS signs it as it is.
Bytes digest_info(BytesView hash) {
    auto out = base::from_hex("3031300d060960864801650304020105000420");
    der::append(out, hash);
    return out;
}

class TokenSigner : public RemoteSigner {
public:
    TokenSigner(std::shared_ptr<Token> token, Key const& key, std::string name)
        : RemoteSigner(std::move(name), key.spki),
          m_token(std::move(token)),
          m_scheme(scheme_of(algorithm())),
          m_key(private_key(*m_token, key.uri)) {}

protected:
    Bytes sign_there(BytesView input) override {
        if (m_scheme.type == CKK_RSA) return m_token->sign(m_key, m_scheme.sign, digest_info(input));
        auto signature = m_token->sign(m_key, m_scheme.sign, input);
        bool const whole = !signature.empty() && signature.size() % 2 == 0;
        return m_scheme.type == CKK_EC && whole ? der::signature_of(signature) : signature;
    }

private:
    std::shared_ptr<Token> m_token;
    Scheme const& m_scheme;
    CK_OBJECT_HANDLE m_key;
};

/// Section 4.9: what the token says of a key that was made on it and never could leave.
void need_never_extractable(Token& token, Uri const& key) {
    auto const object = private_key(token, key);
    bool const kept = token.is_true(object, CKA_SENSITIVE) && token.is_true(object, CKA_ALWAYS_SENSITIVE) &&
                      token.is_true(object, CKA_NEVER_EXTRACTABLE) && !token.is_true(object, CKA_EXTRACTABLE);
    if (!kept)
        throw Error(Code::refused, "the token made a key that it would give away; it was destroyed again",
                    "use a token that can keep a key");
}

}  // namespace

Key make_key(Token& token, std::string_view algorithm, std::string_view label) {
    auto const& scheme = scheme_of(algorithm);
    Key key{token.uri(), {}};
    key.uri.id = system_entropy().bytes(id_size);
    key.uri.object = label;
    auto for_public = public_template(scheme);
    auto for_private = private_template();
    for (auto* half : {&for_public, &for_private}) {
        half->emplace_back(CKA_ID, key.uri.id);
        half->emplace_back(CKA_LABEL, base::as_bytes(key.uri.object));
    }
    auto const pair = token.generate(scheme.generate, std::move(for_public), std::move(for_private));
    try {
        need_never_extractable(token, key.uri);
        key.spki = sound_key_on(token, key.uri);
        if (keyring_algorithm_of(key.spki) != algorithm)
            throw Error(Code::unsupported, "the token made a key of another type than it was asked for");
    } catch (...) {
        token.destroy(pair);
        throw;
    }
    return key;
}

Key find_key(Token& token, Uri const& wanted) {
    if (!wanted.names_key())
        throw Error(Code::usage, "the URI names no key on the token", "add object=LABEL or id=%01%02… to it");
    auto const object = private_key(token, wanted);
    if (!token.is_true(object, CKA_SENSITIVE) || token.is_true(object, CKA_EXTRACTABLE))
        throw Error(Code::refused, "the token would give this private key away (CKA_EXTRACTABLE)",
                    "make one that it keeps with 'consortium key create NAME --pkcs11 URI'");
    Key key{token.uri(), {}};
    key.uri.id = token.attribute(object, CKA_ID);
    key.uri.object = wanted.object;
    key.spki = sound_key_on(token, key.uri);
    return key;
}

void destroy_key(Token& token, Uri const& key) noexcept {
    try {
        token.destroy({token.find(found_by(CKO_PUBLIC_KEY, key), "public key"), private_key(token, key)});
    } catch (std::exception const&) {
        return;  // on the way out of another failure, which is the one to tell
    }
}

void destroy_key(Uri const& key, Pin const& pin) {
    Token token(key, Token::Access::write, pin);
    destroy_key(token, key);
    try {
        (void)private_key(token, key);
    } catch (base::Error const& error) {
        if (error.code() == base::Code::not_found) return;
        throw;
    }
    throw base::Error(base::Code::verification_failed, "the token still has the key '" + to_text(key) + "'",
                      "destroy it with the token's own tools");
}

std::shared_ptr<port::Signer> make_signer(std::shared_ptr<Token> token, Key const& key, std::string name) {
    return std::make_shared<TokenSigner>(std::move(token), key, std::move(name));
}

}  // namespace consortium::crypto::pkcs11
