#pragma once

#include "core/account/usage_reader.h"
#include "core/base/file.h"

namespace consortium::flow {

/// Reads a usage file ("-": standard input) in one pass and bounded memory; its digest is of the very bytes
/// that were read. `rules.source` is set from the path. Throws not_found, storage, or what UsageReader
/// throws.
model::Usage read_usage(base::Path const& path, account::UsageRules rules);

}  // namespace consortium::flow
