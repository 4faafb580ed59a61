#pragma once

#include "core/base/bytes.h"
#include "core/base/error.h"
#include "core/base/instant.h"
#include "core/crypto/openssl.h"

#include <openssl/asn1.h>
#include <openssl/x509v3.h>
#include <string>

/// Owning handles for OpenSSL's X.509 objects; private to this layer.
namespace consortium::crypto {

template <typename T, auto free_function>
using Handle = std::unique_ptr<T, FreeWith<free_function>>;

using CertificateHandle = Handle<X509, X509_free>;
using CrlHandle = Handle<X509_CRL, X509_CRL_free>;
using RequestHandle = Handle<X509_REQ, X509_REQ_free>;
using NameHandle = Handle<X509_NAME, X509_NAME_free>;
using TimeHandle = Handle<ASN1_TIME, ASN1_TIME_free>;

/// The DER of any object with an i2d function.
template <typename T>
base::Bytes encoded(int (*i2d)(T const*, unsigned char**), T const* object) {
    int const size = i2d(object, nullptr);
    if (size <= 0) throw base::Error(base::Code::malformed, "cannot encode an X.509 object");
    base::Bytes out(static_cast<std::size_t>(size));
    unsigned char* end = out.data();
    i2d(object, &end);
    return out;
}

/// Throws Error(malformed) unless `der` is exactly one object. `begun`: an empty one to read it into.
template <typename Owner, typename T>
Owner decoded(T* (*d2i)(T**, unsigned char const**, long), base::BytesView der, char const* what,
              T* begun = nullptr) {
    unsigned char const* cursor = der.data();
    auto* const read = d2i(begun == nullptr ? nullptr : &begun, &cursor, static_cast<long>(der.size()));
    Owner object(read == nullptr ? begun : read);
    if (read == nullptr || cursor != der.data() + der.size()) {
        throw base::Error(base::Code::malformed, std::string("this is not the DER of ") + what);
    }
    return object;
}

base::Bytes octets(ASN1_STRING const* text);
base::Instant instant_of(ASN1_TIME const* time);
/// "CN=node, O=Acme": RFC 4514 order, UTF-8, control characters escaped.
std::string name_text(X509_NAME const* name);
/// "p256", "p384", "p521", "ed25519", "rsa2048" …; "unknown" for any other.
std::string key_algorithm(EVP_PKEY const* key);
/// Whether a key may be certified, and whoever holds such a certificate be believed.
bool is_sound(EVP_PKEY const* key);
/// Throws Error(refused) for a key that must not be certified.
void check_strength(EVP_PKEY const* key);

/// `context`: where its key is decoded; null for the default one.
CertificateHandle parse_certificate(base::BytesView der, OSSL_LIB_CTX* context = nullptr);
CrlHandle parse_crl(base::BytesView der);
NameHandle parse_name(base::BytesView der);

}  // namespace consortium::crypto
