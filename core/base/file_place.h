#pragma once

#include "core/base/file.h"

/// For thousands of files: each is written with replace_file, and all become lasting at once.
namespace consortium::base {

/// Gives a finished file its name, which may be that of no other file (Error(conflict)); to do so again
/// changes nothing. Lasting once sync_folder or sync_file_system was called.
void place_file(Path const& from, Path const& to);
/// All that was written to the file system of this folder.
void sync_file_system(Path const& folder);

}  // namespace consortium::base
