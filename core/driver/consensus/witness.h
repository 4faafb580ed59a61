#pragma once

#include "core/driver/consensus/client.h"

namespace consortium::driver::consensus {

/// The last block of a stretch that is as good as final, and what held before it, to walk from later:
/// {"block","hash","engine","validators","votes"}.
base::Json make_pin(Stretch const& stretch);

/// Whether the set has become what the change says: read from sealed headers of the node and of each
/// witness, from the pinned block on ("pin" in the change's detail, see make_pin). Throws Error(unsupported)
/// for an engine whose set is not changed by votes.
model::Confirmation confirm_set(Client& client, model::Node const& node, model::NodeChange const& change,
                                std::vector<model::Node> const& witnesses);

/// Whether nothing about the subject is left among the node's own proposals (G2); what is left on the
/// witnesses is told, since only their owners can discard it.
model::Confirmation confirm_discard(Client& client, model::Node const& node, model::NodeChange const& change,
                                    std::vector<model::Node> const& witnesses);

/// Whether the node says that it runs the version. Local to the node: nobody else can confirm it.
model::Confirmation confirm_version(Client& client, model::Node const& node, model::NodeChange const& change);

/// Whether the node is there and has an address.
model::Confirmation confirm_member(Client& client, model::Node const& node);

}  // namespace consortium::driver::consensus
