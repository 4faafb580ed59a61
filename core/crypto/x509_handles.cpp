#include "core/crypto/x509_handles.h"

#include <array>
#include <ctime>
#include <openssl/core_names.h>

namespace consortium::crypto {

using base::Bytes;
using base::BytesView;

Bytes octets(ASN1_STRING const* text) {
    if (text == nullptr) return {};
    auto const* begin = ASN1_STRING_get0_data(text);
    return {begin, begin + ASN1_STRING_length(text)};
}

base::Instant instant_of(ASN1_TIME const* time) {
    std::tm parts{};
    if (time == nullptr || ASN1_TIME_to_tm(time, &parts) != 1) {
        throw base::Error(base::Code::malformed, "a time in this X.509 object cannot be read");
    }
    return {static_cast<std::int64_t>(timegm(&parts))};
}

std::string name_text(X509_NAME const* name) {
    BioPtr const out(BIO_new(BIO_s_mem()));
    unsigned long const flags = (ASN1_STRFLGS_RFC2253 & ~static_cast<unsigned long>(ASN1_STRFLGS_ESC_MSB)) |
                                XN_FLAG_SEP_CPLUS_SPC | XN_FLAG_DN_REV | XN_FLAG_FN_SN;
    X509_NAME_print_ex(out.get(), name, 0, flags);
    return std::string(base::as_text(written(out.get())));
}

std::string key_algorithm(EVP_PKEY const* key) {
    switch (EVP_PKEY_get_base_id(key)) {
        case EVP_PKEY_ED25519:
            return "ed25519";
        case EVP_PKEY_RSA:
            return "rsa" + std::to_string(EVP_PKEY_get_bits(key));
        case EVP_PKEY_EC:
            break;
        default:
            return "unknown";
    }
    std::array<char, 64> group{};
    std::size_t size = 0;
    EVP_PKEY_get_group_name(key, group.data(), group.size(), &size);
    std::string const name(group.data(), size);
    if (name == "prime256v1") return "p256";
    if (name == "secp384r1") return "p384";
    if (name == "secp521r1") return "p521";
    return "unknown";
}

bool is_sound(EVP_PKEY const* key) {
    auto const algorithm = key_algorithm(key);
    if (algorithm.starts_with("rsa")) {
        int const bits = EVP_PKEY_get_bits(key);
        return bits >= 2048 && bits <= 8192;
    }
    if (algorithm.starts_with("p")) {
        // A curve spelt out parameter by parameter may look like a known one and have another generator.
        std::array<char, 32> encoding{};
        std::size_t size = 0;
        EVP_PKEY_get_utf8_string_param(key, OSSL_PKEY_PARAM_EC_ENCODING, encoding.data(), encoding.size(),
                                       &size);
        return std::string_view(encoding.data(), size) == OSSL_PKEY_EC_ENCODING_GROUP;
    }
    return algorithm != "unknown";
}

void check_strength(EVP_PKEY const* key) {
    if (!is_sound(key)) {
        throw base::Error(base::Code::refused, "a key of this kind is not certified: " + key_algorithm(key),
                          "use P-256, P-384 or P-521 by name, Ed25519, or RSA of 2048 to 8192 bits");
    }
}

CertificateHandle parse_certificate(BytesView der, OSSL_LIB_CTX* context) {
    auto* const begun = context == nullptr ? nullptr : X509_new_ex(context, nullptr);
    return decoded<CertificateHandle>(d2i_X509, der, "a certificate", begun);
}

CrlHandle parse_crl(BytesView der) {
    return decoded<CrlHandle>(d2i_X509_CRL, der, "a revocation list");
}

NameHandle parse_name(BytesView der) {
    return decoded<NameHandle>(d2i_X509_NAME, der, "a name");
}

}  // namespace consortium::crypto
