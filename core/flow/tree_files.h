#pragma once

#include "core/port/store.h"

namespace consortium::flow {

/// Takes a path below the folder of a tree, and the content.
using PutFile = std::function<void(std::string const& path, std::string_view content)>;

/// Bundles of entries and tiles of a journal of `size` entries, as C2SP tlog-tiles names them, as far as they
/// differ from those at `old` entries.
void put_entries(port::Store const& store, std::uint64_t old, std::uint64_t size, PutFile const& put);
void put_tiles(port::Store const& store, std::uint64_t old, std::uint64_t size, PutFile const& put);

}  // namespace consortium::flow
