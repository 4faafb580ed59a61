#include "core/store/tree.h"

#include "core/base/error.h"

namespace consortium::store {

using base::Code;
using base::Digest;
using base::Error;

std::int64_t tile_place(int level, std::uint64_t number) {
    return (static_cast<std::int64_t>(level) << 48) | static_cast<std::int64_t>(number);
}

std::vector<Digest> load_tile(Database& database, int level, std::uint64_t number) {
    Statement statement(database, "SELECT hashes FROM tile WHERE place = ?");
    statement.bind(tile_place(level, number));
    if (!statement.step()) return {};
    return journal::tile_from_bytes(statement.blob(0));
}

Tree::Tree(Database& database, std::uint64_t size, base::BytesView frontier)
    : m_database(database), m_size_before(size), m_frontier(journal::Frontier::from_bytes(size, frontier)) {}

std::uint64_t Tree::append(Digest const& leaf) {
    auto const index = m_frontier.size();
    m_frontier.append(leaf);
    push(0, leaf);
    return index;
}

Tree::Tail& Tree::tail(int level) {
    while (m_tails.size() <= static_cast<std::size_t>(level)) {
        auto const at = static_cast<int>(m_tails.size());
        auto const bits = journal::tile_height * at;
        auto const count = bits < 64 ? m_size_before >> bits : 0;
        Tail loaded;
        loaded.number = count / journal::tile_width;
        auto const width = count % journal::tile_width;
        if (width != 0) loaded.hashes = load_tile(m_database, at, loaded.number);
        if (loaded.hashes.size() != width)
            throw Error(Code::verification_failed,
                        journal::tile_path(at, loaded.number, width) + " does not fit the head",
                        "run 'consortium audit verify'");
        m_tails.push_back(std::move(loaded));
    }
    return m_tails[static_cast<std::size_t>(level)];
}

void Tree::push(int level, Digest const& hash) {
    auto& edge = tail(level);
    edge.hashes.push_back(hash);
    edge.changed = true;
    if (edge.hashes.size() < journal::tile_width) return;
    store(level, edge);
    auto const root = journal::tile_root(edge.hashes);
    edge = Tail{edge.number + 1, {}, false};
    push(level + 1, root);
}

void Tree::store(int level, Tail const& tail) {
    Statement statement(m_database, "INSERT OR REPLACE INTO tile(place, hashes) VALUES(?, ?)");
    statement.bind(tile_place(level, tail.number)).bind(journal::tile_bytes(tail.hashes)).run();
}

void Tree::save() {
    for (std::size_t level = 0; level < m_tails.size(); ++level) {
        auto& edge = m_tails[level];
        if (edge.changed) store(static_cast<int>(level), edge);
        edge.changed = false;
    }
}

}  // namespace consortium::store
