#include "core/journal/tile.h"

#include "core/base/error.h"
#include "core/model/act.h"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <map>

namespace consortium::journal {

namespace {

std::string numbered(std::uint64_t number, std::uint64_t width) {
    auto path = fmt::format("{:03}", number % 1000);
    for (number /= 1000; number != 0; number /= 1000) path = fmt::format("x{:03}/{}", number % 1000, path);
    if (width != tile_width) path += ".p/" + std::to_string(width);
    return path;
}

/// Full tiles of a level are the leaves of the next one.
std::uint64_t hashes_at(std::uint64_t size, int level) {
    auto const bits = tile_height * level;
    return bits < 64 ? size >> bits : 0;
}

/// The nodes over each pair; one that is left over has none.
std::vector<Digest> paired(std::vector<Digest> const& hashes) {
    std::vector<Digest> nodes;
    nodes.reserve(hashes.size() / 2);
    for (std::size_t at = 0; at + 1 < hashes.size(); at += 2)
        nodes.push_back(node_hash(hashes[at], hashes[at + 1]));
    return nodes;
}

class TileCache {
public:
    explicit TileCache(TileReader read) : m_read(std::move(read)) {}

    Digest subtree(int height, std::uint64_t index) {
        int const level = height / tile_height;
        auto const within = static_cast<std::size_t>(height % tile_height);
        auto const first = index << within;
        auto const number = first / tile_width;
        auto& layers = get(level, number);
        auto const offset = first % tile_width;
        auto const end = offset + (std::uint64_t(1) << within);
        if (layers.front().size() < end)
            throw base::Error(base::Code::verification_failed,
                              "tile " + tile_path(level, number, tile_width) + " holds " +
                                  std::to_string(layers.front().size()) + " hashes where " +
                                  std::to_string(end) + " are needed");
        while (layers.size() <= within) layers.push_back(paired(layers.back()));
        return layers[within][offset >> within];
    }

private:
    /// The hashes of a tile, then the nodes over each pair, as far up as they were asked for.
    using Layers = std::vector<std::vector<Digest>>;

    Layers& get(int level, std::uint64_t number) {
        auto const key = std::pair(level, number);
        auto found = m_tiles.find(key);
        if (found == m_tiles.end()) found = m_tiles.emplace(key, Layers{m_read(level, number)}).first;
        return found->second;
    }

    TileReader m_read;
    std::map<std::pair<int, std::uint64_t>, Layers> m_tiles;
};

}  // namespace

std::string tile_path(int level, std::uint64_t number, std::uint64_t width) {
    return "tile/" + std::to_string(level) + "/" + numbered(number, width);
}

std::string entries_path(std::uint64_t number, std::uint64_t width) {
    return "tile/entries/" + numbered(number, width);
}

std::uint64_t tile_hashes(std::uint64_t size, int level, std::uint64_t number) {
    auto const hashes = hashes_at(size, level);
    auto const begin = number * tile_width;
    return begin >= hashes ? 0 : std::min(hashes - begin, tile_width);
}

int tile_levels(std::uint64_t size) {
    int levels = 0;
    while (hashes_at(size, levels) != 0) ++levels;
    return levels;
}

base::Bytes tile_bytes(std::vector<Digest> const& hashes) {
    base::Bytes out;
    out.reserve(hashes.size() * 32);
    for (auto const& hash : hashes) out.insert(out.end(), hash.bytes.begin(), hash.bytes.end());
    return out;
}

std::vector<Digest> tile_from_bytes(base::BytesView bytes) {
    if (bytes.empty() || bytes.size() % 32 != 0 || bytes.size() / 32 > tile_width)
        throw base::Error(base::Code::malformed, "a tile is 1 to 256 whole hashes, this one has " +
                                                     std::to_string(bytes.size()) + " bytes");
    std::vector<Digest> hashes;
    hashes.reserve(bytes.size() / 32);
    for (std::size_t at = 0; at < bytes.size(); at += 32)
        hashes.push_back(Digest::from_bytes(bytes.subspan(at, 32)));
    return hashes;
}

Digest tile_root(std::vector<Digest> const& hashes) {
    if (hashes.size() != tile_width)
        throw base::Error(base::Code::internal, "a partial tile is never hashed upward");
    std::array<Digest, tile_width / 2> nodes;
    auto const* below = hashes.data();
    for (auto count = nodes.size(); count > 0; count /= 2) {
        // In place: each node is written where both below it have been read.
        for (std::size_t at = 0; at < count; ++at) nodes[at] = node_hash(below[2 * at], below[2 * at + 1]);
        below = nodes.data();
    }
    return nodes.front();
}

SubtreeReader subtrees_of(TileReader read) {
    auto cache = std::make_shared<TileCache>(std::move(read));
    return [cache](int height, std::uint64_t index) { return cache->subtree(height, index); };
}

std::string bundle_entries(std::vector<std::string> const& entries) {
    std::string out;
    for (auto const& entry : entries) {
        if (entry.size() > model::max_entry)
            throw base::Error(base::Code::malformed, "an entry has more than 65,535 bytes");
        out += static_cast<char>(entry.size() >> 8);
        out += static_cast<char>(entry.size() & 0xff);
        out += entry;
    }
    return out;
}

std::vector<std::string> unbundle_entries(std::string_view bundle) {
    std::vector<std::string> entries;
    while (!bundle.empty()) {
        if (bundle.size() < 2 || entries.size() == tile_width)
            throw base::Error(base::Code::malformed, "an entry bundle is torn or too long");
        std::size_t const length = base::read_u16(base::as_bytes(bundle));
        if (bundle.size() < 2 + length)
            throw base::Error(base::Code::malformed, "an entry bundle ends inside an entry");
        entries.emplace_back(bundle.substr(2, length));
        bundle.remove_prefix(2 + length);
    }
    return entries;
}

}  // namespace consortium::journal
