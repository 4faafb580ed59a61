#pragma once

#include "core/flow/services.h"
#include "core/model/node.h"
#include "core/model/outcome.h"

#include <functional>

namespace consortium::flow {

struct NodeHealth {
    model::Node node;
    port::HealthResult result;
};

/// All nodes that are known here, or the one that "operand" names, asked at once. Where several nodes of a
/// network answer, each has the finding "keeps up": whether it is near the highest block that was seen.
std::vector<NodeHealth> ask_health(State const& state, Services& services, model::Request const& request);

/// Adds that finding. A node that is more than 10 blocks behind follows a chain of its own, or none.
void compare_heights(std::vector<NodeHealth>& all);

/// A node that is down gives the status unavailable, one that is not well verification_failed.
model::Outcome health_outcome(std::vector<NodeHealth> const& all);

/// `node health [NODE]`. Of a single node that is down the Error(unavailable) is thrown.
model::Outcome node_health(State const& state, Services& services, model::Request const& request);

/// What ends a watch by itself.
enum class HealthEnd { never, well, wrong };

struct HealthWatch {
    HealthEnd until = HealthEnd::never;
    base::Duration every{10};
    std::optional<std::int64_t> rounds;  // at most so many looks; none: no bound
};

/// What watching needs of whoever runs it.
struct WatchedNodes {
    std::function<std::vector<NodeHealth>()> look;
    std::function<void(model::Outcome const&, std::vector<std::string> const& news)> show;
    std::function<void(base::Duration)> pause;
};

/// Looks again and again; shows the first look, and each in which a node is in another state than before or
/// something else is wrong with it. Returns the last look; its status is pending where `rounds` ended before
/// what was waited for came.
model::Outcome watch_health(HealthWatch const& watch, WatchedNodes const& watched);

/// `node metrics [NODE]`: the same in Prometheus' text format, for its node exporter's folder or a web
/// server. What is wrong is said in it, so that the command succeeds.
model::Outcome node_metrics(State const& state, Services& services, model::Request const& request);

}  // namespace consortium::flow
