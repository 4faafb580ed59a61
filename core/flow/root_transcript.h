#pragma once

#include "core/flow/apply.h"
#include "core/flow/root_record.h"

namespace consortium::flow {

/// `root transcript --to FOLDER [--cms CERTIFICATE]`: writes the ceremony's transcript: as a page, as
/// canonical JSON, signed by this workspace's officer (DSSE) and by a certificate (CMS), and the proofs of
/// all acts that it cites. Throws what file_signer() does.
model::Plan plan_root_transcript(State const& state, Services const& services, Software const& software,
                                 model::Request const& request);

/// "root.transcript": detail {folder, version, sha256, cms: to_json(FileSigner) or null}.
extern Applier const root_transcript_applier;

}  // namespace consortium::flow
