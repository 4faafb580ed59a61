#pragma once

#include "core/flow/services.h"
#include "core/model/outcome.h"
#include "core/model/plan.h"

#include <map>

namespace consortium::flow {

/// What a backup is: a folder with journal.db, consortium.toml, keys/ and this, as backup.json. Its digests
/// find damage; who could forge them is kept out by the file modes. The head is signed by the journal's log
/// key.
struct BackupManifest {
    std::string member;
    std::string origin;
    base::Instant taken;
    std::string checkpoint;                     // the signed head of the copy; empty: of an empty journal
    std::map<std::string, base::Digest> files;  // by path below the folder: SHA-256
};

base::Json to_json(BackupManifest const& manifest);
/// Throws Error(malformed), also for a file that no backup has: nothing else is ever copied.
BackupManifest backup_manifest_from_json(base::Json const& value);

/// Notes in the journal what is done to the workspace as a whole. Why it could not be noted, where the
/// journal refuses to grow (before a recovery, say); empty: it was.
std::string note_if_possible(Services& services, model::Event const& event);

/// Throws Error(conflict) if the folder exists, and Error(not_found) if there is no folder to make it in.
void require_new_folder(base::Path const& folder);

/// `workspace backup DIR`: makes the folder (0700, files 0600), whole or not at all, and looks at it again:
/// every digest, every entry of the copied journal against its signed root. private/ (erasable keys) and out/
/// are left out. Notes the backup in the journal first, so that the copy is not behind it; where the journal
/// refuses to grow, it is copied all the same. Throws Error(conflict) if the folder exists.
model::Outcome workspace_backup(Services& services, Identity const& self, base::Path const& to);

/// Copies the files of a backup into an empty folder, with their modes. Throws Error(verification_failed)
/// where one is missing or not of its digest.
BackupManifest unpack_backup(base::Path const& from, base::Path const& to);

/// Whether a copy of the journal holds: the signed head is the manifest's, and the root that of the entries.
/// Throws Error(verification_failed).
void check_copy(port::Store const& copy, BackupManifest const& manifest, Services const& services);

/// What is known here of a restored copy.
struct Restored {
    enum class State { newest, behind, unknown } state = State::unknown;
    std::string words;
};

/// Compares a restored journal with the high-water mark of this host and with the exchange. Where one is set
/// and cannot be asked (`unread` says why it could not be opened), nobody knows.
Restored look_at_restored(Services const& services, Identity const& self, port::Exchange const* exchange,
                          std::string unread = {});

}  // namespace consortium::flow
