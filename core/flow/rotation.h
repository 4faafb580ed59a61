#pragma once

#include "core/agreement/result.h"
#include "core/flow/approval.h"
#include "core/model/ceremony.h"
#include "core/model/proposal.h"
#include "core/model/root.h"

namespace consortium::flow {

/// A root rotation as far as it is known here: in the keeper's workspace, which has the roots' keys, the
/// object of kind "root" that is named by the new generation; elsewhere what the keeper has stated of it.
struct Rotation {
    std::string name;    // "g2"
    std::string stage;   // model::stages()
    std::string state;   // of the stage: proposed | prepared | signed | distributed | agreed; over:
                         // destroyed | withdrawn | abandoned
    std::string before;  // the stage to which this one goes back while nothing of it is signed; may be empty
    std::int64_t attempt = 0;             // of the manifest that was prepared last
    base::Digest plan;                    // file: model::RotationPlan
    std::string proposer;                 // officer
    std::string keeper;                   // member
    std::optional<base::Digest> approve;  // file: model::CeremonyManifest, the digest that officers approve
    std::optional<base::Digest> bundle;   // file: the trust bundle that the last stage has made
    std::uint64_t version = 0;            // of the object; 0: it is another member's rotation

    bool is_over() const { return state == "destroyed" || state == "withdrawn" || state == "abandoned"; }
    bool is_at(std::string_view wanted_stage, std::string_view wanted_state) const {
        return stage == wanted_stage && state == wanted_state;
    }
};

inline constexpr std::string_view root_rule = "root";  // of the charter's approval rules

model::Object to_object(Rotation const& rotation);
Rotation rotation_from_object(model::Object const& object);
/// The newest rotation of this workspace's roots; none: none was begun.
std::optional<Rotation> own_rotation(port::Store const& store);
/// The same. Throws Error(not_found): run 'consortium root rotate'; Error(refused) where it is another's.
Rotation require_own_rotation(State const& state);
/// The newest rotation of which its keeper has told, by what was stated alone: as every other member sees it.
std::optional<Rotation> stated_rotation(State const& state);
bool has_rotation(State const& state);
/// The newest rotation that is known here: one's own, else that. Throws Error(not_found).
Rotation rotation(State const& state);

model::RotationPlan rotation_plan(port::Store const& store, Rotation const& rotation);
/// The manifest that was prepared, its digest checked. Throws Error(refused) before `root prepare`.
model::CeremonyManifest manifest(port::Store const& store, Rotation const& rotation);
/// What officers approve of it now. Throws Error(refused) where nothing waits for approval.
ApprovalSubject approval_subject(Rotation const& rotation);

/// The proposals of exactly this action, newest last.
std::vector<agreement::OpenProposal> proposals_of(State const& state, model::Action const& action);
/// Where the members stand on an action with this detail: allowed once it is decided, final and its timelock
/// has passed; pending while it is open, refused when it failed or nobody proposed it.
model::Verdict consent(State const& state, std::string_view action, base::Json const& detail);
/// The proposal of the plan, to which everything that is stated of the rotation refers: one that has passed
/// where there are several. Throws Error(not_found).
base::Digest opening_of(State const& state, Rotation const& rotation);

/// What was stated of a rotation, in the journal's order.
struct HeldNotice {
    model::StoredAct act;
    model::CeremonyNotice notice;
};
std::vector<HeldNotice> notices_of(State const& state, base::Digest const& plan);

/// The stage that a rotation is at once members have agreed on what this one has made: "switch" after
/// "restore"; empty: it is over.
std::string_view stage_after(std::string_view stage);
/// Members have agreed on what the stage has made. In an emergency the old root goes with the first bundle.
void settle(port::Store const& store, Rotation& rotation);
/// "3 switch: chains are presented under the new root".
std::string phase_words(Rotation const& rotation);

}  // namespace consortium::flow
