#include "core/crypto/evp_key.h"

#include "core/crypto/public_key.h"
#include "core/crypto/signer.h"
#include "core/model/public_key.h"

#include <doctest/doctest.h>

using namespace consortium;
using base::Bytes;

namespace {

/// What OpenSSL's own encoder says of a key.
Bytes encoded(EVP_PKEY* key) {
    unsigned char* der = nullptr;
    int const size = i2d_PUBKEY(key, &der);
    REQUIRE(size > 0);
    Bytes out(der, der + size);
    OPENSSL_free(der);
    return out;
}

crypto::Pkcs8Ptr pkcs8_of(EVP_PKEY* key) {
    return crypto::Pkcs8Ptr(EVP_PKEY2PKCS8(key));
}

crypto::PkeyPtr generated(char const* kind) {
    return crypto::PkeyPtr(std::string_view(kind) == "ED25519" ? EVP_PKEY_Q_keygen(nullptr, nullptr, kind)
                                                               : EVP_EC_gen(kind));
}

/// What OpenSSL's own encoder makes of a private key.
Bytes encoded_private(EVP_PKEY* key) {
    unsigned char* der = nullptr;
    int const size = i2d_PKCS8_PRIV_KEY_INFO(pkcs8_of(key).get(), &der);
    REQUIRE(size > 0);
    Bytes out(der, der + size);
    OPENSSL_free(der);
    return out;
}

}  // namespace

TEST_CASE("a private key is written as OpenSSL's encoder writes it") {
    for (char const* kind : {"ED25519", "P-256", "P-384"}) {
        CAPTURE(kind);
        // One secret in 256 begins with a zero octet.
        for (int i = 0; i < 600; ++i) {
            auto const key = generated(kind);
            auto const written = crypto::private_der(key.get(), crypto::spki_of(key.get()).value());
            REQUIRE(Bytes(written.view().begin(), written.view().end()) == encoded_private(key.get()));
        }
    }
    auto const other = crypto::PkeyPtr(EVP_EC_gen("secp256k1"));
    CHECK_FALSE(crypto::spki_of(other.get()));
    auto const rsa = crypto::PkeyPtr(EVP_PKEY_Q_keygen(nullptr, nullptr, "RSA", std::size_t{2048}));
    CHECK_FALSE(crypto::spki_of(rsa.get()));
}

TEST_CASE("a key from its parts is the key that OpenSSL's decoders make") {
    for (char const* kind : {"ED25519", "P-256", "P-384"}) {
        CAPTURE(kind);
        auto const key = generated(kind);
        auto const spki = encoded(key.get());
        CHECK(crypto::spki_of(key.get()) == spki);
        auto const again = crypto::public_key_of(spki);
        REQUIRE(again);
        CHECK(EVP_PKEY_eq(again.get(), key.get()) == 1);
        auto const secret = crypto::private_key_of(pkcs8_of(key.get()).get());
        REQUIRE(secret);
        CHECK(encoded(secret.get()) == spki);
        auto const signer = crypto::make_signer(base::Secret(encoded_private(secret.get())));
        CHECK_FALSE(signer->sign(base::as_bytes("message")).empty());
    }
}

TEST_CASE("a point off its curve is no key") {
    auto const key = generated("P-256");
    auto spki = encoded(key.get());
    spki.back() ^= 1U;
    CHECK(model::spki_algorithm(spki) == "p256");
    CHECK(crypto::public_key_of(spki) == nullptr);
    CHECK_FALSE(crypto::algorithm_of(spki));
}

TEST_CASE("other curves have no SPKI of ours, and other bytes no key") {
    CHECK_FALSE(crypto::spki_of(crypto::PkeyPtr(EVP_EC_gen("P-521")).get()));
    CHECK_FALSE(crypto::spki_of(crypto::PkeyPtr(EVP_EC_gen("secp256k1")).get()));
    CHECK_FALSE(model::spki_of("p256", Bytes(64, 4)));
    CHECK_FALSE(model::spki_of("ed25519", Bytes(32, 0)));
    CHECK_FALSE(model::spki_of("rsa", Bytes(32, 9)));
    CHECK(crypto::public_key_of(Bytes(44, 1)) == nullptr);
}
