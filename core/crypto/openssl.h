#pragma once

#include "core/base/bytes.h"

#include <memory>
#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <string>

/// OpenSSL's handles with owners, for this folder's own .cpp files.
namespace consortium::crypto {

template <auto Free>
struct FreeWith {
    template <typename T>
    void operator()(T* handle) const noexcept {
        Free(handle);
    }
};

using PkeyPtr = std::unique_ptr<EVP_PKEY, FreeWith<EVP_PKEY_free>>;
using PkeyContextPtr = std::unique_ptr<EVP_PKEY_CTX, FreeWith<EVP_PKEY_CTX_free>>;
using DigestContextPtr = std::unique_ptr<EVP_MD_CTX, FreeWith<EVP_MD_CTX_free>>;
using BioPtr = std::unique_ptr<BIO, FreeWith<BIO_free_all>>;
using NumberPtr = std::unique_ptr<BIGNUM, FreeWith<BN_clear_free>>;
using EcdsaPtr = std::unique_ptr<ECDSA_SIG, FreeWith<ECDSA_SIG_free>>;
using Pkcs8Ptr = std::unique_ptr<PKCS8_PRIV_KEY_INFO, FreeWith<PKCS8_PRIV_KEY_INFO_free>>;
using SealedPtr = std::unique_ptr<X509_SIG, FreeWith<X509_SIG_free>>;
using AlgorithmPtr = std::unique_ptr<X509_ALGOR, FreeWith<X509_ALGOR_free>>;

/// The handle, or Error(internal) "<what> failed: <OpenSSL's reason>"; clears OpenSSL's error queue.
[[noreturn]] void fail_openssl(std::string_view what);
template <typename Pointer>
Pointer need(Pointer handle, std::string_view what) {
    if (!handle) fail_openssl(what);
    return handle;
}
inline void need_one(int result, std::string_view what) {
    if (result != 1) fail_openssl(what);
}

/// OpenSSL's last words on why something does not hold, printable; clears its error queue.
std::string last_reason();

/// A reading BIO over bytes that outlive it.
BioPtr memory(base::BytesView bytes);
/// All that was written to a memory BIO.
base::Bytes written(BIO* bio);

/// The SPKI DER of a key.
base::Bytes public_der(EVP_PKEY* key);

}  // namespace consortium::crypto
