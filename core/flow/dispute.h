#pragma once

#include "core/agreement/dispute.h"
#include "core/flow/apply.h"

namespace consortium::flow {

/// "d-" and the first six digits of its id: how people name a dispute.
std::string dispute_name(base::Digest const& id);
/// A dispute by "d-" and the first digits of its id, or of its appeal's. Throws Error(not_found), or
/// Error(conflict) naming the ones that fit.
agreement::DisputeView find_dispute(State const& state, std::string_view name);

/// The act that closed a dispute: what a proposal that rests on its finding names. Throws Error(refused)
/// while it is open.
base::Digest find_finding(State const& state, std::string_view name);

/// `dispute open MEMBER --title TEXT …`: with a salt that is drawn when it is signed, and kept here until it
/// is revealed.
model::Plan plan_dispute_open(State const& state, model::Request const& request);
/// `dispute submit DISPUTE`: a party's next step: its answer, its salt, whom it strikes.
model::Plan plan_dispute_submit(State const& state, model::Request const& request);
/// `dispute assign DISPUTE`: states the panel, or says for both that a party's time has passed.
model::Plan plan_dispute_assign(State const& state, model::Request const& request);
/// `dispute rule DISPUTE --finding upheld|dismissed --reasons TEXT …`, by one of the panel.
model::Plan plan_dispute_rule(State const& state, model::Request const& request);
/// `dispute appeal DISPUTE --text TEXT`
model::Plan plan_dispute_appeal(State const& state, model::Request const& request);
/// `dispute close DISPUTE [--withdraw | --no-appeal]`
model::Plan plan_dispute_close(State const& state, model::Request const& request);

model::Outcome dispute_list(State const& state, model::Request const& request);
model::Outcome dispute_show(State const& state, model::Request const& request);

/// Signs and appends the acts of a dispute that a step lists, one after the other. Detail:
///   {"acts":[{"kind","refs","body","salt","follows"}],"files":[{"path","digest"}]}
/// salt "commit": a new one is drawn and its commitment put into the body; "reveal": the body is the salt
/// that was kept for the commitment in "body". follows: it refers to the acts before it in this step too.
extern Applier const dispute_applier;

}  // namespace consortium::flow
