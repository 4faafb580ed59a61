#include "core/flow/tree_files.h"

#include "core/journal/tile.h"

#include <algorithm>

namespace consortium::flow {

void put_entries(port::Store const& store, std::uint64_t old, std::uint64_t size, PutFile const& put) {
    for (auto begin = old / 256 * 256; begin < size; begin += 256) {
        auto const end = std::min(begin + 256, size);
        std::vector<std::string> leaves;
        store.entries(begin, end, [&](model::Entry const& entry) { leaves.push_back(entry.leaf); });
        put(journal::entries_path(begin / 256, end - begin), journal::bundle_entries(leaves));
    }
}

void put_tiles(port::Store const& store, std::uint64_t old, std::uint64_t size, PutFile const& put) {
    for (int level = 0; level < journal::tile_levels(size); ++level) {
        auto number = old >> (8 * (level + 1));
        for (;; ++number) {
            auto const width = journal::tile_hashes(size, level, number);
            if (width == 0) break;
            auto hashes = store.tile(level, number);
            hashes.resize(width);
            put(journal::tile_path(level, number, width), base::as_text(journal::tile_bytes(hashes)));
        }
    }
}

}  // namespace consortium::flow
