#pragma once

#include "core/flow/root_acknowledge.h"
#include "core/flow/services.h"
#include "core/model/outcome.h"
#include "core/port/node_guide.h"

namespace consortium::flow {

/// What the bundle in force asks of nodes, compared with the one that an epoch carried before it; without
/// one, with the root from which the rotation goes away.
port::TrustChange trust_change(State const& state, Rotation const& rotation);

/// A node that is to be kept out until it has followed, after an emergency.
struct Quarantined {
    FollowingNode node;
    std::string kind;                // empty: it is not known here
    std::vector<std::string> steps;  // how
};
/// None unless members have agreed on the bundle of an emergency: then every node of which its member has not
/// said that it trusts it, and that is not waived.
std::vector<Quarantined> quarantined(State const& state, Rotation const& rotation,
                                     port::NodeGuide const& guide);

/// `root nodes [--all]`: node by node, in order, what its owner does for the bundle in force: which files are
/// placed, what is restarted, how many may be down meanwhile, how it is confirmed from outside, and what is
/// stated then. Of this member's nodes, or of all members'. Asks one node of each network who its voters are.
model::Outcome root_nodes(State const& state, Services& services, port::NodeGuide const& guide,
                          model::Request const& request);

}  // namespace consortium::flow
