#include "core/base/error.h"
#include "core/flow/execution.h"

#include <fmt/format.h>

namespace consortium::flow {

using base::Code;
using base::Error;

bool is_for_nodes(State const& state, agreement::OpenProposal const& proposal) {
    auto const& kind = proposal.body.action.kind;
    if (kind != "release.upgrade" && kind != "validator.add" && kind != "validator.remove") return false;
    auto const decision = decided(state, proposal);
    return decision && decision->result.outcome == "passed";
}

model::Plan plan_execution(State const& state, model::Request const& request,
                           agreement::OpenProposal const& proposal) {
    auto const name = model::short_name(proposal.id);
    auto const decision = decided(state, proposal);
    if (!decision) {
        throw Error(Code::pending, "'" + name + "' is not decided by a final epoch yet",
                    "run 'consortium proposal tally " + name + "'");
    }
    if (decision->result.outcome != "passed") {
        throw Error(Code::refused, fmt::format("'{}' was decided: {}", name, decision->result.outcome),
                    "run 'consortium proposal show " + name + "'");
    }
    auto const epoch = state.store.epoch(decision->epoch);
    return plan_enacted(
        state, request,
        {proposal.id, proposal.body.action, model::reference(*epoch), decision->earliest, decision->lapses});
}

}  // namespace consortium::flow
