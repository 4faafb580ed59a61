#pragma once

#include "core/base/file.h"
#include "core/model/node.h"
#include "core/model/plan.h"

#include <memory>
#include <span>

namespace consortium::port {

/// A node's health, or why it could not be asked.
struct HealthResult {
    std::optional<model::Health> health;
    std::string unreachable;
};

/// Speaks to nodes of one kind. What a driver cannot do throws Error(unsupported) and names it; a node that
/// is down, slow or talks nonsense is Error(unavailable).
class NodeDriver {
public:
    virtual ~NodeDriver() = default;
    virtual std::vector<std::string> capabilities() const = 0;  // "health", "peers", "change:validator.add" …
    /// The network that the node really is on: its genesis identity (P1).
    virtual model::Network network(model::Node const& node) = 0;
    /// Who the node is on the ledger, as it says itself.
    virtual std::string address(model::Node const& node) = 0;
    virtual model::Health health(model::Node const& node) = 0;
    /// Asks all nodes at once; results in order. A node that cannot be asked spoils no other.
    virtual std::vector<HealthResult> health_all(std::span<model::Node const> nodes) = 0;
    virtual std::vector<model::Peer> peers(model::Node const& node) = 0;
    virtual std::vector<model::Validator> validators(model::Node const& node) = 0;
    virtual model::Finality finality(model::Node const& node) = 0;
    /// Steps on `node` that bring the change about, after all preflight checks. Refuses (Error(refused)) what
    /// can be seen to have no effect or to halt the network (G1, G3). `witnesses` are the other members'
    /// nodes.
    virtual std::vector<model::NodeStep> plan_change(model::Node const& node, model::NodeChange const& change,
                                                     std::vector<model::Node> const& witnesses) = 0;
    /// What people do so that the node presents another certificate, in order. Asks nobody. Empty for a node
    /// that presents none.
    virtual std::vector<model::ManualStep> install_certificate(
        model::Node const& node, model::NewCertificate const& certificate) const = 0;
    /// Submits one step. Returning means "submitted", never "done". A step sent again with the same intent
    /// has one effect: the node enforces it, or the call sets a state that it may set again.
    virtual void apply_step(model::Node const& node, model::NodeStep const& step,
                            base::Digest const& intent) = 0;
    /// Looks at sealed headers and the witnesses: whether the change holds now (PROTOCOL P7).
    virtual model::Confirmation confirm(model::Node const& node, model::NodeChange const& change,
                                        std::vector<model::Node> const& witnesses) = 0;
};

}  // namespace consortium::port
