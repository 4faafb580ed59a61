#include "core/crypto/evp_key.h"

#include "core/crypto/der.h"
#include "core/model/public_key.h"

#include <algorithm>
#include <array>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/param_build.h>

namespace consortium::crypto {

namespace {

using base::BytesView;
using BuilderPtr = std::unique_ptr<OSSL_PARAM_BLD, FreeWith<OSSL_PARAM_BLD_free>>;
using ParametersPtr = std::unique_ptr<OSSL_PARAM, FreeWith<OSSL_PARAM_free>>;

constexpr std::size_t ed25519_size = 32;
constexpr unsigned char uncompressed = 4;

/// A key on a curve; a public one if `secret` is empty. Null if the point is not on the curve.
PkeyPtr curve_key(char const* curve, BytesView point, BytesView secret) {
    BuilderPtr const builder(OSSL_PARAM_BLD_new());
    NumberPtr const number(BN_secure_new());
    bool made = builder && number &&
                OSSL_PARAM_BLD_push_utf8_string(builder.get(), OSSL_PKEY_PARAM_GROUP_NAME, curve, 0) == 1 &&
                OSSL_PARAM_BLD_push_octet_string(builder.get(), OSSL_PKEY_PARAM_PUB_KEY, point.data(),
                                                 point.size()) == 1;
    if (made && !secret.empty()) {
        made = BN_bin2bn(secret.data(), static_cast<int>(secret.size()), number.get()) != nullptr &&
               OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_PRIV_KEY, number.get()) == 1;
    }
    ParametersPtr const parameters(made ? OSSL_PARAM_BLD_to_param(builder.get()) : nullptr);
    PkeyContextPtr const context(EVP_PKEY_CTX_new_from_name(nullptr, "EC", nullptr));
    EVP_PKEY* key = nullptr;
    if (parameters && context && EVP_PKEY_fromdata_init(context.get()) == 1) {
        EVP_PKEY_fromdata(context.get(), &key, secret.empty() ? EVP_PKEY_PUBLIC_KEY : EVP_PKEY_KEYPAIR,
                          parameters.get());
    }
    ERR_clear_error();
    return PkeyPtr(key);
}

/// RFC 5915: ECPrivateKey { 1, secret, [0] parameters OPTIONAL, [1] point OPTIONAL }; null without a point.
PkeyPtr curve_key(char const* curve, BytesView encoded) {
    der::Reader parts(der::Reader(encoded).next(der::sequence).content);
    parts.next(der::integer);
    auto const secret = parts.next(der::octet_string).content;
    if (parts.next_is(der::explicit_0)) parts.next();
    if (parts.at_end()) return nullptr;
    der::Reader point(parts.next(der::explicit_1).content);
    auto const bits = point.next(der::bit_string).content;
    if (bits.size() < 2 || bits.front() != 0) return nullptr;
    return curve_key(curve, bits.subspan(1), secret);
}

/// RFC 8410: the secret is an OCTET STRING inside the OCTET STRING.
PkeyPtr edwards_key(BytesView encoded) {
    auto const secret = der::Reader(encoded).next(der::octet_string).content;
    if (secret.size() != ed25519_size) return nullptr;
    return PkeyPtr(EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, secret.data(), secret.size()));
}

/// PKCS#8 (RFC 5958) of a key: what stands before the secret and, on a curve (RFC 5915), between it and the
/// point. All lengths are the algorithm's.
struct Form {
    std::size_t secret;
    std::span<std::uint8_t const> before, between;
};
constexpr std::uint8_t edwards_before[] = {0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06,
                                           0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20};
constexpr std::uint8_t small_before[] = {0x30, 0x81, 0x87, 0x02, 0x01, 0x00, 0x30, 0x13, 0x06,
                                         0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06,
                                         0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07,
                                         0x04, 0x6d, 0x30, 0x6b, 0x02, 0x01, 0x01, 0x04, 0x20};
constexpr std::uint8_t small_between[] = {0xa1, 0x44, 0x03, 0x42, 0x00};
constexpr std::uint8_t large_before[] = {0x30, 0x81, 0xb6, 0x02, 0x01, 0x00, 0x30, 0x10, 0x06,
                                         0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06,
                                         0x05, 0x2b, 0x81, 0x04, 0x00, 0x22, 0x04, 0x81, 0x9e,
                                         0x30, 0x81, 0x9b, 0x02, 0x01, 0x01, 0x04, 0x30};
constexpr std::uint8_t large_between[] = {0xa1, 0x64, 0x03, 0x62, 0x00};
constexpr Form edwards_form{32, edwards_before, {}}, small_form{32, small_before, small_between},
    large_form{48, large_before, large_between};

bool raw_secret(EVP_PKEY const* key, std::uint8_t* out, std::size_t size) {
    return EVP_PKEY_get_raw_private_key(key, out, &size) == 1;
}

