#pragma once

#include "core/base/file.h"
#include "core/model/outcome.h"

namespace consortium::cli {

class Session;

/// Whether this is FILE.sig, NAME.dsse.json, or a folder for such files: acts that were signed elsewhere, and
/// no bundle.
bool holds_acts(base::Path const& place);
/// Takes in what lies there.
model::Outcome import_signed(Session& session, base::Path const& place);

}  // namespace consortium::cli
