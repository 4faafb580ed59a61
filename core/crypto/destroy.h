#pragma once

#include "core/base/file.h"

namespace consortium::crypto {

/// Overwrites a file with zeros, durably, and removes it; nothing to do where there is none. What a disk or a
/// file system kept of it elsewhere is beyond any program. Throws Error(storage).
void destroy_file(base::Path const& file);

}  // namespace consortium::crypto
