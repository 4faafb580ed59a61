#pragma once

#include "core/flow/apply.h"
#include "core/model/node.h"

namespace consortium::flow {

/// A node as this workspace knows it: how to reach it, and which network it showed.
struct KnownNode {
    model::Node node;
    std::string identity;  // of its network, as it said when it was added; empty: not asked
};

/// The node by its name. Throws Error(not_found) with the next command.
KnownNode find_node(port::Store const& store, std::string const& name);
/// All nodes, or those of one network, by name.
std::vector<KnownNode> known_nodes(port::Store const& store, std::string const& network = {});
/// What `member` has on the network, and what the others have there: the witnesses.
std::vector<model::Node> own_nodes(port::Store const& store, std::string const& network,
                                   std::string const& member);
std::vector<model::Node> witnesses(port::Store const& store, std::string const& network,
                                   std::string const& member);

model::Plan plan_node_add(State const& state, model::Request const& request);
model::Plan plan_node_remove(State const& state, model::Request const& request);
model::Outcome node_list(State const& state, model::Request const& request);
model::Outcome node_show(State const& state, model::Request const& request);

/// These ask nodes. A node that is down is Error(unavailable).
model::Outcome node_peers(State const& state, Services& services, model::Request const& request);
model::Outcome node_validators(State const& state, Services& services, model::Request const& request);
model::Outcome node_finality(State const& state, Services& services, model::Request const& request);

/// "node.add": asks the node who and where it is, makes it if it is one of our own rehearsal nodes, journals
/// it. Detail {node, identity|null}; result {node, identity, address}. Refuses a node of another network
/// (G32).
extern Applier const node_add_applier;

}  // namespace consortium::flow
