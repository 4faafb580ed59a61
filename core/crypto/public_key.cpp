#include "core/crypto/public_key.h"

#include "core/base/error.h"
#include "core/base/text.h"
#include "core/crypto/openssl.h"

#include <algorithm>
#include <array>
#include <openssl/err.h>
#include <openssl/pem.h>

namespace consortium::crypto {

namespace {

/// RFC 8410 and RFC 5480: everything of the SPKI before the point, and the point's length.
struct Form {
    std::string_view algorithm;
    std::string_view prefix;  // hexadecimal
    std::size_t point;
};

constexpr std::array<Form, 3> forms{{
    {"ed25519", "302a300506032b6570032100", 32},
    {"p256", "3059301306072a8648ce3d020106082a8648ce3d03010703420004", 64},
    {"p384", "3076301006072a8648ce3d020106052b8104002203620004", 96},
}};

/// y-coordinates, little-endian, of the points whose order divides 8, and their non-canonical forms: with
/// such a key one signature holds for many messages.
constexpr std::array<std::string_view, 7> small_order{
    "0000000000000000000000000000000000000000000000000000000000000000",
    "0100000000000000000000000000000000000000000000000000000000000000",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
};

/// y >= 2^255 - 19: a second spelling of a point.
bool is_overlong(base::Bytes const& y) {
    return y[31] == 0x7f && y[0] >= 0xed &&
           std::all_of(y.begin() + 1, y.end() - 1, [](std::uint8_t byte) { return byte == 0xff; });
}

bool is_sound_ed25519(base::BytesView point) {
    base::Bytes y(point.begin(), point.end());
    y[31] &= 0x7f;  // the sign of x
    auto const hex = base::to_hex(y);
    return std::find(small_order.begin(), small_order.end(), hex) == small_order.end() && !is_overlong(y);
}

bool is_on_curve(base::BytesView spki) {
    auto const* cursor = spki.data();
    PkeyPtr const key(d2i_PUBKEY(nullptr, &cursor, static_cast<long>(spki.size())));
    ERR_clear_error();
    return key != nullptr;
}

}  // namespace

std::optional<std::string> algorithm_of(base::BytesView spki) {
    for (auto const& form : forms) {
        auto const prefix = base::from_hex(form.prefix);
        if (spki.size() != prefix.size() + form.point) continue;
        if (!std::equal(prefix.begin(), prefix.end(), spki.begin())) continue;
        bool const sound =
            form.algorithm == "ed25519" ? is_sound_ed25519(spki.subspan(prefix.size())) : is_on_curve(spki);
        if (sound) return std::string(form.algorithm);
    }
    return std::nullopt;
}

std::string public_pem(base::BytesView spki) {
    auto const body = base::to_base64(spki);
    std::string out = "-----BEGIN PUBLIC KEY-----\n";
    for (std::size_t at = 0; at < body.size(); at += 64) out += body.substr(at, 64) + "\n";
    return out + "-----END PUBLIC KEY-----\n";
}

base::Bytes public_from_pem(std::string_view pem) {
    auto const bio = memory(base::as_bytes(pem));
    PkeyPtr const key(PEM_read_bio_PUBKEY(bio.get(), nullptr, nullptr, nullptr));
    ERR_clear_error();
    if (!key) throw base::Error(base::Code::malformed, "not a public key in PEM form");
    auto spki = public_der(key.get());
    if (!algorithm_of(spki))
        throw base::Error(base::Code::malformed, "not a sound Ed25519, P-256 or P-384 public key");
    return spki;
}

}  // namespace consortium::crypto
