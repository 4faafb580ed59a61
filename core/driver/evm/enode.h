#pragma once

#include "core/port/hash.h"

#include <optional>

namespace consortium::driver::evm {

/// Where a node listens and which key it has: enode://ID@HOST:PORT?discport=N&raftport=N.
struct Enode {
    std::string id;    // 128 lower-case hexadecimal digits: a point of secp256k1, x ‖ y
    std::string host;  // an address as RFC 5952 writes it, without brackets, or a host name in lower case
    std::uint16_t port = 0;                  // 0: does not listen
    std::uint16_t discovery_port = 0;        // 0: is not to be discovered
    std::optional<std::uint16_t> raft_port;  // GoQuorum with raft

    /// As Besu and GoQuorum write it: discport only where it differs from the port.
    std::string text() const;
    /// Equal in everything, as Besu compares when an entry of its allowlist is added or removed.
    bool operator==(Enode const&) const = default;
};

/// Nodes do not take host names unless they were started to.
enum class HostNames { refused, allowed };

/// Reads one, strictly: nothing before, after or between that is not of the form. Throws Error(malformed)
/// that says what is wrong, above all for an id that is no key.
Enode read_enode(std::string_view text, HostNames names = HostNames::refused);

/// The account that seals with the node's key: the last 20 bytes of the hash of its id.
std::string address_of(Enode const& enode, port::Hash keccak256);

/// Whether an allowlist that has the one lets the other connect: the same key, host and listening port,
/// whatever the discovery port.
bool is_same_peer(Enode const& left, Enode const& right);

}  // namespace consortium::driver::evm
