#pragma once

#include "core/flow/services.h"
#include "core/model/plan.h"

#include <set>

namespace consortium::flow {

/// What a node is called in certificates: the name itself, and the hosts by which it is reached if it is
/// known here.
std::set<std::string> hosts_of_node(port::Store const& store, std::string const& name);

/// What is done by hand once a certificate is renewed: at every node that this workspace knows whose URL has
/// a host which the certificate names, in an order in which the network stays up. `detail` is that of the
/// step (issue_step); nothing is done for one that renews none.
std::vector<model::ManualStep> certificate_rollout(State const& state, Services const& services,
                                                   base::Json const& detail);

}  // namespace consortium::flow
