#pragma once

#include "core/flow/services.h"

namespace consortium::flow {

/// The timestamps (RFC 3161) of this journal that say when the acts existed, which cited_acts() gave: for
/// each act the earliest stamped head that contains it. {"timestamps": [{"size","root","time","acts": how
/// many no earlier one covers,"words","note","file","token","token_file","growth","growth_file"}],
/// "unstamped": null or {"acts","words","next"}}. "growth" proves that the head of the report continues that
/// one; null where it is that one.
base::Json cited_stamps(port::Store const& store, base::Json const& acts, port::Head const& head);
/// Writes each head, its token and its proof into the folder.
void write_stamps(base::Path const& folder, base::Json const& stamps);

}  // namespace consortium::flow
