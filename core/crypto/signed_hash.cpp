#include "core/crypto/signed_hash.h"

#include <openssl/err.h>

namespace consortium::crypto {

base::Bytes hash_of(port::Pieces const& message, EVP_MD const* kind) {
    auto const context = need(DigestContextPtr(EVP_MD_CTX_new()), "hashing");
    need_one(EVP_DigestInit_ex(context.get(), kind, nullptr), "hashing");
    message([&context](base::BytesView piece) {
        need_one(EVP_DigestUpdate(context.get(), piece.data(), piece.size()), "hashing");
    });
    base::Bytes out(static_cast<std::size_t>(EVP_MD_get_size(kind)));
    need_one(EVP_DigestFinal_ex(context.get(), out.data(), nullptr), "hashing");
    return out;
}

bool verify_hash(base::BytesView hash, EVP_MD const* kind, base::BytesView signature, EVP_PKEY* key) {
    PkeyContextPtr const context(EVP_PKEY_CTX_new(key, nullptr));
    bool const holds =
        context && EVP_PKEY_verify_init(context.get()) == 1 &&
        EVP_PKEY_CTX_set_signature_md(context.get(), kind) == 1 &&
        EVP_PKEY_verify(context.get(), signature.data(), signature.size(), hash.data(), hash.size()) == 1;
    ERR_clear_error();
    return holds;
}

bool verify_whole(base::BytesView message, base::BytesView signature, EVP_PKEY* key) {
    DigestContextPtr const context(EVP_MD_CTX_new());
    bool const holds = context && EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, key) == 1 &&
                       EVP_DigestVerify(context.get(), signature.data(), signature.size(), message.data(),
                                        message.size()) == 1;
    ERR_clear_error();
    return holds;
}

}  // namespace consortium::crypto
