#include "core/crypto/aes_gcm.h"

#include "core/base/error.h"
#include "core/crypto/openssl.h"

#include <openssl/err.h>

namespace consortium::crypto {

namespace {

using base::Bytes;
using base::BytesView;
using base::Secret;

using CipherContextPtr = std::unique_ptr<EVP_CIPHER_CTX, FreeWith<EVP_CIPHER_CTX_free>>;

constexpr std::size_t key_bytes = 32;
constexpr std::string_view name = "AES-256-GCM";

int length(std::size_t size) {
    return static_cast<int>(size);
}

void check_sizes(Secret const& key, BytesView nonce) {
    if (key.view().size() != key_bytes || nonce.size() != gcm_nonce_bytes)
        throw base::Error(base::Code::internal, "AES-256-GCM with a key or nonce of another length");
}

}  // namespace

Bytes gcm_seal(Secret const& key, BytesView nonce, std::string_view context, BytesView plain) {
    check_sizes(key, nonce);
    auto const cipher = need(CipherContextPtr(EVP_CIPHER_CTX_new()), name);
    Bytes out(plain.size() + gcm_tag_bytes);
    int done = 0;
    need_one(EVP_EncryptInit_ex(cipher.get(), EVP_aes_256_gcm(), nullptr, key.view().data(), nonce.data()),
             name);
    need_one(EVP_EncryptUpdate(cipher.get(), nullptr, &done, base::as_bytes(context).data(),
                               length(context.size())),
             name);
    need_one(EVP_EncryptUpdate(cipher.get(), out.data(), &done, plain.data(), length(plain.size())), name);
    need_one(EVP_EncryptFinal_ex(cipher.get(), out.data() + done, &done), name);
    need_one(
        EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_GCM_GET_TAG, gcm_tag_bytes, out.data() + plain.size()),
        name);
    return out;
}

std::optional<Secret> gcm_open(Secret const& key, BytesView nonce, std::string_view context,
                               BytesView sealed) {
    check_sizes(key, nonce);
    if (sealed.size() < gcm_tag_bytes) return std::nullopt;
    auto const text = sealed.first(sealed.size() - gcm_tag_bytes);
    Bytes tag(sealed.end() - gcm_tag_bytes, sealed.end());
    auto const cipher = need(CipherContextPtr(EVP_CIPHER_CTX_new()), name);
    Bytes plain(text.size());
    int done = 0;
    need_one(EVP_DecryptInit_ex(cipher.get(), EVP_aes_256_gcm(), nullptr, key.view().data(), nonce.data()),
             name);
    need_one(EVP_DecryptUpdate(cipher.get(), nullptr, &done, base::as_bytes(context).data(),
                               length(context.size())),
             name);
    need_one(EVP_DecryptUpdate(cipher.get(), plain.data(), &done, text.data(), length(text.size())), name);
    need_one(EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_GCM_SET_TAG, gcm_tag_bytes, tag.data()), name);
    Secret out(std::move(plain));  // wiped where the tag does not hold
    std::uint8_t rest[16];
    if (EVP_DecryptFinal_ex(cipher.get(), rest, &done) == 1) return out;
    ERR_clear_error();
    return std::nullopt;
}

}  // namespace consortium::crypto
