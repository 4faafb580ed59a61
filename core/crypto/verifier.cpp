#include "core/crypto/verifier.h"

#include "core/crypto/evp_key.h"
#include "core/crypto/sshsig.h"
#include "core/model/public_key.h"

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

}  // namespace

bool verify_raw(base::BytesView spki, base::BytesView message, base::BytesView signature) {
    auto const algorithm = model::spki_algorithm(spki);
    if (!algorithm) return false;
    auto const key = public_key_of(spki);
    DigestContextPtr const context(EVP_MD_CTX_new());
    bool const holds =
        key && context &&
        EVP_DigestVerifyInit(context.get(), nullptr, digest_for(*algorithm), nullptr, key.get()) == 1 &&
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
