#pragma once

#include "core/flow/audit_entries.h"
#include "core/journal/merkle.h"

namespace consortium::flow {

/// What a rehash looks at besides the bytes.
enum class Depth { bytes, contents };  // contents: kinds, commitments, signatures too

/// Entries [begin, end); `begin` is a multiple of 256.
struct Range {
    std::uint64_t begin = 0, end = 0;
};

/// Recomputes the journal's tree from the stored bytes of some entries and holds every stored tile that they
/// are in against it, on all processors. What lies before them is taken from the tiles; the caller has
/// compared its root with what is known.
class Rehash {
public:
    Rehash(port::Store const& store, port::Verifier const& verifier, Depth depth, Range range);

    /// Called now and then with the root over the first `size` entries, all of them read by then.
    using Passed = std::function<void(std::uint64_t size, base::Digest const& root)>;
    /// Goes through the entries; adds to `found` what does not hold.
    void run(Found& found, Passed const& passed);

    /// The root over everything; of no use where an entry could not be read.
    base::Digest root() const { return m_frontier.root(); }
    std::uint64_t size() const { return m_frontier.size(); }

private:
    struct Edge {
        std::uint64_t number = 0;
        std::vector<base::Digest> hashes;
    };
    struct Stretch;
    class Reader;

    void take(Stretch const& stretch, Found& found);
    void push(int level, base::Digest const& hash, Found& found);
    void compare_edges(Found& found) const;

    port::Store const& m_store;
    port::Verifier const& m_verifier;
    Depth m_depth;
    Range m_range;
    journal::Frontier m_frontier;
    std::vector<Edge> m_edges;  // of level 1 and up
};

}  // namespace consortium::flow
