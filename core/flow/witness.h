#pragma once

#include "core/base/file.h"
#include "core/journal/checkpoint.h"
#include "core/model/outcome.h"
#include "core/port/exchange.h"

namespace consortium::flow {

/// Somebody who cosigns the heads of logs, with no workspace: what it was told of a log, and what it keeps.
struct Witness {
    std::string name;      // of its key in notes
    journal::NoteKey log;  // whose heads it cosigns
    base::Path state;      // a folder of its own, with the last head cosigned of each log; made if absent
};

enum class Signing { yes, only_look };

/// `audit witness`: reads the head in `tree` below `folder` (empty, or ending in '/'), and cosigns it if its
/// log has signed it and it continues, by the tree's tiles, the head that was cosigned last. What is signed
/// is durable in the state before it is returned as data "note". Throws Error(not_found) where there is no
/// head, Error(verification_failed) for one that is not signed, has forked (both heads are kept in the
/// state) or has gone back.
model::Outcome audit_witness(Witness const& witness, port::Exchange const& tree, std::string const& folder,
                             port::Signer& signer, port::Verifier const& verifier, base::Instant now,
                             Signing signing);

}  // namespace consortium::flow
