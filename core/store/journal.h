#pragma once

#include "core/base/file.h"
#include "core/port/clock.h"
#include "core/port/entropy.h"
#include "core/port/signer.h"
#include "core/port/store.h"
#include "core/store/layout.h"

#include <memory>

namespace consortium::store {

struct JournalOptions {
    base::Path path;          // of journal.db
    base::Path state_folder;  // holds <origin>/high-water, outside the workspace; empty: none is kept
    std::string origin;       // the first line of the checkpoints, e.g. "acme/1f2e3d4c"
    port::Clock const* clock = nullptr;
    port::Entropy* entropy = nullptr;
    port::Verifier const* verifier = nullptr;
    /// Opens the log key (Ed25519); called once, before the first write takes the lock, so that it may ask a
    /// person.
    std::function<std::shared_ptr<port::Signer>()> log_key;
    int lock_seconds = 30;
};

/// Makes the database of a new workspace. Throws Error(conflict) if the file exists.
void create_journal(base::Path const& path);

/// What a migration has done.
struct Migrated {
    std::int64_t from = 0;   // the layout that the journal had; layout_version: there was nothing to do
    base::Path kept;         // the journal as it was; empty where there was nothing to do
    std::uint64_t size = 0;  // entries; 0 where there was nothing to do
    base::Digest root;       // as before
};

/// The layout of a journal of ours, older and newer ones too. Throws Error(not_found),
/// Error(verification_failed) where it is damaged or no journal.
std::int64_t journal_layout(base::Path const& path);

/// Writes a journal of an older layout anew in this one: entries, files and notes as they are stored, the
/// projection folded from the entries. The root must come out as the signed head has it (whose signature is
/// not looked at). A copy of the old file stays beside the new one as <path>.layout-<N>; a program that still
/// has the old one open finds it marked, and cannot go on with it. Killed at any instant, either the old
/// journal or the new one is there, whole. Throws Error(too_new), Error(busy) while another process writes,
/// Error(conflict) where <path>.layout-<N> is something else, Error(verification_failed) where the entries do
/// not give the root.
Migrated migrate_journal(base::Path const& path, int lock_seconds);

/// Marks the journal in this file as a copy from a backup, taken at `taken`: every write is refused until a
/// person has said what is to become of it (Store::begin_origin, Store::trust_copy).
void mark_copy(base::Path const& path, std::string const& taken);

/// Opens an existing journal for reading and writing. Throws Error(not_found), Error(too_new),
/// Error(verification_failed) when its first page is damaged, Error(unsupported) on a network file system.
std::unique_ptr<port::Store> open_journal(JournalOptions options);

}  // namespace consortium::store
