#pragma once

#include "core/flow/services.h"

#include <map>

namespace consortium::flow {

/// Acts by id with what a report cites them for, each once.
using Citations = std::map<base::Digest, std::string>;

/// The commits by which an epoch became final here.
void cite_commits(State const& state, std::uint64_t epoch, Citations& cited);
/// The final epoch that holds the result of a proposal, and the result; null: none does.
std::shared_ptr<model::Epoch const> deciding_epoch(State const& state, base::Digest const& proposal,
                                                   model::Result const*& result);

/// The cited acts in the journal's order, each with a proof that it is in this workspace's journal: the text
/// of a .tlog-proof file that stands alone. A list of {"id","name","kind","member","officer","received",
/// "index","why","file","proof"}.
base::Json cited_acts(port::Store const& store, Citations const& cited, port::Head const& head);
/// The head under which they are proven: {"origin","size","root","checkpoint","vkey"}.
base::Json journal_record(Services& services, port::Head const& head);
/// Writes each proof into the folder.
void write_proofs(base::Path const& folder, base::Json const& acts);

/// A report as an officer signs it.
struct SignedReport {
    std::string text;           // canonical JSON: its SHA-256 is the digest
    std::string envelope;       // DSSE, the report its payload
    base::JsonValue signature;  // for people: {"member","officer","key","algorithm","digest"}
};
/// Signs with the key of this workspace's officer. Throws Error(not_authorized).
SignedReport sign_report(State const& state, Services& services, base::Json const& report,
                         std::string_view payload_type);

}  // namespace consortium::flow
