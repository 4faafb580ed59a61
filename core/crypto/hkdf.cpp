#include "core/crypto/hkdf.h"

#include "core/crypto/openssl.h"

#include <array>
#include <openssl/core_names.h>
#include <openssl/kdf.h>
#include <openssl/params.h>

namespace consortium::crypto {

namespace {

using KdfPtr = std::unique_ptr<EVP_KDF, FreeWith<EVP_KDF_free>>;
using KdfContextPtr = std::unique_ptr<EVP_KDF_CTX, FreeWith<EVP_KDF_CTX_free>>;

}  // namespace

base::Secret hkdf(base::BytesView key, base::BytesView salt, std::string_view info) {
    auto const kdf = need(KdfPtr(EVP_KDF_fetch(nullptr, "HKDF", nullptr)), "HKDF");
    auto const context = need(KdfContextPtr(EVP_KDF_CTX_new(kdf.get())), "HKDF");
    // OpenSSL takes these as mutable and does not change them.
    auto const octets = [](char const* name, void const* data, std::size_t size) {
        return OSSL_PARAM_construct_octet_string(name, const_cast<void*>(data), size);
    };
    char digest[] = "SHA256";
    std::array<OSSL_PARAM, 5> const params{
        OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, digest, 0),
        octets(OSSL_KDF_PARAM_KEY, key.data(), key.size()),
        octets(OSSL_KDF_PARAM_SALT, salt.empty() ? static_cast<void const*>("") : salt.data(), salt.size()),
        octets(OSSL_KDF_PARAM_INFO, info.data(), info.size()), OSSL_PARAM_construct_end()};
    base::Bytes out(32);
    need_one(EVP_KDF_derive(context.get(), out.data(), out.size(), params.data()), "HKDF");
    return base::Secret(std::move(out));
}

}  // namespace consortium::crypto
