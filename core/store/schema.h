#pragma once

#include "core/store/sqlite.h"

namespace consortium::store {

/// Creates the tables in an empty database.
void create_tables(Database& database);
/// Throws Error(too_new) or Error(verification_failed) unless the database has our layout.
void check_layout(Database& database);
/// Throws Error(unsupported): nothing was released with that layout.
[[noreturn]] void refuse_older_layout(std::int64_t version);
/// SQLite's locks do not hold there. Throws Error(unsupported).
void refuse_network_file_system(base::Path const& path);

}  // namespace consortium::store
