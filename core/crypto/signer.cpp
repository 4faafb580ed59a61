#include "core/crypto/signer.h"

#include "core/base/error.h"
#include "core/crypto/evp_key.h"
#include "core/crypto/public_key.h"

#include <map>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/pkcs12.h>

namespace consortium::crypto {

namespace {

constexpr std::uint64_t scrypt_n = 1u << 14, scrypt_r = 8, scrypt_p = 1;
constexpr std::string_view encrypted_label = "ENCRYPTED PRIVATE KEY", plain_label = "PRIVATE KEY";

/// Each signature has a context of its own.
class EvpSigner : public port::Signer {
public:
    EvpSigner(PkeyPtr key, std::string algorithm, base::Bytes spki)
        : m_key(std::move(key)), m_algorithm(std::move(algorithm)), m_spki(std::move(spki)) {}

    bool is_shareable() const override { return true; }
    std::string algorithm() const override { return m_algorithm; }
    base::Bytes public_key() const override { return m_spki; }

    base::Bytes sign(base::BytesView message) override {
        auto const* const digest = digest_for(m_algorithm);
        auto const context = need(DigestContextPtr(EVP_MD_CTX_new()), "signing");
        need_one(EVP_DigestSignInit(context.get(), nullptr, digest, nullptr, m_key.get()), "signing");
        std::size_t size = 0;
        need_one(EVP_DigestSign(context.get(), nullptr, &size, message.data(), message.size()), "signing");
        base::Bytes out(size);
        need_one(EVP_DigestSign(context.get(), out.data(), &size, message.data(), message.size()), "signing");
        out.resize(size);
        return out;
    }

