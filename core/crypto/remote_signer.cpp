#include "core/crypto/remote_signer.h"

#include "core/base/error.h"
#include "core/crypto/evp_key.h"
#include "core/crypto/public_key.h"

#include <openssl/err.h>

namespace consortium::crypto {

RemoteSigner::RemoteSigner(std::string name, base::Bytes spki)
    : m_name(std::move(name)),
      m_spki(std::move(spki)),
      m_algorithm(keyring_algorithm_of(m_spki).value_or(std::string())) {
    if (m_algorithm.empty())
        throw base::Error(base::Code::malformed,
                          "key '" + m_name + "' is no Ed25519, P-256, P-384 or RSA (3072, 4096) key");
    auto const* cursor = m_spki.data();
    m_key = need(PkeyPtr(d2i_PUBKEY(nullptr, &cursor, static_cast<long>(m_spki.size()))), "reading a key");
}

base::Bytes RemoteSigner::sign(base::BytesView message) {
    base::Bytes hash;
    if (auto const* const digest = digest_for(m_algorithm)) {
        hash.resize(static_cast<std::size_t>(EVP_MD_get_size(digest)));
        need_one(EVP_Digest(message.data(), message.size(), hash.data(), nullptr, digest, nullptr),
                 "hashing");
    }
    auto signature = sign_there(hash.empty() ? message : base::BytesView(hash));
    if (!holds(message, signature))
        throw base::Error(base::Code::verification_failed,
                          "what was signed with key '" + m_name + "' does not verify with its public key",
                          "see where the key is with 'consortium key show " + m_name + "'");
    return signature;
}

bool RemoteSigner::holds(base::BytesView message, base::BytesView signature) const {
    auto const context = need(DigestContextPtr(EVP_MD_CTX_new()), "verifying");
    bool const verified =
        EVP_DigestVerifyInit(context.get(), nullptr, digest_for(m_algorithm), nullptr, m_key.get()) == 1 &&
        EVP_DigestVerify(context.get(), signature.data(), signature.size(), message.data(), message.size()) ==
            1;
    ERR_clear_error();
    return verified;
}

}  // namespace consortium::crypto
