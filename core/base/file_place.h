#pragma once

#include "core/base/file.h"

/// For thousands of files: each is written with replace_file or write_new, and all become lasting at once.
namespace consortium::base {

/// Writes a file of that name, without a temporary one: for a folder whose files count for nothing until they
/// are placed. Throws Error(conflict) if there is one.
void write_new(Path const& path, std::string_view text, FileMode mode);
/// Gives a finished file its name, which may be that of no other file (Error(conflict)); false if there is
/// none, as when that was done before. Lasting once sync_folder or sync_file_system was called.
bool place_file(Path const& from, Path const& to);
/// All that was written to the file system of this folder.
void sync_file_system(Path const& folder);

}  // namespace consortium::base
