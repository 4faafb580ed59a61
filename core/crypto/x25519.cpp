#include "core/crypto/x25519.h"

#include "core/base/error.h"

#include <algorithm>
#include <array>
#include <openssl/err.h>

namespace consortium::crypto {

using base::Bytes;
using base::BytesView;
using base::Secret;

namespace {

constexpr std::size_t secret_bytes = 32;
/// RFC 8410: a PKCS#8 structure of version 0 with the OID 1.3.101.110, before the 32 bytes of the key.
constexpr std::array<std::uint8_t, 16> pkcs8_start{0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06,
                                                   0x03, 0x2b, 0x65, 0x6e, 0x04, 0x22, 0x04, 0x20};

}  // namespace

PkeyPtr x25519_private(Secret const& key) {
    return need(
        PkeyPtr(EVP_PKEY_new_raw_private_key(EVP_PKEY_X25519, nullptr, key.view().data(), key.view().size())),
        "X25519");
}

PkeyPtr x25519_public(BytesView point) {
    PkeyPtr key(EVP_PKEY_new_raw_public_key(EVP_PKEY_X25519, nullptr, point.data(), point.size()));
    ERR_clear_error();
    return key;
}

Bytes x25519_point(EVP_PKEY const* key) {
    Bytes out(x25519_bytes);
    std::size_t size = out.size();
    need_one(EVP_PKEY_get_raw_public_key(key, out.data(), &size), "X25519");
    return out;
}

Secret x25519_to_pkcs8(Secret const& key) {
    Bytes out(pkcs8_start.size() + key.view().size());
    auto const rest = std::copy(pkcs8_start.begin(), pkcs8_start.end(), out.begin());
    std::copy(key.view().begin(), key.view().end(), rest);
    return Secret(std::move(out));
}

Secret x25519_from_pkcs8(Secret const& pkcs8, std::string const& name) {
    auto const bytes = pkcs8.view();
    if (bytes.size() != pkcs8_start.size() + x25519_bytes ||
        !std::equal(pkcs8_start.begin(), pkcs8_start.end(), bytes.begin()))
        throw base::Error(base::Code::malformed, "key '" + name + "' is not an X25519 key");
    auto const part = bytes.subspan(pkcs8_start.size());
    return Secret(Bytes(part.begin(), part.end()));
}

std::optional<Secret> shared_secret(EVP_PKEY* own, EVP_PKEY* other) {
    PkeyContextPtr const context(EVP_PKEY_CTX_new(own, nullptr));
    Bytes out(secret_bytes);
    std::size_t size = out.size();
    bool const done = other != nullptr && context && EVP_PKEY_derive_init(context.get()) == 1 &&
                      EVP_PKEY_derive_set_peer(context.get(), other) == 1 &&
                      EVP_PKEY_derive(context.get(), out.data(), &size) == 1 && size == secret_bytes;
    ERR_clear_error();
    Secret secret(std::move(out));
    if (!done || std::all_of(secret.view().begin(), secret.view().end(), [](auto byte) { return byte == 0; }))
        return std::nullopt;
    return secret;
}

}  // namespace consortium::crypto