    base::Bytes sign_pieces(port::Pieces const& message) override {
        auto const* const digest = digest_for(m_algorithm);
        if (digest == nullptr) return sign(port::joined(message));
        auto const context = need(DigestContextPtr(EVP_MD_CTX_new()), "signing");
        need_one(EVP_DigestSignInit(context.get(), nullptr, digest, nullptr, m_key.get()), "signing");
        message([&context](base::BytesView piece) {
            need_one(EVP_DigestSignUpdate(context.get(), piece.data(), piece.size()), "signing");
        });
        std::size_t size = 0;
        need_one(EVP_DigestSignFinal(context.get(), nullptr, &size), "signing");
        base::Bytes out(size);
        need_one(EVP_DigestSignFinal(context.get(), out.data(), &size), "signing");
        out.resize(size);
        return out;
    }

private:
    PkeyPtr m_key;
    std::string m_algorithm;
    base::Bytes m_spki;
};

base::Secret encode(PKCS8_PRIV_KEY_INFO* key) {
    int const size = i2d_PKCS8_PRIV_KEY_INFO(key, nullptr);
    if (size <= 0) fail_openssl("encoding a private key");
    base::Bytes out(static_cast<std::size_t>(size));
    auto* cursor = out.data();
    i2d_PKCS8_PRIV_KEY_INFO(key, &cursor);
    return base::Secret(std::move(out));
}

Pkcs8Ptr decode(base::Secret const& pkcs8) {
    auto const* cursor = pkcs8.view().data();
    Pkcs8Ptr key(d2i_PKCS8_PRIV_KEY_INFO(nullptr, &cursor, static_cast<long>(pkcs8.view().size())));
    ERR_clear_error();
    if (!key || cursor != pkcs8.view().data() + pkcs8.view().size())
        throw base::Error(base::Code::malformed, "not a private key in PKCS#8 form");
    return key;
}

/// One PEM block: its label, its bytes.
struct Block {
    std::string label;
    base::Secret bytes;
};

Block read_block(base::BytesView pem, std::string_view what) {
    auto const bio = memory(pem);
    char* name = nullptr;
    char* header = nullptr;
    unsigned char* data = nullptr;
    long size = 0;
    int const found = PEM_read_bio(bio.get(), &name, &header, &data, &size);
    ERR_clear_error();
    if (found != 1)
        throw base::Error(base::Code::malformed, "key '" + std::string(what) + "' is not in PEM form");
    Block block{name, base::Secret(base::Bytes(data, data + size))};
    OPENSSL_clear_free(data, static_cast<std::size_t>(size));
    OPENSSL_free(name);
    OPENSSL_free(header);
    if (block.label != encrypted_label && block.label != plain_label)
        throw base::Error(base::Code::malformed,
                          "key '" + std::string(what) + "' is not a PKCS#8 private key",
                          "convert it with 'openssl pkcs8 -topk8'");
    return block;
}

int length_of(base::Secret const& passphrase) {
    return static_cast<int>(passphrase.view().size());
}

base::Secret decrypt(base::Secret const& sealed, base::Secret const& passphrase, std::string_view what) {
    auto const* cursor = sealed.view().data();
    SealedPtr const parsed(d2i_X509_SIG(nullptr, &cursor, static_cast<long>(sealed.view().size())));
    ERR_clear_error();
    if (!parsed) throw base::Error(base::Code::malformed, "key '" + std::string(what) + "' is damaged");
    Pkcs8Ptr const key(PKCS8_decrypt(parsed.get(), passphrase.text().data(), length_of(passphrase)));
    ERR_clear_error();
    if (!key)
        throw base::Error(base::Code::not_authorized, "wrong passphrase for key '" + std::string(what) + "'",
                          "try again, or name the file that holds it with --passphrase-file");
    return encode(key.get());
}

/// A key on a curve. What is computed from the curve's name takes as long as a key: each thread keeps it.
PkeyPtr generated_on(std::string const& curve) {
    thread_local std::map<std::string, PkeyContextPtr> known;
    auto& context = known[curve];
    if (!context) {
        auto made = need(PkeyContextPtr(EVP_PKEY_CTX_new_from_name(nullptr, "EC", nullptr)), "making a key");
        need_one(EVP_PKEY_keygen_init(made.get()), "making a key");
        need_one(EVP_PKEY_CTX_set_group_name(made.get(), curve.c_str()), "making a key");
        context = std::move(made);
    }
    EVP_PKEY* key = nullptr;
    need_one(EVP_PKEY_generate(context.get(), &key), "making a key");
    return PkeyPtr(key);
}

PkeyPtr generated(std::string_view algorithm) {
    PkeyPtr key;
    if (algorithm == "ed25519")
        key.reset(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519"));
    else if (algorithm == "p256")
        key = generated_on("P-256");
    else if (algorithm == "p384")
        key = generated_on("P-384");
    else if (algorithm == "rsa3072" || algorithm == "rsa4096")
        key.reset(
            EVP_PKEY_Q_keygen(nullptr, nullptr, "RSA", std::size_t{algorithm == "rsa3072" ? 3072U : 4096U}));
    else
        throw base::Error(base::Code::unsupported, "no keys of type '" + std::string(algorithm) + "'",
                          "use ed25519, p256, p384, rsa3072 or rsa4096");
    return need(std::move(key), "making a key");
}

}  // namespace

base::Secret generate_key(std::string_view algorithm) {
    return generate_pair(algorithm).pkcs8;
}

NewKey generate_pair(std::string_view algorithm) {
    auto const key = generated(algorithm);
    if (auto spki = spki_of(key.get())) {
        auto pkcs8 = private_der(key.get(), *spki);
        return {std::move(pkcs8), *std::move(spki)};
    }
    return {encode(need(Pkcs8Ptr(EVP_PKEY2PKCS8(key.get())), "encoding a private key").get()),
            public_der(key.get())};
}

std::shared_ptr<port::Signer> make_signer(base::Secret const& pkcs8) {
    auto const decoded = decode(pkcs8);
    auto key = private_key_of(decoded.get());
    if (!key) throw base::Error(base::Code::malformed, "not a private key that can be used");
    auto spki = public_der(key.get());
    auto algorithm = keyring_algorithm_of(spki);
    if (!algorithm)
        throw base::Error(base::Code::malformed,
                          "not a sound Ed25519, P-256, P-384 or RSA (3072, 4096) private key");
    return std::make_shared<EvpSigner>(std::move(key), std::move(*algorithm), std::move(spki));
}

base::Secret private_pem(base::Secret const& pkcs8, base::Secret const& passphrase) {
    auto const key = decode(pkcs8);
    auto const bio = need(BioPtr(BIO_new(BIO_s_secmem())), "encoding a private key");
    if (passphrase.empty()) {
        need_one(PEM_write_bio_PKCS8_PRIV_KEY_INFO(bio.get(), key.get()), "encoding a private key");
        return base::Secret(written(bio.get()));
    }
    auto scheme = need(AlgorithmPtr(PKCS5_pbe2_set_scrypt(EVP_aes_256_cbc(), nullptr, 0, nullptr, scrypt_n,
                                                          scrypt_r, scrypt_p)),
                       "encrypting a private key");
    SealedPtr const sealed(
        PKCS8_set0_pbe(passphrase.text().data(), length_of(passphrase), key.get(), scheme.get()));
    if (!sealed) fail_openssl("encrypting a private key");
    static_cast<void>(scheme.release());  // owned by `sealed` now
    need_one(PEM_write_bio_PKCS8(bio.get(), sealed.get()), "encoding a private key");
    return base::Secret(written(bio.get()));
}

base::Secret private_from_pem(base::BytesView pem, base::Secret const& passphrase, std::string_view what) {
    auto block = read_block(pem, what);
    if (block.label == plain_label) return std::move(block.bytes);
    return decrypt(block.bytes, passphrase, what);
}

bool is_encrypted(base::BytesView pem, std::string_view what) {
    return read_block(pem, what).label == encrypted_label;
}

}  // namespace consortium::crypto
