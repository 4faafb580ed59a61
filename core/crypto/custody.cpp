#include "core/crypto/custody.h"

#include "core/base/error.h"
#include "core/base/text.h"
#include "core/crypto/aes_gcm.h"
#include "core/crypto/bech32.h"
#include "core/crypto/courier.h"
#include "core/crypto/destroy.h"
#include "core/crypto/evp_key.h"
#include "core/crypto/hkdf.h"
#include "core/crypto/key_folder.h"
#include "core/crypto/keystore.h"
#include "core/crypto/share.h"
#include "core/crypto/signer.h"
#include "core/crypto/x25519.h"
#include "core/model/public_key.h"

#include <algorithm>
#include <array>
#include <openssl/ec.h>
#include <openssl/err.h>

namespace consortium::crypto {

namespace {

using base::Bytes;
using base::BytesView;
using base::Code;
using base::Error;
using base::Path;
using base::Secret;
using model::ShareBox;
using model::ShareKey;
using model::WrappedKey;

constexpr int lock_seconds = 10;
constexpr std::string_view lock_name = "lock";
constexpr std::size_t password_salt_bytes = 16;
constexpr std::string_view box_info = "consortium share v1\n", proof_info = "consortium share proof v1";
/// RFC 8410: an SPKI with the OID 1.3.101.110, before the 32 bytes of the point.
constexpr std::array<std::uint8_t, 12> x25519_spki{0x30, 0x2a, 0x30, 0x05, 0x06, 0x03,
                                                   0x2b, 0x65, 0x6e, 0x03, 0x21, 0x00};
constexpr std::size_t p256_point_bytes = 65;

[[noreturn]] void fail_key() {
    throw Error(Code::malformed, "not a key that a share can be sealed to",
                "'consortium key create NAME --type age' makes one; give its line age1…, or the PEM of an "
                "X25519 or P-256 public key");
}

/// Null for what is no point of its curve.
PkeyPtr public_of(ShareKey const& key) {
    if (key.sort == "x25519") return x25519_public(key.point);
    auto const spki = model::spki_of("p256", key.point);
    return spki ? public_key_of(*spki) : nullptr;
}

/// A key that is used once.
PkeyPtr fresh_key(std::string_view sort, port::Entropy& entropy) {
    if (sort == "x25519") return x25519_private(Secret(entropy.bytes(x25519_bytes)));
    return need(PkeyPtr(EVP_EC_gen("P-256")), "making a key");
}

Bytes point_of(EVP_PKEY* key, std::string_view sort) {
    if (sort == "x25519") return x25519_point(key);
    auto const spki = public_der(key);
    return {spki.end() - static_cast<std::ptrdiff_t>(p256_point_bytes), spki.end()};
}

PkeyPtr key_from_pkcs8(Secret const& pkcs8) {
    auto const* cursor = pkcs8.view().data();
    Pkcs8Ptr const decoded(d2i_PKCS8_PRIV_KEY_INFO(nullptr, &cursor, static_cast<long>(pkcs8.view().size())));
    auto key = decoded ? private_key_of(decoded.get()) : nullptr;
    ERR_clear_error();
    return need(std::move(key), "reading a private key");
}

/// Bound to everything that the head says: deal, custodian, index, session, and both keys.
Secret box_key(Secret const& shared, ShareBox const& head) {
    Bytes salt = head.ephemeral;
    salt.insert(salt.end(), head.to.point.begin(), head.to.point.end());
    return hkdf(shared.view(), salt, std::string(box_info) + model::context_of(head));
}

Secret proof_pkcs8(Secret const& share) {
    // RFC 8410, as for X25519 but with the OID 1.3.101.112.
    constexpr std::array<std::uint8_t, 16> start{0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06,
                                                 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20};
    auto const seed = hkdf(share.view(), {}, proof_info);
    Bytes out(start.size() + seed.view().size());
    auto const rest = std::copy(start.begin(), start.end(), out.begin());
    std::copy(seed.view().begin(), seed.view().end(), rest);
    return Secret(std::move(out));
}

class FolderCustody : public port::Custody {
public:
    FolderCustody(Path keys, Path sessions, port::Keyring::Passphrase passphrase, port::Entropy& entropy)
        : m_keys(std::move(keys)),
          m_sessions(std::move(sessions)),
          m_passphrase(std::move(passphrase)),
          m_entropy(entropy) {}

