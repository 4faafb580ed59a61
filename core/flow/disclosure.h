#pragma once

#include "core/flow/apply.h"

namespace consortium::flow {

/// `audit export --for NAME --to PLACE (--scope SCOPE | --all)`: what leaves this workspace for somebody, and
/// an event that says so, which is durable before anything can be seen. Arguments: for, to, scope, all,
/// epochs-from, exchange (where cosigned heads are looked for; "": all that is configured; left out:
/// nowhere). Throws Error(usage), Error(not_found), Error(conflict) where the folder exists.
model::Plan plan_audit_export(State const& state, model::Request const& request);

/// "disclosure": journals what is disclosed to whom. Detail {name, to, scope, entries, content}; result
/// {"index","name"}.
extern Applier const disclosure_applier;
/// "evidence": writes the file of a disclosure that was journaled, with words on how it is verified beside
/// it. Detail {disclosure, for, scope, indexes, opens, files, epochs [first, last], path, exchange}; result
/// {"path","digest","size"}.
extern Applier const evidence_applier;
/// "evidence.folder": writes the whole log as a folder that needs no program of ours. Detail {disclosure,
/// path, exchange}; result {"path","entries"}.
extern Applier const evidence_folder_applier;

/// The record of a disclosure, opened: what lies in the folder of a whole log as disclosure.json.
std::string disclosure_text(port::Store const& store, model::Object const& disclosure);
/// A log as files, into an empty place: tiles, entries, acts with what was signed and with what, epochs,
/// files, an index, words on how to check it with other programs. `exchange`: where heads that others have
/// cosigned are looked for; null: nowhere.
void write_log_folder(Services const& services, Identity const& self, model::Object const& disclosure,
                      port::Exchange& into, port::Exchange const* exchange);

}  // namespace consortium::flow
