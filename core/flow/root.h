#pragma once

#include "core/flow/apply.h"
#include "core/flow/authority.h"
#include "core/model/root.h"

namespace consortium::flow {

/// A root rotation under way. Object kind "root", named by the new generation: "g2".
struct Rotation {
    std::string name;
    std::string state;                    // proposed | prepared | signed | distributed
    base::Digest plan;                    // file: model::RotationPlan
    std::string proposer;                 // officer
    std::optional<base::Digest> approve;  // file: model::CeremonyManifest, the digest that officers approve
    std::optional<base::Digest> bundle;   // file: the trust bundle with the new root
    std::uint64_t version = 0;
};

model::Object to_object(Rotation const& rotation);
Rotation rotation_from_object(model::Object const& object);
/// The newest rotation. Throws Error(not_found): run 'consortium root rotate'.
Rotation rotation(port::Store const& store);
model::RotationPlan rotation_plan(port::Store const& store, Rotation const& rotation);
/// The manifest that was prepared, its digest checked. Throws Error(refused) before `root prepare`.
model::CeremonyManifest manifest(port::Store const& store, Rotation const& rotation);

/// Where the members stand on a proposal of an action with this detail: allowed once it is decided, final and
/// its timelock has passed; pending while it is open, refused when it failed or nobody proposed it.
model::Verdict consent(State const& state, std::string_view action, base::Json const& detail);

/// `root rotate [--type --lifetime]`: proposes the plan of a rotation.
model::Plan plan_root_rotate(State const& state, model::Request const& request);
/// `root prepare [--no-passphrase]`: the new key, and everything that will be signed.
model::Plan plan_root_prepare(State const& state, model::Request const& request);
/// `root sign [DIGEST]`: what enough officers approved, and nothing else (G25, G26).
model::Plan plan_root_sign(State const& state, model::Request const& request);
/// `root distribute`: proposes the held trust bundle for the next epoch.
model::Plan plan_root_distribute(State const& state, model::Request const& request);
/// `root show`: phase, have and need, who is missing, the next command.
model::Outcome root_show(State const& state);
/// `root verify FILE`: what a ceremony manifest would have signed, item by item, before it is approved.
model::Outcome root_verify(port::Certifier const& certifier, model::Request const& request);

/// "root.prepare" {rotation, protection}, "root.manifest" {rotation, path}, "root.sign" {rotation, digest}.
extern Applier const root_prepare_applier;
extern Applier const root_manifest_applier;
extern Applier const root_sign_applier;

}  // namespace consortium::flow
