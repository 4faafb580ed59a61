#include "core/crypto/ssh_certificate.h"

#include "core/base/error.h"
#include "core/crypto/der.h"
#include "core/crypto/openssl.h"
#include "core/crypto/public_key.h"
#include "core/crypto/sshsig.h"
#include "core/crypto/verifier.h"
#include "core/model/public_key.h"

#include <algorithm>
#include <openssl/err.h>

namespace consortium::crypto {

namespace {

using base::Bytes;
using base::BytesView;
using model::append_ssh_string;

/// How a key of the keyring signs here: RFC 8709, RFC 5656 section 3.1, RFC 8332 section 3.
struct Form {
    std::string_view algorithm, type, curve, signature;
};
constexpr std::string_view rsa_signature = "rsa-sha2-256";
constexpr Form forms[] = {
    {"ed25519", "ssh-ed25519", "", "ssh-ed25519"},
    {"p256", "ecdsa-sha2-nistp256", "nistp256", "ecdsa-sha2-nistp256"},
    {"p384", "ecdsa-sha2-nistp384", "nistp384", "ecdsa-sha2-nistp384"},
    {"rsa3072", "ssh-rsa", "", rsa_signature},
    {"rsa4096", "ssh-rsa", "", rsa_signature},
};

Form const& form_of(std::string_view algorithm) {
    auto const* const form = std::ranges::find(forms, algorithm, &Form::algorithm);
    if (form != std::end(forms)) return *form;
    throw base::Error(base::Code::unsupported, "a key of this type signs no certificates of SSH",
                      "make one with 'consortium key create NAME'");
}

/// RFC 4251 section 5: a positive mpint is what DER's INTEGER holds.
void append_number(Bytes& out, BytesView number) {
    append_ssh_string(out, der::Reader(der::unsigned_integer(number)).next(der::integer).content);
}

Bytes ecdsa_blob(BytesView signature) {
    der::Reader numbers(der::Reader(signature).next(der::sequence).content);
    Bytes out;
    for (int i = 0; i < 2; ++i) append_ssh_string(out, numbers.next(der::integer).content);
    return out;
}

/// RFC 5480 section 2.1.1.1 for secp521r1, which no keyring here holds.
bool is_on_p521(BytesView point) {
    auto spki = base::from_hex("30819b301006072a8648ce3d020106052b8104002303818600");
    der::append(spki, point);
    auto const* cursor = spki.data();
    PkeyPtr const key(d2i_PUBKEY(nullptr, &cursor, static_cast<long>(spki.size())));
    ERR_clear_error();
    return key != nullptr;
}

std::string_view algorithm_of_curve(std::string_view curve) {
    if (curve.empty()) return "ed25519";
    return curve == "nistp256" ? "p256" : "p384";
}

std::optional<Bytes> spki_of_parts(model::SshKeyParts const& parts) {
    if (!parts.modulus.empty()) {
        auto spki = rsa_spki(parts.modulus, parts.exponent);
        return keyring_algorithm_of(spki) ? std::optional(std::move(spki)) : std::nullopt;
    }
    if (parts.curve == "nistp521") return std::nullopt;
    auto spki = model::spki_of(algorithm_of_curve(parts.curve), parts.point);
    return spki && algorithm_of(*spki) ? spki : std::nullopt;
}

bool verify_rsa_blob(BytesView spki, BytesView message, BytesView signature) {
    model::SshReader in(signature);
    if (in.text() != rsa_signature) return false;
    auto const value = in.string();
    return in.done() && verify_rsa(spki, message, value);
}

class OpensslSsh final : public port::Ssh {
public:
    model::SshPublicKey read_key(std::string_view line) const override {
        auto key = model::ssh_key_from_line(line);
        auto const parts = model::read_ssh_key(key.blob);
        bool const sound =
            !parts.modulus.empty() ||
            (parts.curve == "nistp521" ? is_on_p521(parts.point) : spki_of_parts(parts).has_value());
        if (!sound)
            throw base::Error(base::Code::malformed, "not an SSH public key: its point is not on its curve");
        return key;
    }

    Bytes blob(BytesView spki) const override {
        auto const algorithm = keyring_algorithm_of(spki);
        auto const& form = form_of(algorithm.value_or(""));
        Bytes out;
        append_ssh_string(out, form.type);
        if (auto const modulus = rsa_modulus_of(spki)) {
            append_number(out, rsa_exponent);
            append_number(out, *modulus);
            return out;
        }
        der::Reader parts(der::Reader(spki).next(der::sequence).content);
        parts.next(der::sequence);
        if (!form.curve.empty()) append_ssh_string(out, form.curve);
        append_ssh_string(out, parts.next(der::bit_string).content.subspan(1));
        return out;
    }

    std::optional<Bytes> spki(BytesView blob) const override {
        return spki_of_parts(model::read_ssh_key(blob));
    }

    Bytes assemble(Bytes tbs, std::string_view algorithm, BytesView signature) const override {
        auto const& form = form_of(algorithm);
        Bytes out;
        append_ssh_string(out, form.signature);
        if (form.curve.empty())
            append_ssh_string(out, signature);
        else
            append_ssh_string(out, ecdsa_blob(signature));
        return model::join_ssh_certificate(std::move(tbs), out);
    }

    bool verify(model::SignedSshCertificate const& certificate) const override {
        auto const& by = certificate.content.authority;
        if (auto const key = model::parse_ssh_key(by))
            return verify_ssh_signature(*key, certificate.tbs, certificate.signature);
        try {
            auto const rsa = spki(by);
            return rsa && verify_rsa_blob(*rsa, certificate.tbs, certificate.signature);
        } catch (base::Error const&) {
            return false;
        }
    }
};

}  // namespace

port::Ssh const& ssh() {
    static OpensslSsh const ssh;
    return ssh;
}

}  // namespace consortium::crypto
