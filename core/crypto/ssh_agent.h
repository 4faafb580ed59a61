#pragma once

#include "core/crypto/key_means.h"
#include "core/port/keyring.h"

#include <chrono>

namespace consortium::crypto {

/// An ssh-agent behind its Unix socket (draft-ietf-sshm-ssh-agent). Each question is a conversation of its
/// own, bounded in bytes and time; what it answers is believed nothing.
class SshAgent {
public:
    struct Limits {
        std::chrono::milliseconds answer{10'000};
        std::chrono::milliseconds person{120'000};  // who is asked to allow a use, or to touch a key
    };

    SshAgent(std::string socket, Limits limits) : m_socket(std::move(socket)), m_limits(limits) {}
    explicit SshAgent(std::string socket) : SshAgent(std::move(socket), Limits()) {}

    /// Whether it has the private key of this public-key blob. Throws Error(unavailable) for an agent that is
    /// not there, late, or talks nonsense.
    bool has(base::BytesView key) const;
    /// What the key makes of these bytes, as SSH writes it; nothing of it is verified. Throws as above, and
    /// Error(not_authorized) where the agent refuses.
    base::Bytes sign(base::BytesView key, base::BytesView bytes) const;

private:
    base::Bytes ask(base::Bytes const& question, std::chrono::milliseconds limit) const;

    std::string m_socket;
    Limits m_limits;
};

/// Signs with a key of SSH that an agent holds: sign() gives an SSH signature in the namespace "consortium",
/// verified, and nothing else is ever asked of the agent. Its algorithm is "ssh", its public key the blob.
/// Throws Error(not_authorized) where there is no agent, or it does not have the key.
std::shared_ptr<port::Signer> make_agent_signer(port::KeyInfo const& key, KeyMeans const& means);

}  // namespace consortium::crypto
