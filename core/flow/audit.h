#pragma once

#include "core/flow/services.h"
#include "core/flow/timestamp.h"
#include "core/journal/note.h"
#include "core/model/outcome.h"
#include "core/model/plan.h"

namespace consortium::flow {

/// Who has signed this journal: the verifier key of its log. Throws Error(not_found) without a log key.
journal::NoteKey own_log_key(Services const& services);

/// The index of the entry that a person named: an entry's number, or "p-" and the first digits of an act's
/// id (at least six), or the digits alone. Throws not_found, or malformed where more than one begins so.
std::uint64_t find_entry(port::Store const& store, std::string const& name);

/// `audit log`: --kind (an act's or event's kind, or act, event, checkpoint), --member, --since, --limit.
/// The newest entries that match, oldest first; with --from those from that index on. --cef: as lines of the
/// Common Event Format. Data "from": the index to go on from.
model::Outcome audit_log(State const& state, model::Request const& request);
/// `audit show ENTRY`: what an entry holds; of an event also the part that is not public.
model::Outcome audit_show(State const& state, model::Request const& request);
/// `audit checkpoint`: the signed head. The note is the outcome's only paragraph.
model::Outcome audit_checkpoint(Services const& services, model::Request const& request);

/// `audit verify [--projection]`: the storage, the head's signature, a rehash of every stored byte, the
/// commitments of events, the signature of every act under its epoch's key, the high-water mark, timestamps
/// (`stamping` null: these are not looked at). Everything that does not hold is named.
model::Outcome audit_verify(Services& services, model::Request const& request,
                            Stamping const* stamping = nullptr);

}  // namespace consortium::flow
