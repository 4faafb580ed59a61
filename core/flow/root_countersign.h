#pragma once

#include "core/flow/apply.h"
#include "core/flow/root_export.h"

/// Officers sign the metadata by which a stock TUF client follows the trust bundle: flow/tuf.h.
namespace consortium::flow {

/// `root countersign [--version N]`: signs, with the officer's own keys, every document of TUF's that waits
/// for them: of each version that an epoch has carried its four, and the root of the version after it.
model::Plan plan_root_countersign(State const& state, port::Certifier const& certifier,
                                  model::Request const& request);

/// `root export --type tuf [--version N]`: the files, or no file and who is missing: status pending, or
/// refused where there are too few who could.
struct TufExport {
    Files files;
    model::Outcome outcome;
};
TufExport export_tuf(State const& state, Services const& services, model::Request const& request);

/// "countersign": detail {format, about, documents: [{role, key, text}]}; result {"id","kind","documents"}.
extern Applier const countersign_applier;

}  // namespace consortium::flow