bool curve_secret(EVP_PKEY const* key, std::uint8_t* out, int size) {
    BIGNUM* number = BN_secure_new();
    bool const got = EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_PRIV_KEY, &number) == 1;
    NumberPtr const secret(number);
    return got && BN_bn2binpad(secret.get(), out, size) == size;
}

bool is_curve(EVP_PKEY const* key, std::string_view wanted) {
    std::array<char, 32> group{};
    std::size_t size = 0;
    return EVP_PKEY_get_group_name(key, group.data(), group.size(), &size) == 1 &&
           std::string_view(group.data(), size) == wanted;
}

char const* curve_of(X509_ALGOR const* algorithm) {
    ASN1_OBJECT const* object = nullptr;
    void const* parameter = nullptr;
    int type = 0;
    X509_ALGOR_get0(&object, &type, &parameter, algorithm);
    if (type != V_ASN1_OBJECT) return nullptr;
    switch (OBJ_obj2nid(static_cast<ASN1_OBJECT const*>(parameter))) {
        case NID_X9_62_prime256v1:
            return "P-256";
        case NID_secp384r1:
            return "P-384";
        default:
            return nullptr;
    }
}

}  // namespace

PkeyPtr public_key_of(BytesView spki) {
    auto const algorithm = model::spki_algorithm(spki);
    if (!algorithm) return nullptr;
    if (*algorithm == "ed25519") {
        auto const point = spki.last(ed25519_size);
        return PkeyPtr(EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, point.data(), point.size()));
    }
    bool const small = *algorithm == "p256";
    return curve_key(small ? "P-256" : "P-384", spki.last(small ? 65 : 97), {});
}

std::optional<base::Bytes> spki_of(EVP_PKEY const* key) {
    std::array<unsigned char, 97> point{};
    std::size_t size = point.size();
    if (EVP_PKEY_get_base_id(key) == EVP_PKEY_ED25519) {
        if (EVP_PKEY_get_raw_public_key(key, point.data(), &size) != 1) return std::nullopt;
        return model::spki_of("ed25519", BytesView(point).first(size));
    }
    bool const small = EVP_PKEY_get_bits(key) == 256;
    if (EVP_PKEY_get_octet_string_param(key, OSSL_PKEY_PARAM_PUB_KEY, point.data(), point.size(), &size) !=
            1 ||
        !is_curve(key, small ? SN_X9_62_prime256v1 : SN_secp384r1) || point.front() != uncompressed) {
        ERR_clear_error();
        return std::nullopt;
    }
    return model::spki_of(small ? "p256" : "p384", BytesView(point).first(size));
}

base::Secret private_der(EVP_PKEY const* key, BytesView spki) {
    auto const algorithm = model::spki_algorithm(spki);
    Form const& form = algorithm == "ed25519" ? edwards_form : algorithm == "p256" ? small_form : large_form;
    auto const point = form.between.empty() ? BytesView() : spki.last(2 * form.secret + 1);
    base::Bytes out(form.before.size() + form.secret + form.between.size() + point.size());
    auto const* const begin = out.data();
    auto* cursor = std::copy(form.before.begin(), form.before.end(), out.data());
    bool const good = form.between.empty() ? raw_secret(key, cursor, form.secret)
                                           : curve_secret(key, cursor, static_cast<int>(form.secret));
    cursor = std::copy(form.between.begin(), form.between.end(), cursor + form.secret);
    cursor = std::copy(point.begin(), point.end(), cursor);
    base::Secret secret(std::move(out));
    if (!good || cursor != begin + secret.view().size()) fail_openssl("encoding a private key");
    return secret;
}

PkeyPtr private_key_of(PKCS8_PRIV_KEY_INFO const* pkcs8) {
    ASN1_OBJECT const* object = nullptr;
    X509_ALGOR const* algorithm = nullptr;
    unsigned char const* bytes = nullptr;
    int size = 0;
    if (PKCS8_pkey_get0(&object, &bytes, &size, &algorithm, pkcs8) != 1) return nullptr;
    BytesView const encoded(bytes, static_cast<std::size_t>(size));
    PkeyPtr key;
    if (OBJ_obj2nid(object) == NID_ED25519) key = edwards_key(encoded);
    if (OBJ_obj2nid(object) == NID_X9_62_id_ecPublicKey) {
        if (auto const* const curve = curve_of(algorithm)) key = curve_key(curve, encoded);
    }
    // A key in another form, as one without its public half, is rare and can wait.
    if (!key) key.reset(EVP_PKCS82PKEY(pkcs8));
    ERR_clear_error();
    return key;
}

EVP_MD const* digest_for(std::string_view algorithm) {
    if (algorithm == "ed25519") return nullptr;
    return algorithm == "p384" ? EVP_sha384() : EVP_sha256();
}

}  // namespace consortium::crypto
