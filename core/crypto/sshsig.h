#pragma once

#include "core/model/ssh_key.h"

#include <string>

namespace consortium::crypto {

/// The namespace of every SSH signature over an act: `ssh-keygen -Y sign -n consortium`.
inline constexpr std::string_view ssh_namespace = "consortium";

/// Whether `signature` (the bytes inside the armour, OpenSSH's PROTOCOL.sshsig version 1) is by the key with
/// the public-key blob `key` over `message` in that namespace. Takes ssh-ed25519, ecdsa-sha2-nistp256,
/// ecdsa-sha2-nistp384 and sk-ssh-ed25519@openssh.com; the last only with the user's presence. Never throws.
bool verify_ssh(base::BytesView key, base::BytesView message, base::BytesView signature,
                std::string_view name_space);

/// Whether a signature as keys of SSH write it (RFC 4253 section 6.6: its type, then what the type makes of
/// it) is by this key over `message`, with no namespace around it. Never throws.
bool verify_ssh_signature(model::SshKey const& key, base::BytesView message, base::BytesView signature);

/// What a key signs to make a signature over `message` in a namespace: its SHA-512, in OpenSSH's words.
base::Bytes ssh_signed_bytes(base::BytesView message, std::string_view name_space);
/// The signature that verify_ssh() takes, of what the key made of those bytes.
base::Bytes make_ssh_signature(base::BytesView key, std::string_view name_space, base::BytesView signature);

/// "ssh-ed25519 AAAA… comment" (a .pub file) -> the public-key blob. Throws Error(malformed) for a type that
/// verify_ssh() does not take.
base::Bytes ssh_public_key(std::string_view line);
/// "ssh-ed25519" … of a blob; throws as above.
std::string ssh_type(base::BytesView key);
/// "-----BEGIN SSH SIGNATURE-----" … -> the bytes inside. Throws Error(malformed).
base::Bytes ssh_signature(std::string_view armoured);

/// What a signature says of itself, nothing of it verified: to tell people what went wrong.
struct SshSignatureFacts {
    base::Bytes key;  // the public-key blob
    std::string name_space;
};
/// Throws Error(malformed).
SshSignatureFacts describe_ssh_signature(base::BytesView signature);

}  // namespace consortium::crypto
