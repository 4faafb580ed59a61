#pragma once

#include "core/port/evidence.h"

namespace consortium::agreement {

/// What an act names and what is not held of it (PROTOCOL P2 step 7, P3): its references, the files and acts
/// that its body names, and for a candidate all that its document pins. The body must have been parsed.
std::vector<base::Digest> missing_references(port::Evidence const& evidence, model::Act const& act);

/// Every act and file that an act names, held or not: what who signs or relays it publishes with it.
struct Named {
    std::vector<base::Digest> acts, files;
};
Named named_by(port::Evidence const& evidence, model::Act const& act);

}  // namespace consortium::agreement
