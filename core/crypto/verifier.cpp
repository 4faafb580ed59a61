#include "core/crypto/verifier.h"

#include "core/crypto/evp_key.h"
#include "core/crypto/sshsig.h"
#include "core/model/public_key.h"

#include <functional>
#include <map>
#include <openssl/err.h>
#include <openssl/x509.h>

namespace consortium::crypto {

namespace {

/// What may sign acts (PROTOCOL P1) is small; whatever is larger is not one of ours.
constexpr std::size_t max_key = 1024;
constexpr std::size_t max_signature = 4096;

class EvpVerifier : public port::Verifier {
public:
    bool verify(std::string_view scheme, base::BytesView key, base::BytesView message,
                base::BytesView signature) const override {
        if (key.size() > max_key || signature.size() > max_signature) return false;
        if (scheme == "raw") return verify_raw(key, message, signature);
        if (scheme == "sshsig") return verify_ssh(key, message, signature, ssh_namespace);
        return false;
    }
};

/// A key, and what verifies with it: a hash with one on a curve, a whole message with Ed25519, which hashes
/// by itself. Null where that is not to be had.
struct RecentKey {
    PkeyPtr key;
    PkeyContextPtr curve;
    DigestContextPtr whole;
};

/// The keys that this thread verified with lately: putting a point on its curve takes a third as long as the
/// signature, and finding the algorithm anew a twentieth. Few keys sign most of what there is.
class RecentKeys {
public:
    RecentKey const& of(base::BytesView spki, std::string_view algorithm) {
        auto const text = base::as_text(spki);
        if (auto const found = m_keys.find(text); found != m_keys.end()) return found->second;
        if (m_keys.size() == most) m_keys.clear();
        RecentKey recent{public_key_of(spki), nullptr, nullptr};
        if (recent.key && algorithm == "ed25519")
            prepare_whole(recent);
        else if (recent.key)
            prepare_curve(recent);
        return m_keys.emplace(std::string(text), std::move(recent)).first->second;
    }

private:
    static void prepare_curve(RecentKey& recent) {
        recent.curve.reset(EVP_PKEY_CTX_new_from_pkey(nullptr, recent.key.get(), nullptr));
        if (recent.curve && EVP_PKEY_verify_init(recent.curve.get()) != 1) recent.curve.reset();
    }
    static void prepare_whole(RecentKey& recent) {
        recent.whole.reset(EVP_MD_CTX_new());
        auto* const context = recent.whole.get();
        if (context && EVP_DigestVerifyInit(context, nullptr, nullptr, nullptr, recent.key.get()) != 1)
            recent.whole.reset();
    }

    static constexpr std::size_t most = 256;
    std::map<std::string, RecentKey, std::less<>> m_keys;
};

base::Bytes sha384(base::BytesView message) {
    base::Bytes out(48);
    if (EVP_Digest(message.data(), message.size(), out.data(), nullptr, EVP_sha384(), nullptr) != 1)
        fail_openssl("hashing");
    return out;
}

bool verify_on_curve(EVP_PKEY_CTX* context, base::BytesView hash, base::BytesView signature) {
    return context != nullptr &&
           EVP_PKEY_verify(context, signature.data(), signature.size(), hash.data(), hash.size()) == 1;
}

/// One-shot: the context is as it was afterwards, whatever the verdict.
bool verify_whole(EVP_MD_CTX* context, base::BytesView message, base::BytesView signature) {
    return context != nullptr &&
           EVP_DigestVerify(context, signature.data(), signature.size(), message.data(), message.size()) == 1;
}

}  // namespace

bool verify_raw(base::BytesView spki, base::BytesView message, base::BytesView signature) {
    auto const algorithm = model::spki_algorithm(spki);
    if (!algorithm) return false;
    thread_local RecentKeys keys;
    auto const& recent = keys.of(spki, *algorithm);
    bool holds = false;
    if (*algorithm == "p256")
        holds = verify_on_curve(recent.curve.get(), base::sha256(message).view(), signature);
    else if (*algorithm == "p384")
        holds = verify_on_curve(recent.curve.get(), sha384(message), signature);
    else
        holds = verify_whole(recent.whole.get(), message, signature);
    ERR_clear_error();
    return holds;
}

bool verify_rsa(base::BytesView spki, base::BytesView message, base::BytesView signature) {
    auto const* cursor = spki.data();
    PkeyPtr const key(d2i_PUBKEY(nullptr, &cursor, static_cast<long>(spki.size())));
    DigestContextPtr const context(EVP_MD_CTX_new());
    bool const holds = key && context &&
                       EVP_DigestVerifyInit(context.get(), nullptr, EVP_sha256(), nullptr, key.get()) == 1 &&
                       EVP_DigestVerify(context.get(), signature.data(), signature.size(), message.data(),
                                        message.size()) == 1;
    ERR_clear_error();
    return holds;
}

port::Verifier const& verifier() {
    static EvpVerifier const verifier;
    return verifier;
}

}  // namespace consortium::crypto
