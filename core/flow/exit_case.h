#pragma once

#include "core/flow/services.h"
#include "core/model/exit.h"
#include "core/model/proposal.h"

namespace consortium::flow {

/// A member that gave notice, or was given notice.
struct ExitCase {
    model::StoredAct act;
    model::ExitNotice notice;
};

/// All notices that hold, in the order of the journal: a voluntary one is the member's own, any other is
/// another member's. A member has at most one.
std::vector<ExitCase> exit_cases(port::Store const& store);
/// Throws Error(not_found) with the next command.
ExitCase exit_case(State const& state, std::string_view member);

/// "member.exit" for a voluntary exit, else "member.remove".
model::Action exit_action(model::ExitNotice const& notice);

/// A proposal that would end the membership (or did), if there is one; the latest.
struct ExitProposal {
    base::Digest id;
    std::string state;  // open | passed | failed | void
};
std::optional<ExitProposal> exit_proposal(State const& state, model::ExitNotice const& notice);

/// What a gate looks at.
struct GateInput {
    State const& state;
    ExitCase const& exit;
    Services& services;
};

/// Every gate, in the order in which they are passed: notice, obligations, settlement, quorum, certificates,
/// validator. Asks the nodes that are known here; what cannot be seen from this workspace is pending.
std::vector<model::ExitGate> exit_gates(GateInput const& input);

model::ExitGate notice_gate(GateInput const& input);
model::ExitGate obligations_gate(GateInput const& input);
model::ExitGate settlement_gate(GateInput const& input);
model::ExitGate quorum_gate(GateInput const& input);
model::ExitGate certificates_gate(GateInput const& input);
model::ExitGate validator_gate(GateInput const& input);

/// The gates that a decision of the members may do without.
bool can_waive(std::string_view gate);

}  // namespace consortium::flow
