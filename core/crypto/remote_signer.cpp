#include "core/crypto/remote_signer.h"

#include "core/base/error.h"
#include "core/crypto/evp_key.h"
#include "core/crypto/public_key.h"
#include "core/crypto/signed_hash.h"

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
    return sign_pieces([message](auto const& each) { each(message); });
}

base::Bytes RemoteSigner::sign_pieces(port::Pieces const& message) {
    auto const* const digest = digest_for(m_algorithm);
    auto const input = digest == nullptr ? port::joined(message) : hash_of(message, digest);
    auto signature = sign_there(input);
    if (!holds(input, signature))
        throw base::Error(base::Code::verification_failed,
                          "what was signed with key '" + m_name + "' does not verify with its public key",
                          "see where the key is with 'consortium key show " + m_name + "'");
    return signature;
}

bool RemoteSigner::holds(base::BytesView input, base::BytesView signature) const {
    auto const* const digest = digest_for(m_algorithm);
    return digest == nullptr ? verify_whole(input, signature, m_key.get())
                             : verify_hash(input, digest, signature, m_key.get());
}

}  // namespace consortium::crypto
