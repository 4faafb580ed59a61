#pragma once

#include "core/flow/apply.h"
#include "core/flow/root_record.h"

namespace consortium::flow {

/// `root transcript --to FOLDER`: writes the ceremony's transcript: as a page, as canonical JSON, signed by
/// this workspace's officer (DSSE), and the proofs of all acts that it cites.
model::Plan plan_root_transcript(State const& state, Software const& software, model::Request const& request);

/// "root.transcript": detail {folder, version, sha256}.
extern Applier const root_transcript_applier;

}  // namespace consortium::flow
