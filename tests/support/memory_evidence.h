#pragma once

#include "core/agreement/memory_evidence.h"
#include "core/base/error.h"

/// What a workspace holds, in memory: for tests of the pure layers.
using MemoryEvidence = consortium::agreement::MemoryEvidence;
