#pragma once

#include "tests/support/signer.h"

/// An SSH Ed25519 key in memory that signs as OpenSSH's PROTOCOL.sshsig says; as a security key it plays the
/// authenticator (PROTOCOL.u2f), with the flags that a test wants.
class SshTestKey {
public:
    enum class Type { plain, security_key };
    using Bytes = consortium::base::Bytes;
    using BytesView = consortium::base::BytesView;

    SshTestKey(std::string_view seed, Type type) : m_signer(seed), m_type(type) {}

    Bytes blob() {
        auto const spki = m_signer.public_key();
        Bytes out;
        append(out, name());
        append(out, BytesView(spki).subspan(12));
        if (m_type == Type::security_key) append(out, "ssh:");
        return out;
    }

    /// The .pub line.
    std::string line() { return std::string(name()) + " " + consortium::base::to_base64(blob()) + " test"; }

    Bytes sign(BytesView message, std::string_view name_space, std::uint8_t flags = 1) {
        auto out = consortium::base::to_bytes("SSHSIG");
        out.insert(out.end(), {0, 0, 0, 1});
        append(out, blob());
        append_context(out, name_space);
        append(out, signature(signed_part(message, name_space), flags));
        return out;
    }

    /// What it makes of bytes, as RFC 4253 section 6.6 and PROTOCOL.u2f write it.
    Bytes signature(Bytes const& message, std::uint8_t flags) {
        Bytes out;
        append(out, name());
        if (m_type == Type::plain) {
            append(out, m_signer.sign(message));
            return out;
        }
        Bytes const tail{flags, 0, 0, 0, 7};
        Bytes by_authenticator;
        auto add = [&](BytesView bytes) {
            by_authenticator.insert(by_authenticator.end(), bytes.begin(), bytes.end());
        };
        add(consortium::base::sha256("ssh:").view());
        add(tail);
        add(consortium::base::sha256(message).view());
        append(out, m_signer.sign(by_authenticator));
        out.insert(out.end(), tail.begin(), tail.end());
        return out;
    }

    static std::string armoured(BytesView signature) {
        return "-----BEGIN SSH SIGNATURE-----\n" + consortium::base::to_base64(signature) +
               "\n-----END SSH SIGNATURE-----\n";
    }

private:
    std::string_view name() const {
        return m_type == Type::plain ? "ssh-ed25519" : "sk-ssh-ed25519@openssh.com";
    }

    static void append(Bytes& out, BytesView value) {
        auto const size = static_cast<std::uint32_t>(value.size());
        for (int shift = 24; shift >= 0; shift -= 8) out.push_back(static_cast<std::uint8_t>(size >> shift));
        out.insert(out.end(), value.begin(), value.end());
    }
    static void append(Bytes& out, std::string_view value) { append(out, consortium::base::as_bytes(value)); }

    static void append_context(Bytes& out, std::string_view name_space) {
        append(out, name_space);
        append(out, "");
        append(out, "sha256");
    }

    static Bytes signed_part(BytesView message, std::string_view name_space) {
        auto out = consortium::base::to_bytes("SSHSIG");
        append_context(out, name_space);
        append(out, consortium::base::sha256(message).view());
        return out;
    }

    TestSigner m_signer;
    Type m_type;
};

/// As an ssh-agent's signer does: a signature of SSH in the namespace of acts.
class SshSigner : public consortium::port::Signer {
public:
    std::string algorithm() const override { return "ssh"; }
    consortium::base::Bytes public_key() const override { return m_blob; }
    consortium::base::Bytes sign(consortium::base::BytesView message) override {
        return m_key.sign(message, "consortium");
    }

private:
    SshTestKey m_key{"ada", SshTestKey::Type::plain};
    consortium::base::Bytes m_blob = m_key.blob();
};
