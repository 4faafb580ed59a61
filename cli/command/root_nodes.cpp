#include "cli/command/root_nodes.h"

#include "core/driver/guide.h"
#include "core/flow/root_nodes.h"

namespace consortium::cli {

model::Outcome root_nodes(Session& session, model::Request const& request) {
    return flow::root_nodes(session.state(), session.services(), driver::node_guide(), request);
}

}  // namespace consortium::cli
