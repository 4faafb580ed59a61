#include "core/base/error.h"
#include "core/flow/execution.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace consortium::flow {

using base::Code;
using base::Error;

namespace {

/// The action that goes back, on the upgrade's own network.
model::Action way_back(agreement::OpenProposal const& proposal) {
    auto const& rollback = proposal.body.rollback;
    if (!rollback) {
        auto const name = model::short_name(proposal.id);
        throw Error(Code::refused, "no way back was decided with '" + name + "'",
                    "propose it: run 'consortium proposal open release.upgrade'");
    }
    return {"release.upgrade",
            base::JsonValue(base::Json{{"network", proposal.body.action.detail->at("network")},
                                       {"release", rollback->release},
                                       {"digest", rollback->digest.hex()}})};
}

}  // namespace

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
    bool const back = request.arguments->value("rollback", false);
    Enacted const enacted{proposal.id,
                          back ? way_back(proposal) : proposal.body.action,
                          model::reference(*epoch),
                          decision->earliest,
                          decision->lapses,
                          back,
                          proposal.body.track};
    auto plan = plan_enacted(state, request, enacted);
    if (back) plan.danger = name;
    return plan;
}

std::map<std::string, Progress> upgrades_begun(port::Store const& store, base::Digest const& proposal) {
    std::map<std::string, Progress> out;
    store.objects({.kind = "intent"}, [&](model::Object const& object) {
        auto const& data = *object.data;
        bool const is_upgrade = data.at("proposal") == proposal.hex() &&
                                data.at("kind") == "release.upgrade" &&
                                !data.at("detail").contains("rollback");
        if (is_upgrade)
            out[data.at("node").get<std::string>()] =
                read_intent(store, base::Digest::from_hex(object.name)).progress;
    });
    return out;
}

}  // namespace consortium::flow
