#pragma once

#include "core/driver/consensus/tally.h"

namespace consortium::driver::consensus {

/// What one look at a node shows.
struct Look {
    Header latest;
    int peers = 0;
    std::string version;
    bool syncing = false;
    /// Of a Raft cluster: who leads it, as the node sees it; "" if nobody does, or the node is no part of it.
    std::optional<std::string> leader;
};

/// A look, or why there is none.
struct LookResult {
    std::optional<Look> look;
    std::optional<base::Error> error;
};

/// One dialect of nodes: how they are asked and told. All methods throw Error(unavailable) for a node
/// that is down, slow or talks nonsense. Reading methods use the read URL, telling ones the admin URL.
class Client {
public:
    virtual ~Client() = default;
    /// The genesis identity of the node's network.
    virtual std::string genesis(model::Node const& node) = 0;
    /// Looks at all nodes at once; results in order.
    virtual std::vector<LookResult> look(std::span<model::Node const> nodes) = 0;
    /// Headers [first, last] with what was recomputed from them. Where headers do not list their set, it is
    /// folded from their votes, starting from what the node says held before.
    virtual Stretch headers(model::Node const& node, std::uint64_t first, std::uint64_t last) = 0;
    /// The validators after the latest block, as the node says.
    virtual std::vector<std::string> validators(model::Node const& node) = 0;
    /// Those who are live as the node says, where headers do not show it (Raft).
    virtual std::optional<std::vector<std::string>> live(model::Node const&) { return std::nullopt; }
    virtual std::vector<model::Peer> peers(model::Node const& node) = 0;
    /// The node's own address on the ledger.
    virtual std::string address(model::Node const& node) = 0;
    /// The node's own undiscarded proposals: address and whether to add it.
    virtual std::map<std::string, bool> pending(model::Node const& node) = 0;
    /// Tells the node to vote on `vote.subject`. A success reply proves nothing.
    virtual void propose(model::Node const& node, Vote const& vote, base::Digest const& intent) = 0;
    virtual void discard(model::Node const& node, std::string const& subject, base::Digest const& intent) = 0;
    /// Throws Error(unsupported) unless the software of nodes can be changed from here.
    virtual void upgrade(model::Node const& node, std::string const& version, base::Digest const& intent) = 0;
    /// Throws Error(unsupported) unless nodes can be made from here; idempotent.
    virtual void join(model::Node const& node) = 0;
    /// What is done on the node's machine, in order, so that it presents another certificate; none if it has
    /// none. The node is down for a moment.
    virtual std::vector<std::string> install_certificate(model::NewCertificate const&) const { return {}; }
    /// The changes beyond votes that this dialect can make: "release.upgrade", "node.join".
    virtual std::vector<std::string> extras() const { return {}; }
};

}  // namespace consortium::driver::consensus
