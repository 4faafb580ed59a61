#pragma once

#include "core/store/sqlite.h"

namespace consortium::store {

/// Creates the tables in an empty database.
void create_tables(Database& database);
/// Throws Error(too_new), Error(unsupported) or Error(verification_failed) unless the database has our
/// layout.
void check_layout(Database& database);
/// The value of a pragma; 0 where it has none.
std::int64_t pragma(Database& database, char const* name);
/// The layout that a database says it has. Throws Error(verification_failed) where it is no journal.
std::int64_t layout_of(Database& database);
/// Throws Error(too_new), or Error(unsupported) with the command that migrates it, unless it is ours.
void refuse_other_layout(std::int64_t version);
/// SQLite's locks do not hold there. Throws Error(unsupported).
void refuse_network_file_system(base::Path const& path);

}  // namespace consortium::store
