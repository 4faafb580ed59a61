#include "core/crypto/verifier.h"

#include "core/crypto/evp_key.h"
#include "core/crypto/sshsig.h"
#include "core/model/public_key.h"

#include <functional>
#include <map>
#include <openssl/err.h>

namespace consortium::crypto {

namespace {

/// What may sign acts (PROTOCOL P1) is small; whatever is larger is not one of ours.
constexpr std::size_t max_key = 1024;
constexpr std::size_t max_signature = 4096;

EVP_MD const* digest_for(std::string_view algorithm) {
    if (algorithm == "p256") return EVP_sha256();
    if (algorithm == "p384") return EVP_sha384();
    return nullptr;
}

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

/// The keys that this thread verified with lately: putting a point on its curve takes a third as long as the
/// signature. Few keys sign most of what there is.
class RecentKeys {
public:
    EVP_PKEY* of(base::BytesView spki) {
        auto const text = base::as_text(spki);
        if (auto const found = m_keys.find(text); found != m_keys.end()) return found->second.get();
        if (m_keys.size() == most) m_keys.clear();
        return m_keys.emplace(std::string(text), public_key_of(spki)).first->second.get();
    }

private:
    static constexpr std::size_t most = 256;
    std::map<std::string, PkeyPtr, std::less<>> m_keys;
};

}  // namespace

bool verify_raw(base::BytesView spki, base::BytesView message, base::BytesView signature) {
    auto const algorithm = model::spki_algorithm(spki);
    if (!algorithm) return false;
    thread_local RecentKeys keys;
    auto* const key = keys.of(spki);
    DigestContextPtr const context(EVP_MD_CTX_new());
    bool const holds =
        key != nullptr && context &&
        EVP_DigestVerifyInit(context.get(), nullptr, digest_for(*algorithm), nullptr, key) == 1 &&
        EVP_DigestVerify(context.get(), signature.data(), signature.size(), message.data(), message.size()) ==
            1;
    ERR_clear_error();
    return holds;
}

port::Verifier const& verifier() {
    static EvpVerifier const verifier;
    return verifier;
}

}  // namespace consortium::crypto
