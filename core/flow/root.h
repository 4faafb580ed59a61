#pragma once

#include "core/flow/apply.h"
#include "core/flow/rotation.h"

namespace consortium::flow {

/// `root rotate [--type --lifetime --roster --threshold --date]`, or `--emergency --reason --since --leave`:
/// proposes the plan of a rotation.
model::Plan plan_root_rotate(State const& state, model::Request const& request);
/// `root prepare [--no-passphrase]`: the new key, and everything that will be signed. While what was prepared
/// waits for approval: prepares it anew. Once the old root is distrusted: that its key be destroyed.
model::Plan plan_root_prepare(State const& state, model::Request const& request);
/// `root sign [DIGEST]`: what enough officers approved, and nothing else (G25, G26).
model::Plan plan_root_sign(State const& state, model::Request const& request);
/// `root distribute`: proposes the held trust bundle for the next epoch. Phase 1 ends with the shares:
/// pending while a custodian of the plan keeps none of the new key.
model::Plan plan_root_distribute(State const& state, Services const& services, model::Request const& request);
/// `root switch [--waive]`: prepares that chains are presented under the new root. Refused until every node
/// trusts it.
model::Plan plan_root_switch(State const& state, model::Request const& request);
/// `root distrust [--waive]`: prepares that the old root is trusted no more.
model::Plan plan_root_distrust(State const& state, model::Request const& request);
/// `root rollback --reason TEXT`: one phase back, as a higher version of the bundle.
model::Plan plan_root_rollback(State const& state, model::Request const& request);
/// `root destroy`: destroys the old root's key, and what is here of its shares, once that is prepared,
/// approved and witnessed.
model::Plan plan_root_destroy(State const& state, Services const& services, model::Request const& request);
/// `root show`: phase, have and need, who is missing, the shares of both keys, the next command.
model::Outcome root_show(State const& state, Services const& services);
/// `root verify FILE`: what a ceremony manifest would have signed, item by item, before it is approved.
model::Outcome root_verify(State const& state, port::Certifier const& certifier,
                           model::Request const& request);

/// What is prepared: a stage, how a new key is kept ("passphrase" or "none"), and nodes for which it does not
/// wait ("globex/node-1: reason").
struct Preparation {
    std::string stage, protection;
    std::vector<std::string> waived;
};
/// The steps by which a stage is prepared: what it does is fixed, written to out/ and stated to the members.
void add_preparation(State const& state, Rotation const& rotation, Preparation const& wanted,
                     model::Plan& plan);
/// The step by which the keeper states what its object of the rotation says by then.
model::Step statement_step(std::string const& about, base::Json facts, std::string summary);

/// "root.prepare" {rotation, stage, protection, waived}, "root.manifest" {path}, "root.sign" {digest},
/// "root.state" {about, facts}, "root.destroy" {digest}.
extern Applier const root_prepare_applier;
extern Applier const root_manifest_applier;
extern Applier const root_sign_applier;
extern Applier const root_state_applier;
extern Applier const root_destroy_applier;

}  // namespace consortium::flow
