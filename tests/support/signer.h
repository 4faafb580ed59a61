#pragma once

#include "core/port/signer.h"

#include <memory>
#include <openssl/evp.h>
#include <stdexcept>
#include <string>

/// An Ed25519 key in memory, the same for the same seed text: for tests of any layer.
class TestSigner : public consortium::port::Signer {
public:
    explicit TestSigner(std::string_view seed) {
        auto const secret = consortium::base::sha256(seed);
        m_key.reset(EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, secret.bytes.data(),
                                                 secret.bytes.size()));
        if (!m_key) throw std::runtime_error("no Ed25519");
    }

    std::string algorithm() const override { return "ed25519"; }

    consortium::base::Bytes public_key() const override {
        auto spki = consortium::base::from_hex("302a300506032b6570032100");
        std::size_t size = 32;
        spki.resize(spki.size() + size);
        EVP_PKEY_get_raw_public_key(m_key.get(), spki.data() + spki.size() - size, &size);
        return spki;
    }

    consortium::base::Bytes sign(consortium::base::BytesView message) override {
        consortium::base::Bytes out(64);
        std::size_t size = out.size();
        std::unique_ptr<EVP_MD_CTX, Free> const context(EVP_MD_CTX_new());
        if (EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, m_key.get()) != 1 ||
            EVP_DigestSign(context.get(), out.data(), &size, message.data(), message.size()) != 1)
            throw std::runtime_error("Ed25519 signing failed");
        return out;
    }

private:
    struct Free {
        void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
        void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
    };
    std::unique_ptr<EVP_PKEY, Free> m_key;
};

/// Checks what TestSigner signs, without the crypto layer.
class TestVerifier : public consortium::port::Verifier {
public:
    bool verify(std::string_view scheme, consortium::base::BytesView key, consortium::base::BytesView message,
                consortium::base::BytesView signature) const override {
        constexpr std::size_t prefix = 12, point = 32;
        if (scheme != "raw" || key.size() != prefix + point) return false;
        std::unique_ptr<EVP_PKEY, void (*)(EVP_PKEY*)> const handle(
            EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, key.data() + prefix, point),
            EVP_PKEY_free);
        std::unique_ptr<EVP_MD_CTX, void (*)(EVP_MD_CTX*)> const context(EVP_MD_CTX_new(), EVP_MD_CTX_free);
        return handle && EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, handle.get()) == 1 &&
               EVP_DigestVerify(context.get(), signature.data(), signature.size(), message.data(),
                                message.size()) == 1;
    }
};
