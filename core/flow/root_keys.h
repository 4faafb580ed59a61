#pragma once

#include "core/flow/rotation.h"

namespace consortium::flow {

/// Where this workspace's keyring has the keys of both roots of its rotation, as far as they are there.
std::vector<model::KeptKey> root_keys(Rotation const& rotation, Services const& services);
/// The same as the keeper has stated it last; empty: nothing was stated yet. A key that is destroyed is
/// nowhere.
std::vector<model::KeptKey> stated_keys(State const& state, Rotation const& rotation);

/// What a notice states.
base::Json key_records(std::vector<model::KeptKey> const& keys);
/// The same, each with "words", and with null or a record for "token".
base::Json key_views(std::vector<model::KeptKey> const& keys);

}  // namespace consortium::flow
