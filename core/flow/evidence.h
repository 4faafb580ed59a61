#pragma once

#include "core/flow/services.h"
#include "core/flow/timestamp.h"
#include "core/journal/dossier.h"
#include "core/journal/note.h"
#include "core/model/outcome.h"
#include "core/model/plan.h"

namespace consortium::flow {

/// Which entries evidence is about, as it is stated in the file:
///   entries:100-250         {"kind":"entries","from":100,"to":250}: all of them, both ends included
///   time:FROM..TO           the same, with "since" and "until" (exclusive): what was received in that time
///   member:globex           {"kind":"member","member","before"}: the acts of a member among the first
///   `before` kind:ballot             {"kind":"kind","of","before"}: acts or events of a kind
///   proposal:p-3fa9c1       {"kind":"proposal","proposal"}: all that concerns it, see consortium-audit(1)
///   operation:o-12          {"kind":"operation","operation","before"}: its events, opened
struct EvidenceScope {
    base::JsonValue stated;
    std::vector<std::uint64_t> indexes;  // sorted, each once
    bool opens = false;                  // the bodies of events are disclosed
    bool files = false;                  // what acts name by digest goes with them
};

/// Throws Error(usage) for another word, Error(not_found) where nothing is.
EvidenceScope find_scope(State const& state, std::string const& text);
/// Everything about one proposal: see find_scope().
EvidenceScope proposal_scope(State const& state, std::string const& name);
/// The events in which an operation shows, and those of the intents that it began.
EvidenceScope operation_scope(State const& state, std::string const& operation);

/// A head of this journal that others have cosigned, with all their signatures on it.
struct CosignedHead {
    std::uint64_t size = 0;
    std::size_t cosigners = 0;
    std::string note;
};
/// Heads in an exchange that this journal contains and that members of the epoch have cosigned, by size.
std::vector<CosignedHead> cosigned_heads(State const& state, port::Verifier const& verifier,
                                         port::Exchange const& exchange);

/// The epochs that evidence brings, both ends included. The last is the latest when it was asked for.
struct EpochSpan {
    std::uint64_t first = 0, last = 0;
};
/// The content of a file of evidence: entries, the epochs that the keys stand in, and what else they need.
/// Throws Error(refused) where an entry needs an earlier epoch.
journal::Dossier gather(State const& state, EvidenceScope const& scope, std::string recipient,
                        EpochSpan const& span);
/// Whether the key of the journal's head stands in the epoch of this number: not before the one is final that
/// enacts the key of a new origin.
bool names_head_key(State const& state, std::uint64_t number);
/// What is to be said where it does not.
inline constexpr std::string_view unnamed_head_key =
    "no epoch names the key of this log yet: whoever verifies this needs it by another way, as 'consortium "
    "audit checkpoint' prints it";
/// Puts every path under the journal's present head, with the cosigned ones below it, and the timestamps of
/// heads that contain every entry (stamps_over()).
void seal(journal::Dossier& dossier, port::Store const& store, std::vector<CosignedHead> const& cosigned);

/// Where an exported file or folder is disclosed to somebody: what the log records of it.
struct Disclosure {
    std::string recipient;
    base::JsonValue scope;
    std::size_t entries = 0;
    base::Digest content;  // SHA-256 of journal::content_text(); of a whole log: its root
};
/// The body of the event of kind "disclosure".
base::Json to_json(Disclosure const& disclosure);

/// Subtrees of the journal's tree.
journal::SubtreeReader subtrees(port::Store const& store);

/// Where heads that others have cosigned may be found; null: nowhere.
struct Witnesses {
    port::Verifier const& verifier;
    port::Exchange const* exchange = nullptr;
};

/// `audit prove ENTRY`: a .tlog-proof file that stands alone; `audit prove FROM-TO` and `--proposal`: a file
/// of evidence; `--since SIZE`: a consistency proof. Its text is the outcome's only paragraph.
model::Outcome audit_prove(State const& state, Witnesses const& witnesses, model::Request const& request);

/// A check that was asked for is made or refused, never passed over. Throws Error(usage) where the request
/// has one of these arguments: "--NAME `why`", with the hint.
void refuse_arguments(model::Request const& request, std::initializer_list<char const*> names,
                      std::string_view why, std::string const& hint = "leave it out");

/// `audit verify FILE`: a proof, a checkpoint, a consistency proof or evidence, without a workspace. The keys
/// come with --key, or with --genesis or --epoch from the epochs in the file. `stamping` judges timestamps,
/// in evidence or of the head in a file (--timestamp); null: one that is there is named as not checked.
model::Outcome audit_verify_file(port::Verifier const& verifier, model::Request const& request,
                                 Stamping const* stamping = nullptr);

}  // namespace consortium::flow
