#pragma once

#include "core/base/file.h"

namespace consortium::driver::http {

/// Throws Error(configuration) for a file of secrets that everybody on this machine may read. A group may:
/// that is how services are given theirs.
void check_private(base::Path const& file);

/// The token in a file, to be wiped after use. Throws Error(configuration) if it holds none.
std::string read_token(base::Path const& file);

}  // namespace consortium::driver::http
