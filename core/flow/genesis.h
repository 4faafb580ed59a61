#pragma once

#include "core/flow/apply.h"

namespace consortium::flow {

/// The epoch that this workspace stands on: the latest final one, else the genesis that it has accepted but
/// whose founders have not all signed yet. Null in a workspace that knows no consortium.
std::shared_ptr<model::Epoch const> known_epoch(port::Store const& store);

/// The hash of the genesis that this workspace has accepted; none before.
std::optional<base::Digest> accepted_genesis(port::Store const& store);

/// Reads and checks a charter written in TOML. Throws Error(configuration) with file, line and column.
model::Charter read_charter(base::Path const& path);

/// `init --charter FILE [--founder FILE …]`: writes epoch 0 and signs it. Arguments: charter (path), founder
/// (paths; this workspace's own record is added), rehearsal. The charter is checked first; an error names
/// line and column.
model::Plan plan_genesis(State const& state, model::Request const& request);

/// `init --genesis FILE`: another founder looks at the document and signs it. Danger: the hash must be
/// confirmed.
model::Plan plan_genesis_acceptance(State const& state, model::Request const& request);

/// Throws Error(refused) where a workspace for rehearsals meets a real consortium, or the other way round
/// (G32). `arguments` holds rehearsal: true for the former.
void check_mode(model::Epoch const& epoch, base::Json const& arguments);

/// Reads a genesis document. Throws Error(malformed).
model::Epoch parse_genesis(std::string_view text);

/// Remembers a genesis as this workspace's own: object genesis/genesis {hash}.
model::Step accept_genesis_step(base::Digest const& hash);
/// Throws Error(conflict) if the workspace belongs to a consortium already.
void refuse_second_genesis(State const& state);

/// Makes epoch 0 final when every founder's `found` act is held. True if it became final now.
bool settle_genesis(Services& services);

/// "found": signs the genesis document that the step carries, and appends act and document.
extern Applier const found_applier;

/// Where a workspace keeps its own record for founders and inviters.
base::Path founder_file(base::Path const& workspace);

}  // namespace consortium::flow
