#include "core/crypto/public_key.h"

#include "core/base/error.h"
#include "core/crypto/der.h"
#include "core/crypto/evp_key.h"

#include <algorithm>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/rsa.h>

namespace consortium::crypto {

namespace {

/// RFC 3279 section 2.3.1. Only what OpenSSL would write of such a key is one.
std::optional<std::string> rsa_algorithm_of(base::BytesView spki) {
    auto const* cursor = spki.data();
    PkeyPtr const key(d2i_PUBKEY(nullptr, &cursor, static_cast<long>(spki.size())));
    NumberPtr exponent;
    if (key && EVP_PKEY_get_base_id(key.get()) == EVP_PKEY_RSA) {
        BIGNUM* number = nullptr;
        EVP_PKEY_get_bn_param(key.get(), OSSL_PKEY_PARAM_RSA_E, &number);
        exponent.reset(number);
    }
    ERR_clear_error();
    if (!exponent || BN_is_word(exponent.get(), RSA_F4) != 1) return std::nullopt;
    int const bits = EVP_PKEY_get_bits(key.get());
    if ((bits != 3072 && bits != 4096) || !std::ranges::equal(public_der(key.get()), spki))
        return std::nullopt;
    return "rsa" + std::to_string(bits);
}

}  // namespace

base::Bytes rsa_spki(base::BytesView modulus, base::BytesView exponent) {
    // rsaEncryption with NULL, RFC 3279 section 2.3.1.
    static constexpr std::uint8_t identifier[] = {0x30, 0x0d, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86,
                                                  0xf7, 0x0d, 0x01, 0x01, 0x01, 0x05, 0x00};
    auto const numbers =
        der::wrap(der::sequence, {der::unsigned_integer(modulus), der::unsigned_integer(exponent)});
    return der::wrap(der::sequence, {identifier, der::bits(numbers)});
}

bool is_rsa_modulus(base::BytesView number) {
    // RFC 7518 section 3.3 wants 2048 bits at least.
    constexpr std::size_t least = 256, most = 512;
    return number.size() >= least && number.size() <= most && (number.front() & 0x80U) != 0 &&
           (number.back() & 1U) != 0;
}

std::optional<base::Bytes> rsa_modulus_of(base::BytesView spki) {
    try {
        der::Reader parts(der::Reader(spki).next(der::sequence).content);
        parts.next(der::sequence);
        auto const bits = parts.next(der::bit_string).content;
        if (bits.empty()) return std::nullopt;
        der::Reader numbers(der::Reader(bits.subspan(1)).next(der::sequence).content);
        auto modulus = numbers.next(der::integer).content;
        if (modulus.size() > 1 && modulus.front() == 0) modulus = modulus.subspan(1);
        if (!is_rsa_modulus(modulus) || !std::ranges::equal(rsa_spki(modulus, rsa_exponent), spki))
            return std::nullopt;
        return base::Bytes(modulus.begin(), modulus.end());
    } catch (base::Error const&) {
        return std::nullopt;
    }
}

std::optional<std::string> algorithm_of(base::BytesView spki) {
    auto algorithm = model::spki_algorithm(spki);
    if (!algorithm || (algorithm != "ed25519" && !public_key_of(spki))) return std::nullopt;
    return algorithm;
}

std::optional<std::string> keyring_algorithm_of(base::BytesView spki) {
    auto algorithm = algorithm_of(spki);
    return algorithm ? algorithm : rsa_algorithm_of(spki);
}

base::Bytes public_from_pem(std::string_view pem) {
    auto bytes = model::public_from_pem(pem);
    (void)sound_algorithm_of(bytes);
    return bytes;
}

std::string sound_algorithm_of(base::BytesView spki) {
    auto algorithm = keyring_algorithm_of(spki);
    if (!algorithm)
        throw base::Error(base::Code::malformed,
                          "not a sound Ed25519, P-256, P-384 or RSA (3072, 4096) public key");
    return *std::move(algorithm);
}

}  // namespace consortium::crypto
