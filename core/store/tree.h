#pragma once

#include "core/journal/tile.h"
#include "core/store/sqlite.h"

namespace consortium::store {

/// The row of a tile: 2^48 tiles a level are more than a level can have.
std::int64_t tile_place(int level, std::uint64_t number);
/// The stored hashes of a tile; none where there is no such row.
std::vector<base::Digest> load_tile(Database& database, int level, std::uint64_t number);

/// The right edge of the stored tree: appends leaves, keeps the tail tile of each level in memory, and writes
/// each changed tile once.
class Tree {
public:
    Tree(Database& database, std::uint64_t size, base::BytesView frontier);

    /// Returns the index of the leaf.
    std::uint64_t append(base::Digest const& leaf);
    journal::Frontier const& frontier() const { return m_frontier; }
    /// Writes the tail tiles that changed.
    void save();

private:
    struct Tail {
        std::uint64_t number = 0;
        std::vector<base::Digest> hashes;
        bool changed = false;
    };

    Tail& tail(int level);
    void push(int level, base::Digest const& hash);
    void store(int level, Tail const& tail);

    Database& m_database;
    std::uint64_t m_size_before;
    journal::Frontier m_frontier;
    std::vector<Tail> m_tails;
};

}  // namespace consortium::store
