#pragma once

#include "core/port/node_guide.h"

namespace consortium::driver {

/// For rehearsal, besu, quorum, clique, fabric and ccf. Lives as long as the program.
port::NodeGuide const& node_guide();

}  // namespace consortium::driver
