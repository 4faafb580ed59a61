#include "core/driver/rehearsal/seal.h"

#include "core/base/error.h"

#include <memory>
#include <openssl/evp.h>

namespace consortium::driver::rehearsal {

namespace {

using Key = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;
using Context = std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)>;

[[noreturn]] void fail() {
    throw base::Error(base::Code::internal, "OpenSSL refuses an Ed25519 operation");
}

Key private_key(base::Secret const& seed) {
    Key key(EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, seed.view().data(), seed.view().size()),
            &EVP_PKEY_free);
    if (!key) fail();
    return key;
}

Context context() {
    Context out(EVP_MD_CTX_new(), &EVP_MD_CTX_free);
    if (!out) fail();
    return out;
}

}  // namespace

base::Bytes public_key(base::Secret const& seed) {
    auto const key = private_key(seed);
    base::Bytes out(32);
    std::size_t size = out.size();
    if (EVP_PKEY_get_raw_public_key(key.get(), out.data(), &size) != 1 || size != out.size()) fail();
    return out;
}

base::Bytes sign(base::Secret const& seed, base::BytesView message) {
    auto const key = private_key(seed);
    auto const ctx = context();
    base::Bytes out(64);
    std::size_t size = out.size();
    bool const good = EVP_DigestSignInit(ctx.get(), nullptr, nullptr, nullptr, key.get()) == 1 &&
                      EVP_DigestSign(ctx.get(), out.data(), &size, message.data(), message.size()) == 1;
    if (!good || size != out.size()) fail();
    return out;
}

bool verify(base::BytesView key, base::BytesView message, base::BytesView signature) {
    if (key.size() != 32 || signature.size() != 64) return false;
    Key const loaded(EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, key.data(), key.size()),
                     &EVP_PKEY_free);
    if (!loaded) return false;
    auto const ctx = context();
    return EVP_DigestVerifyInit(ctx.get(), nullptr, nullptr, nullptr, loaded.get()) == 1 &&
           EVP_DigestVerify(ctx.get(), signature.data(), signature.size(), message.data(), message.size()) ==
               1;
}

}  // namespace consortium::driver::rehearsal
