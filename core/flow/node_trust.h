#pragma once

#include "core/flow/services.h"
#include "core/model/outcome.h"
#include "core/model/plan.h"

namespace consortium::flow {

/// Where nodes are: {member: {node: {"url","pin"}}}, what the epoch pins, then the nodes that are known here,
/// each under its own name. Simulated nodes are nowhere.
base::Json known_endpoints(State const& state);

/// `node trust [NODE] --old FILE --new FILE --within DUR`: what the nodes' endpoints present to anybody, and
/// who trusts it: whoever has the old roots alone, the new ones alone, or both. The endpoints are those that
/// the epoch pins and those of the nodes that are known here. Without files the last root of the agreed trust
/// bundle is the new one and those before it are the old ones; where there is one only, it is both.
model::Outcome node_trust(State const& state, Services const& services, model::Request const& request);

}  // namespace consortium::flow
