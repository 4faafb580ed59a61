#pragma once

#include "core/model/ssh_key.h"

#include <map>
#include <vector>

namespace consortium::model {

/// A public key of any type that OpenSSH makes today, as a host or a user has it.
struct SshPublicKey {
    std::string type;  // "ssh-rsa"
    base::Bytes blob;
    bool operator==(SshPublicKey const&) const = default;
};

/// The parts of such a blob; of each type its own, the others empty.
struct SshKeyParts {
    std::string type;
    std::string curve;                  // "nistp256"
    base::BytesView point;              // Ed25519: 32 octets; ECDSA: uncompressed, of the curve's length
    base::BytesView exponent, modulus;  // RSA: unsigned, without leading zeros
    std::string application;            // of a security key
};
/// Throws Error(malformed) for what is no such blob; Error(refused) for DSA, and for RSA outside of 3072 to
/// 16384 bits or with a small or even exponent. Whether a point lies on its curve it does not ask.
SshKeyParts read_ssh_key(base::BytesView blob);

/// One line "ssh-ed25519 AAAA… comment", as .pub files and known_hosts' ends have it. Throws as above.
SshPublicKey ssh_key_from_line(std::string_view text);

/// Whom a certificate is for: the type that PROTOCOL.certkeys gives it.
enum class SshUse : std::uint32_t { user = 1, host = 2 };
std::string_view word(SshUse use);
/// "user" or "host"; throws Error(malformed).
SshUse ssh_use(std::string_view word);

/// What a certificate says (OpenSSH's PROTOCOL.certkeys), whatever of it is meant.
struct SshCertificate {
    base::Bytes nonce;
    base::Bytes key;  // the blob that is certified
    std::uint64_t serial = 0;
    SshUse use = SshUse::user;
    std::string key_id;
    std::vector<std::string> principals;
    std::uint64_t valid_after = 0, valid_before = 0;  // seconds since 1970; the second is not in it any more
    std::map<std::string, base::Bytes> critical, extensions;  // by name; the data as it stands there
    base::Bytes authority;                                    // the blob of the key that signs
    bool operator==(SshCertificate const&) const = default;
};

/// The data of an option that has one value, and back; none where it is not of that form.
base::Bytes ssh_option(std::string_view value);
std::optional<std::string> ssh_option_value(base::BytesView data);

/// What is signed: everything before the signature.
base::Bytes ssh_certificate_tbs(SshCertificate const& certificate);
/// The whole of it.
base::Bytes join_ssh_certificate(base::Bytes tbs, base::BytesView signature);

struct SignedSshCertificate {
    SshCertificate content;
    base::Bytes tbs;
    base::Bytes signature;
};
/// Reads, verifying nothing: at most 64 KiB and 256 principals, options in order and once each, nothing after
/// the end. ssh_certificate_tbs() of the content is `tbs` again. Throws Error(malformed), or Error(refused)
/// for a key in it that read_ssh_key() refuses.
SignedSshCertificate read_ssh_certificate(base::BytesView blob);
/// The same of a line "ssh-ed25519-cert-v01@openssh.com AAAA… comment", as OpenSSH keeps it: -cert.pub.
SignedSshCertificate ssh_certificate_from_line(std::string_view text);

/// "TYPE BASE64 COMMENT" of a key or a certificate, whose type is its first string. No line end.
std::string ssh_line(base::BytesView blob, std::string_view comment);

/// Names that a certificate may be issued for: of a host its lower-case DNS name or its address; of a user
/// what a login is called, or a role that hosts map to logins. No patterns.
bool is_ssh_principal(SshUse use, std::string_view name);
/// "10.0.0.0/8", "2001:db8::1": an address in its canonical text, with no bits beyond the mask.
bool is_address_range(std::string_view text);

}  // namespace consortium::model
