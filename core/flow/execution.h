#pragma once

#include "core/flow/intent.h"
#include "core/flow/proposal.h"

namespace consortium::flow {

/// What a final epoch has decided and nodes have to do (PROTOCOL P7).
struct Enacted {
    base::Digest proposal;
    model::Action action;         // release.upgrade, validator.add or validator.remove
    model::EpochReference epoch;  // that enacted it
    base::Instant earliest, lapses;
    bool back = false;               // `action` is the way back that was decided with an upgrade
    std::string track = "ordinary";  // a pause holds up neither an emergency nor a way back
};

/// Whether the proposal has passed and its effect is on nodes: plan_execution() has a plan for it.
bool is_for_nodes(State const& state, agreement::OpenProposal const& proposal);

/// The plan that executes a decision on one's own nodes: rules "timelock", "not lapsed", "not paused", "in
/// force" for an emergency, "network", "own nodes" and, for an upgrade, "release"; one step "node" for all of
/// them. Throws Error(unsupported) for an action that is not for nodes. `proposal execute` returns it. With
/// --rollback it goes back, on the nodes on which the upgrade was begun and nothing of it is under way any
/// more (rules "begun", "settled"), to the release that was decided for that; the danger is the proposal's
/// name.
model::Plan plan_execution(State const& state, model::Request const& request,
                           agreement::OpenProposal const& proposal);
model::Plan plan_enacted(State const& state, model::Request const& request, Enacted const& enacted);

/// Asks the nodes what the drivers' preflight says, before anything is confirmed or journaled. Throws
/// Error(refused) with the driver's reason; a plan without node steps passes.
void preflight(model::Plan const& plan, Services& services, Identity const& self);

/// How far a proposal's upgrade has come on each own node on which it was begun; the way back left out.
std::map<std::string, Progress> upgrades_begun(port::Store const& store, base::Digest const& proposal);

/// The tasks of a step "node", one a target.
std::vector<Task> tasks_of(model::Step const& step);

/// "node": settles the task of every target, each as far as it goes, before it reports what is left. Result
/// {targets:[{node, intent, state, witnesses}]}. Throws pending while other members must still act,
/// unconfirmed if a witness could not be asked, verification_failed if a witness shows what cannot be;
/// refused where a node was not begun and the decision, by the latest epoch and the clock, stands no more or
/// waits.
extern Applier const node_applier;

}  // namespace consortium::flow
