#include "core/flow/audit_rehash.h"

#include "core/base/error.h"
#include "core/base/parallel.h"
#include "core/journal/tile.h"

#include <algorithm>

namespace consortium::flow {

using base::Code;
using base::Digest;
using base::Error;
using journal::tile_width;

namespace {

constexpr std::uint64_t stretch_size = 16 * tile_width;

std::string entry_name(std::uint64_t index) {
    return "entry " + std::to_string(index);
}

/// Whether others have appended since: then the last tile holds more than was asked for.
bool has_grown(port::Store const& store, int level, std::uint64_t number, std::vector<Digest> const& stored,
               std::vector<Digest> const& computed) {
    return stored.size() > computed.size() && std::equal(computed.begin(), computed.end(), stored.begin()) &&
           journal::tile_hashes(store.head().size, level, number) >= stored.size();
}

void compare_tile(port::Store const& store, int level, std::uint64_t number,
                  std::vector<Digest> const& computed, Found& found) {
    auto const name = journal::tile_path(level, number, computed.size());
    found.probe(name, [&] {
        auto const stored = store.tile(level, number);
        if (stored == computed || has_grown(store, level, number, stored, computed)) return;
        found.add(name, "does not fit the entries below it");
        for (std::size_t at = 0; level == 0 && at < computed.size(); ++at)
            if (at >= stored.size() || stored[at] != computed[at])
                found.add(entry_name(number * tile_width + at),
                          "its bytes do not have the hash that the tree has for them");
    });
}

}  // namespace

/// Some tiles of entries that follow one another, as one thread found them.
struct Rehash::Stretch {
    Found found;
    std::uint64_t end = 0;      // up to where entries could be read
    std::vector<Digest> roots;  // of full tiles
    std::vector<Digest> rest;   // the leaves of the last tile of all, if it is not full
};

/// What one thread needs.
class Rehash::Reader {
public:
    Reader(Rehash const& rehash, std::shared_ptr<port::Store const> store)
        : m_rehash(rehash), m_store(std::move(store)), m_checker(*m_store, rehash.m_verifier) {}

    Stretch read(std::uint64_t begin, std::uint64_t end) {
        Stretch out;
        out.end = begin;
        m_tile.clear();
        try {
            read_into(out, end);
            if (out.end != end) throw Error(Code::verification_failed, "is missing");
        } catch (Error const& error) {
            out.found.add(entry_name(out.end), error.message());
            return out;
        }
        if (!m_tile.empty()) {
            compare_tile(*m_store, 0, out.end / tile_width, m_tile, out.found);
            out.rest = m_tile;
        }
        return out;
    }

private:
    // Bytes alone are hashed so fast that no writer waits long for the one lock taken for a whole stretch.
    void read_into(Stretch& out, std::uint64_t end) {
        if (m_rehash.m_depth == Depth::bytes) return m_store->read([&] { read_leaves(out, end); });
        m_store->entries(out.end, end, [&](model::Entry const& entry) {
            add(entry.index, entry.leaf, out);
            out.found.probe(entry_name(entry.index), [&] { m_checker.check(entry, out.found); });
        });
    }
    // Leaves come without their numbers: where there are too few, those before the first that is missing are
    // read again, since the others did not stand at their places.
    void read_leaves(Stretch& out, std::uint64_t end) {
        auto const begin = out.end;
        auto const each = [&](std::string_view leaf) { add(out.end, leaf, out); };
        m_store->leaves(begin, end, each);
        if (out.end == end) return;
        auto missing = begin;
        m_store->entries(begin, end,
                         [&](model::Entry const& entry) { missing += entry.index == missing ? 1 : 0; });
        out = Stretch{};
        out.end = begin;
        m_tile.clear();
        m_store->leaves(begin, missing, each);
    }
    void add(std::uint64_t index, std::string_view leaf, Stretch& out) {
        if (index != out.end) throw Error(Code::verification_failed, "is missing");
        m_tile.push_back(journal::leaf_hash(leaf));
        ++out.end;
        if (m_tile.size() < tile_width) return;
        compare_tile(*m_store, 0, index / tile_width, m_tile, out.found);
        out.roots.push_back(journal::tile_root(m_tile));
        m_tile.clear();
    }

    Rehash const& m_rehash;
    std::shared_ptr<port::Store const> m_store;
    EntryChecker m_checker;
    std::vector<Digest> m_tile;
};

Rehash::Rehash(port::Store const& store, port::Verifier const& verifier, Depth depth, Range range)
    : m_store(store), m_verifier(verifier), m_depth(depth), m_range(range) {
    auto const from = range.begin;
    auto const read = [&](int level, std::uint64_t number) { return store.tile(level, number); };
    m_frontier = journal::frontier_at(from, journal::subtrees_of(read));
    for (int level = 1; level < journal::tile_levels(from); ++level) {
        auto const count = from >> (journal::tile_height * level);
        auto hashes = read(level, count / tile_width);
        hashes.resize(count % tile_width);
        m_edges.push_back({count / tile_width, std::move(hashes)});
    }
}

void Rehash::run(Found& found, Passed const& passed) {
    auto const stretches = (m_range.end - m_range.begin + stretch_size - 1) / stretch_size;
    bool const alone = stretches < 2 || m_store.reader() == nullptr;
    auto const make = [&]() -> std::function<Stretch(std::uint64_t)> {
        std::shared_ptr<port::Store const> own =
            alone ? std::shared_ptr<port::Store const>(std::shared_ptr<void>(), &m_store)
                  : std::shared_ptr<port::Store const>(m_store.reader());
        return [this, reader = std::make_shared<Reader>(*this, own)](std::uint64_t job) {
            auto const begin = m_range.begin + job * stretch_size;
            return reader->read(begin, std::min(begin + stretch_size, m_range.end));
        };
    };
    auto const done = [&](std::uint64_t job, Stretch&& stretch) {
        auto const end = std::min(m_range.begin + (job + 1) * stretch_size, m_range.end);
        if (size() != m_range.begin + job * stretch_size) return;  // an earlier one broke off
        take(stretch, found);
        if (size() == end) passed(end, m_frontier.root());
    };
    if (alone) {
        auto const work = make();
        for (std::uint64_t job = 0; job < stretches; ++job) done(job, work(job));
    } else {
        base::InOrder<Stretch>(stretches, base::processors(), make).take(done);
    }
    if (size() == m_range.end) compare_edges(found);
}

void Rehash::take(Stretch const& stretch, Found& found) {
    found.add(stretch.found);
    for (auto const& root : stretch.roots) {
        m_frontier.append_subtree(root, journal::tile_height);
        push(1, root, found);
    }
    for (auto const& leaf : stretch.rest) m_frontier.append(leaf);
}

void Rehash::push(int level, Digest const& hash, Found& found) {
    if (m_edges.size() < static_cast<std::size_t>(level)) m_edges.emplace_back();
    auto& edge = m_edges[static_cast<std::size_t>(level) - 1];
    edge.hashes.push_back(hash);
    if (edge.hashes.size() < tile_width) return;
    compare_tile(m_store, level, edge.number, edge.hashes, found);
    auto const root = journal::tile_root(edge.hashes);
    edge = {edge.number + 1, {}};
    push(level + 1, root, found);
}

void Rehash::compare_edges(Found& found) const {
    for (std::size_t at = 0; at < m_edges.size(); ++at)
        if (!m_edges[at].hashes.empty())
            compare_tile(m_store, static_cast<int>(at) + 1, m_edges[at].number, m_edges[at].hashes, found);
}

}  // namespace consortium::flow
