#include "core/crypto/sshsig.h"

#include "core/base/digest.h"
#include "core/base/error.h"
#include "core/base/text.h"
#include "core/crypto/openssl.h"
#include "core/crypto/verifier.h"
#include "core/model/public_key.h"
#include "core/model/ssh_key.h"

#include <openssl/err.h>
#include <openssl/sha.h>
#include <optional>

namespace consortium::crypto {

namespace {

using base::Bytes;
using base::BytesView;
using base::Code;
using base::Error;
using model::append_ssh_string;
using model::SshReader;

constexpr std::string_view magic = "SSHSIG";
constexpr std::string_view own_hash = "sha512";
constexpr std::uint8_t user_present = 0x01;

std::optional<Bytes> hash_message(std::string_view algorithm, BytesView message) {
    Bytes out;
    if (algorithm == "sha256") {
        out.resize(SHA256_DIGEST_LENGTH);
        SHA256(message.data(), message.size(), out.data());
    } else if (algorithm == "sha512") {
        out.resize(SHA512_DIGEST_LENGTH);
        SHA512(message.data(), message.size(), out.data());
    } else {
        return std::nullopt;
    }
    return out;
}

/// OpenSSH's PROTOCOL.sshsig, section 3.
Bytes signed_part(std::string_view name_space, BytesView reserved, std::string_view algorithm,
                  BytesView hash) {
    auto out = base::to_bytes(magic);
    append_ssh_string(out, name_space);
    append_ssh_string(out, reserved);
    append_ssh_string(out, algorithm);
    append_ssh_string(out, hash);
    return out;
}

/// SSH writes an ECDSA signature as two mpints (RFC 5656 section 3.1.2); EVP takes them as DER.
std::optional<Bytes> ecdsa_der(BytesView blob) {
    SshReader in(blob);
    auto const r = in.string();
    auto const s = in.string();
    constexpr std::size_t widest = 49;  // P-384, with a zero for the sign
    if (!in.done() || r.empty() || s.empty() || r.size() > widest || s.size() > widest) return std::nullopt;
    if (((r[0] | s[0]) & 0x80) != 0) return std::nullopt;  // negative
    EcdsaPtr const signature(ECDSA_SIG_new());
    NumberPtr first(BN_bin2bn(r.data(), static_cast<int>(r.size()), nullptr));
    NumberPtr second(BN_bin2bn(s.data(), static_cast<int>(s.size()), nullptr));
    if (!signature || !first || !second) return std::nullopt;
    ECDSA_SIG_set0(signature.get(), first.release(), second.release());
    int const size = i2d_ECDSA_SIG(signature.get(), nullptr);
    if (size <= 0) return std::nullopt;
    Bytes out(static_cast<std::size_t>(size));
    auto* cursor = out.data();
    i2d_ECDSA_SIG(signature.get(), &cursor);
    return out;
}

/// OpenSSH's PROTOCOL.u2f: the authenticator signs hashes, its flags and its counter.
bool verify_security_key(model::SshKey const& key, BytesView message, BytesView signature, BytesView tail) {
    SshReader in(tail);
    auto const flags_and_counter = in.take(5);
    if (!in.done() || (flags_and_counter[0] & user_present) == 0) return false;
    Bytes signed_bytes;
    auto append = [&](BytesView bytes) {
        signed_bytes.insert(signed_bytes.end(), bytes.begin(), bytes.end());
    };
    append(base::sha256(key.application).view());
    append(flags_and_counter);
    append(base::sha256(message).view());
    return verify_raw(key.spki, signed_bytes, signature);
}

/// The text between two marker lines, without line ends.
std::string unarmoured(std::string_view text, std::string_view begin, std::string_view end) {
    text = base::trimmed(text);
    if (!text.starts_with(begin) || !text.ends_with(end))
        throw Error(Code::malformed, "not an SSH signature",
                    "make one with 'ssh-keygen -Y sign -n consortium'");
    text.remove_prefix(begin.size());
    text.remove_suffix(end.size());
    std::string out;
    for (char const letter : text)
        if (letter != '\n' && letter != '\r') out.push_back(letter);
    return out;
}

}  // namespace

bool verify_ssh_signature(model::SshKey const& key, BytesView message, BytesView signature) {
    SshReader in(signature);
    if (in.text() != key.type) return false;
    auto const value = in.string();
    if (key.type == model::ssh_security_key) {
        constexpr std::size_t tail = 5;
        auto const rest = in.take(tail);
        return in.done() && verify_security_key(key, message, value, rest);
    }
    if (!in.done()) return false;
    if (key.type == "ssh-ed25519") return verify_raw(key.spki, message, value);
    auto const der = ecdsa_der(value);
    return der && verify_raw(key.spki, message, *der);
}

bool verify_ssh(BytesView key, BytesView message, BytesView signature, std::string_view name_space) {
    auto const parsed = model::parse_ssh_key(key);
    if (!parsed) return false;
    SshReader in(signature);
    if (base::as_text(in.take(magic.size())) != magic || in.integer() != 1) return false;
    auto const by = in.string();
    auto const within = in.text();
    auto const reserved = in.string();
    auto const algorithm = in.text();
    auto const value = in.string();
    if (!in.done() || within != name_space) return false;
    if (!base::equal_constant_time(by, key)) return false;
    auto const hash = hash_message(algorithm, message);
    if (!hash) return false;
    auto const signed_bytes = signed_part(within, reserved, algorithm, *hash);
    bool const holds = verify_ssh_signature(*parsed, signed_bytes, value);
    ERR_clear_error();
    return holds;
}

Bytes ssh_signed_bytes(BytesView message, std::string_view name_space) {
    return signed_part(name_space, {}, own_hash, *hash_message(own_hash, message));
}

Bytes make_ssh_signature(BytesView key, std::string_view name_space, BytesView signature) {
    auto out = base::to_bytes(magic);
    model::append_ssh_integer(out, 1);
    append_ssh_string(out, key);
    append_ssh_string(out, name_space);
    append_ssh_string(out, "");  // reserved
    append_ssh_string(out, own_hash);
    append_ssh_string(out, signature);
    return out;
}

std::string ssh_type(BytesView key) {
    auto const parsed = model::parse_ssh_key(key);
    if (!parsed)
        throw Error(Code::malformed, "not an SSH key of a type that can sign acts",
                    "use ssh-ed25519, sk-ssh-ed25519, ecdsa-sha2-nistp256 or ecdsa-sha2-nistp384");
    return parsed->type;
}

Bytes ssh_public_key(std::string_view line) {
    auto key = model::read_public_key(line);
    if (key.algorithm != "ssh") throw Error(Code::malformed, "not an SSH public key");
    static_cast<void>(ssh_type(key.bytes));
    return std::move(key.bytes);
}

Bytes ssh_signature(std::string_view armoured) {
    return base::from_base64(
        unarmoured(armoured, "-----BEGIN SSH SIGNATURE-----", "-----END SSH SIGNATURE-----"));
}

SshSignatureFacts describe_ssh_signature(BytesView signature) {
    SshReader in(signature);
    bool const is_one = base::as_text(in.take(magic.size())) == magic && in.integer() == 1;
    auto const key = in.string();
    auto const name_space = in.string();
    in.string();  // reserved
    in.string();  // the hash's name
    in.string();  // the signature
    if (!is_one || !in.done()) throw Error(Code::malformed, "not an SSH signature");
    return {Bytes(key.begin(), key.end()), std::string(base::as_text(name_space))};
}

}  // namespace consortium::crypto