    ShareKey read_key(std::string_view text) const override {
        auto const line = base::trimmed(text);
        if (auto point = from_bech32("age", line); point && point->size() == x25519_bytes)
            return {"x25519", *std::move(point)};
        Bytes spki;
        try {
            spki = model::public_from_pem(text);
        } catch (Error const&) {
            fail_key();
        }
        if (spki.size() == x25519_spki.size() + x25519_bytes &&
            std::equal(x25519_spki.begin(), x25519_spki.end(), spki.begin()))
            return {"x25519", {spki.begin() + x25519_spki.size(), spki.end()}};
        if (model::spki_algorithm(spki) != "p256" || !public_key_of(spki)) fail_key();
        return {"p256", {spki.end() - static_cast<std::ptrdiff_t>(p256_point_bytes), spki.end()}};
    }

    void lock() override {
        make_sessions();
        if (!m_lock) m_lock.emplace(m_sessions / lock_name, lock_seconds);
    }

    std::string elsewhere(std::string_view name) const override { return crypto::elsewhere(m_keys, name); }

    Secret private_key(std::string_view name) override {
        return crypto::private_key(m_keys, name, m_passphrase);
    }

    void keep_private_key(std::string_view name, base::Digest const& id, Secret const& pkcs8,
                          Secret const& passphrase) override {
        if (make_signer(pkcs8)->id() != id)
            throw Error(Code::verification_failed,
                        "what was recovered is not the private key of '" + std::string(name) + "'");
        restore_pair(m_keys, name, pkcs8, passphrase);
    }

    std::vector<Secret> split(Secret const& secret, BytesView deal, std::int64_t threshold,
                              std::size_t count) override {
        auto const shares = rtss_split(secret, deal, static_cast<int>(threshold), static_cast<int>(count),
                                       "SHA-256", m_entropy);
        std::vector<Secret> out;
        out.reserve(shares.size());
        for (auto const& share : shares) {
            Bytes whole(model::share_salt_bytes + share.view().size());
            m_entropy.fill(std::span(whole).first(model::share_salt_bytes));
            std::copy(share.view().begin(), share.view().end(), whole.begin() + model::share_salt_bytes);
            out.emplace_back(std::move(whole));
        }
        return out;
    }

    std::optional<Secret> join(std::vector<Secret> const& shares) const override {
        std::vector<BytesView> parts;
        for (auto const& share : shares) {
            if (share.view().size() <= model::share_salt_bytes) return std::nullopt;
            parts.push_back(share.view().subspan(model::share_salt_bytes));
        }
        return rtss_join(parts);
    }

    WrappedKey wrap(WrappedKey head, Secret const& kek, Secret const& pkcs8) override {
        head.nonce = m_entropy.bytes(gcm_nonce_bytes);
        head.sealed = gcm_seal(kek, head.nonce, model::context_of(head), pkcs8.view());
        return head;
    }

    std::optional<Secret> unwrap(WrappedKey const& wrapped, Secret const& kek) const override {
        return gcm_open(kek, wrapped.nonce, model::context_of(wrapped), wrapped.sealed);
    }

    ShareBox seal(ShareBox head, Secret const& share, Secret const& word) override {
        head.nonce = m_entropy.bytes(gcm_nonce_bytes);
        if (head.to.sort == "passphrase") {
            head.salt = m_entropy.bytes(password_salt_bytes);
            head.sealed = gcm_seal(argon2id(word, head.salt, head.cost), head.nonce, model::context_of(head),
                                   share.view());
            return head;
        }
        auto const own = fresh_key(head.to.sort, m_entropy);
        head.ephemeral = point_of(own.get(), head.to.sort);
        auto const shared = shared_secret(own.get(), public_of(head.to).get());
        if (!shared) fail_key();
        head.sealed = gcm_seal(box_key(*shared, head), head.nonce, model::context_of(head), share.view());
        return head;
    }

    std::optional<Secret> open(ShareBox const& box, Secret const& word) override {
        auto const context = model::context_of(box);
        if (box.to.sort == "passphrase")
            return gcm_open(argon2id(asked(word, box), box.salt, box.cost), box.nonce, context, box.sealed);
        auto const own = own_key(box.to);
        auto const shared = shared_secret(own.get(), public_of({box.to.sort, box.ephemeral}).get());
        if (!shared) return std::nullopt;
        return gcm_open(box_key(*shared, box), box.nonce, context, box.sealed);
    }

