#pragma once

#include "core/flow/services.h"
#include "core/model/plan.h"

namespace consortium::flow {

/// `node pin NODE [--url URL] [--pin DIGEST] [--probe] [--within DUR]`: this member says to all where one of
/// its nodes presents itself and, if it likes, with which key (SHA-256 of the SPKI DER). The url is by
/// default that of the node that is known here. With --probe the key is the one that is presented there now;
/// with --pin as well, it must be that one.
model::Plan plan_node_pin(State const& state, Services const& services, model::Request const& request);
/// `node unpin NODE`: takes that back. Throws Error(not_found) for a node that is not pinned.
model::Plan plan_node_unpin(State const& state, model::Request const& request);

}  // namespace consortium::flow
