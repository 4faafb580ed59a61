#include "core/model/public_key.h"

#include "core/base/error.h"
#include "core/base/text.h"
#include "core/model/ssh_key.h"

#include <algorithm>
#include <array>

namespace consortium::model {

namespace {

using base::Code;
using base::Error;

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

constexpr std::string_view pem_begin = "-----BEGIN PUBLIC KEY-----", pem_end = "-----END PUBLIC KEY-----";

PublicKey read_pem(std::string_view text) {
    PublicKey key{{}, public_from_pem(text)};
    auto algorithm = spki_algorithm(key.bytes);
    if (!algorithm) throw Error(Code::malformed, "not a sound Ed25519, P-256 or P-384 public key");
    key.algorithm = std::move(*algorithm);
    return key;
}

PublicKey read_ssh(std::string_view line) {
    auto const parts = base::split(line, ' ');
    if (parts.size() < 2 || !is_ssh_type(parts[0]) || line.find('\n') != std::string_view::npos)
        throw Error(Code::malformed, "not a public key in PEM form, nor an SSH key that can sign acts",
                    "of SSH use ssh-ed25519, sk-ssh-ed25519, ecdsa-sha2-nistp256 or ecdsa-sha2-nistp384");
    PublicKey key{"ssh", base::from_base64(parts[1])};
    auto const parsed = parse_ssh_key(key.bytes);
    if (!parsed) throw Error(Code::malformed, "the SSH public key is damaged");
    if (parsed->type != parts[0])
        throw Error(Code::malformed, "the SSH public key names one type and holds another");
    return key;
}

}  // namespace

std::optional<std::string> spki_algorithm(base::BytesView spki) {
    for (auto const& form : forms) {
        auto const prefix = base::from_hex(form.prefix);
        if (spki.size() != prefix.size() + form.point) continue;
        if (!std::equal(prefix.begin(), prefix.end(), spki.begin())) continue;
        if (form.algorithm == "ed25519" && !is_sound_ed25519(spki.subspan(prefix.size())))
            return std::nullopt;
        return std::string(form.algorithm);
    }
    return std::nullopt;
}

std::optional<base::Bytes> spki_of(std::string_view algorithm, base::BytesView point) {
    auto const form =
        std::find_if(forms.begin(), forms.end(), [&](Form const& one) { return one.algorithm == algorithm; });
    if (form == forms.end()) return std::nullopt;
    if (algorithm != "ed25519" && !point.empty()) point = point.subspan(1);  // the prefix ends with the 04
    auto spki = base::from_hex(form->prefix);
    spki.insert(spki.end(), point.begin(), point.end());
    return spki_algorithm(spki) == algorithm ? std::optional(std::move(spki)) : std::nullopt;
}

bool is_public_key(std::string_view algorithm, base::BytesView bytes) {
    return algorithm == "ssh" ? parse_ssh_key(bytes).has_value() : spki_algorithm(bytes) == algorithm;
}

std::string public_pem(base::BytesView spki) {
    auto const body = base::to_base64(spki);
    std::string out = std::string(pem_begin) + "\n";
    for (std::size_t at = 0; at < body.size(); at += 64) out += body.substr(at, 64) + "\n";
    return out + std::string(pem_end) + "\n";
}

base::Bytes public_from_pem(std::string_view text) {
    text = base::trimmed(text);
    if (!text.starts_with(pem_begin)) throw Error(Code::malformed, "not a public key in PEM form");
    text.remove_prefix(pem_begin.size());
    auto const end = text.find(pem_end);
    if (end == std::string_view::npos || !base::trimmed(text.substr(end + pem_end.size())).empty())
        throw Error(Code::malformed, "the public key does not end as PEM does");
    std::string body;
    for (char const letter : text.substr(0, end))
        if (letter != '\n' && letter != '\r') body.push_back(letter);
    return base::from_base64(body);
}

PublicKey read_public_key(std::string_view text) {
    text = base::trimmed(text);
    return text.starts_with(pem_begin) ? read_pem(text) : read_ssh(text);
}

}  // namespace consortium::model
