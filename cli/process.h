#pragma once

namespace consortium::cli {

/// What must hold before anything else runs: no core dumps (secrets would be in them), a reader that went
/// away is an error to handle and not a death, Ctrl-C ends with 130 and SIGTERM with 143, the echo of the
/// terminal restored. What was applied until then is journaled and can be resumed.
/// And memory that was freed stays for what follows.
void prepare_process();

}  // namespace consortium::cli