    Bytes proof_key(Secret const& share) const override {
        return make_signer(proof_pkcs8(share))->public_key();
    }

    Bytes prove(Secret const& share, BytesView message) const override {
        return make_signer(proof_pkcs8(share))->sign(message);
    }

    ShareKey begin_session(Secret const& passphrase) override {
        Secret const key(m_entropy.bytes(x25519_bytes));
        ShareKey session{"x25519", x25519_point(x25519_private(key).get())};
        auto const pem = private_pem(x25519_to_pkcs8(key), passphrase);
        make_sessions();
        base::create_file(session_file(session), pem.view(), base::FileMode::owner);
        return session;
    }

    bool has_session(ShareKey const& key) const override { return base::exists(session_file(key)); }
    void end_session(ShareKey const& key) override { destroy_file(session_file(key)); }

    void end_other_sessions(std::vector<ShareKey> const& told) override {
        std::vector<Path> others;
        std::error_code ignored;
        for (auto const& each : std::filesystem::directory_iterator(m_sessions, ignored)) {
            bool const is_told = std::any_of(told.begin(), told.end(), [&](ShareKey const& key) {
                return session_file(key) == each.path();
            });
            if (!is_told && each.path() != m_sessions / lock_name) others.push_back(each.path());
        }
        for (auto const& each : others) destroy_file(each);
    }
    void destroy(Path const& file) override { destroy_file(file); }

private:
    /// Below the folder of what is private, which may not be there yet.
    void make_sessions() const {
        base::make_folder(m_sessions.parent_path().parent_path(), base::FileMode::owner);
        base::make_folder(m_sessions.parent_path(), base::FileMode::owner);
        base::make_folder(m_sessions, base::FileMode::owner);
    }

    Secret asked(Secret const& word, ShareBox const& box) const {
        auto out = !word.empty() || !m_passphrase ? word.clone()
                                                  : m_passphrase("the share of '" + box.custodian + "'");
        if (out.empty())
            throw Error(Code::not_authorized, "the share of '" + box.custodian + "' needs its passphrase",
                        "name the file that holds it with --share-passphrase-file");
        return out;
    }

    Path session_file(ShareKey const& key) const {
        return m_sessions / (base::sha256(key.point).brief() + ".pem");
    }

    Secret session_key(ShareKey const& key) const {
        auto const name = session_file(key).stem().string();
        Secret const pem(base::read_file(session_file(key), max_key_file));
        auto const word =
            is_encrypted(pem.view(), name) && m_passphrase ? m_passphrase("session " + name) : Secret();
        return x25519_from_pkcs8(private_from_pem(pem.view(), word, name), name);
    }

    PkeyPtr own_key(ShareKey const& key) const {
        if (key.sort == "x25519") {
            if (has_session(key)) return x25519_private(session_key(key));
            auto const recipient = bech32("age", key.point);
            for (auto const& identity : age_identities(m_keys))
                if (identity.recipient == recipient)
                    return x25519_private(open_age_identity(m_keys, identity, m_passphrase));
        } else if (auto const spki = model::spki_of("p256", key.point)) {
            if (auto const known = open_keyring(m_keys, {})->find(base::sha256(*spki).hex()))
                return key_from_pkcs8(crypto::private_key(m_keys, known->name, m_passphrase));
        }
        throw Error(Code::not_found, "the key that the share is sealed to is not in this workspace",
                    "run this where that key is, or copy it into " + m_keys.string(),
                    {{"key", base::sha256(key.point).brief()}});
    }

    Path m_keys, m_sessions;
    port::Keyring::Passphrase m_passphrase;
    port::Entropy& m_entropy;
    std::optional<base::FileLock> m_lock;
};

}  // namespace

std::unique_ptr<port::Custody> make_custody(Path keys, Path sessions, port::Keyring::Passphrase passphrase,
                                            port::Entropy& entropy) {
    return std::make_unique<FolderCustody>(std::move(keys), std::move(sessions), std::move(passphrase),
                                           entropy);
}

}  // namespace consortium::crypto
