// A tile of hashes, a bundle of entries, and what an entry is: the first byte chooses.

#include "core/journal/tile.h"

#include "core/journal/entry.h"
#include "tests/fuzz/fuzz.h"

using namespace consortium;

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    if (size == 0) return 0;
    auto const rest = fuzz::text(data + 1, size - 1);
    return fuzz::probe([&] {
        if (data[0] == 't') {
            auto const hashes = journal::tile_from_bytes(base::as_bytes(rest));
            fuzz::require(base::as_text(journal::tile_bytes(hashes)) == rest);
            if (hashes.size() == journal::tile_width) static_cast<void>(journal::tile_root(hashes));
            return;
        }
        auto const entries = journal::unbundle_entries(rest);
        fuzz::require(entries.size() <= journal::tile_width && journal::bundle_entries(entries) == rest);
        for (auto const& entry : entries) {
            if (journal::leaf_kind(entry) != model::EntryKind::checkpoint) continue;
            fuzz::require(journal::checkpoint_leaf(journal::open_checkpoint_leaf(entry)) == entry);
        }
    });
}
