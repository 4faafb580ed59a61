#pragma once

#include "core/base/bytes.h"
#include "core/base/digest.h"

#include <optional>
#include <string>

namespace consortium::model {

/// Reads SSH's wire form (RFC 4251 section 5). A read past the end leaves `failed` set and gives nothing.
class SshReader {
public:
    explicit SshReader(base::BytesView bytes) : m_rest(bytes) {}

    base::BytesView take(std::size_t size) {
        if (m_failed || size > m_rest.size()) {
            m_failed = true;
            return {};
        }
        auto const out = m_rest.first(size);
        m_rest = m_rest.subspan(size);
        return out;
    }
    std::uint32_t integer() {
        std::uint32_t out = 0;
        for (auto const byte : take(4)) out = out << 8 | byte;
        return out;
    }
    std::uint64_t long_integer() {
        auto const high = static_cast<std::uint64_t>(integer());
        return high << 32U | integer();
    }
    base::BytesView string() { return take(integer()); }
    std::string_view text() { return base::as_text(string()); }
    bool failed() const { return m_failed; }
    bool done() const { return !m_failed && m_rest.empty(); }
    /// What was not read yet.
    base::BytesView rest() const { return m_rest; }

private:
    base::BytesView m_rest;
    bool m_failed = false;
};

/// The other way: a uint32, and a string with its length before it.
void append_ssh_integer(base::Bytes& out, std::uint32_t value);
void append_ssh_string(base::Bytes& out, base::BytesView value);
void append_ssh_string(base::Bytes& out, std::string_view value);

inline constexpr std::string_view ssh_security_key = "sk-ssh-ed25519@openssh.com";

/// An SSH public-key blob, taken apart: its type and the same key as an SPKI.
struct SshKey {
    std::string type;
    base::Bytes spki;
    std::string application;  // of a security key: "ssh:"
};

/// ssh-ed25519, sk-ssh-ed25519@openssh.com, ecdsa-sha2-nistp256 and ecdsa-sha2-nistp384.
bool is_ssh_type(std::string_view type);
/// "SHA256:…", as ssh-keygen -l shows a key: the SHA-256 of its blob, which is the key's id here, in base64
/// without padding.
std::string ssh_fingerprint(base::Digest const& id);
/// None for anything but a sound key of such a type.
std::optional<SshKey> parse_ssh_key(base::BytesView blob);

}  // namespace consortium::model
