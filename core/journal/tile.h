#pragma once

#include "core/journal/merkle.h"

namespace consortium::journal {

/// C2SP tlog-tiles: a tile holds 256 hashes, which are 8 levels of the tree; tile level L starts at tree
/// height 8·L.
inline constexpr std::uint64_t tile_width = 256;
inline constexpr int tile_height = 8;

/// "tile/<level>/<number>[.p/<width>]", the number in groups of three digits: 1234067 -> "x001/x234/067".
/// Width 256 is a full tile.
std::string tile_path(int level, std::uint64_t number, std::uint64_t width);
/// "tile/entries/<number>[.p/<width>]".
std::string entries_path(std::uint64_t number, std::uint64_t width);

/// How many hashes tile (level, number) holds in a tree of `size` leaves: 0 to 256. A partial tile is never
/// hashed upward, so a level grows only by full tiles of the level below.
std::uint64_t tile_hashes(std::uint64_t size, int level, std::uint64_t number);
/// The number of levels that have a tile in a tree of `size` leaves.
int tile_levels(std::uint64_t size);

base::Bytes tile_bytes(std::vector<Digest> const& hashes);
/// Throws Error(malformed) unless the bytes are 1 to 256 whole hashes.
std::vector<Digest> tile_from_bytes(base::BytesView bytes);

/// The root over a full tile (256 hashes).
Digest tile_root(std::vector<Digest> const& hashes);

/// Hashes of tile/<level>/<number>, at least as many as the tree of interest has there.
using TileReader = std::function<std::vector<Digest>(int level, std::uint64_t number)>;
/// Complete subtrees from tiles; remembers the tiles that it read. Throws Error(verification_failed) naming a
/// tile that is too short.
SubtreeReader subtrees_of(TileReader read);

/// An entry bundle: u16 big-endian length + entry, at most 256 entries of at most 65,535 bytes.
std::string bundle_entries(std::vector<std::string> const& entries);
/// Throws Error(malformed) for a torn bundle or one of more than 256 entries.
std::vector<std::string> unbundle_entries(std::string_view bundle);

}  // namespace consortium::journal
