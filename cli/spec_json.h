#pragma once

#include "cli/spec.h"

namespace consortium::cli {

/// The whole registry as a record: what this program can do, for other programs.
base::Json spec_json();

}  // namespace consortium::cli
