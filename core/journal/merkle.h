#pragma once

#include "core/model/entry.h"

#include <functional>
#include <optional>

namespace consortium::journal {

using base::Digest;

using model::leaf_hash;
/// RFC 6962 section 2.1: SHA-256(01 ‖ left ‖ right), SHA-256("").
Digest node_hash(Digest const& left, Digest const& right);
Digest empty_root();

/// The roots of the complete subtrees that a tree of some size falls into, largest first: all that appending
/// and computing the root need.
class Frontier {
public:
    Frontier() = default;
    /// One hash a set bit of `size`. Throws Error(malformed) for any other number of bytes.
    static Frontier from_bytes(std::uint64_t size, base::BytesView bytes);

    void append(Digest const& leaf) { append_subtree(leaf, 0); }
    /// Appends 2^height leaves at once; the size so far must be a multiple of that.
    void append_subtree(Digest const& root, int height);
    Digest root() const;
    std::uint64_t size() const { return m_size; }
    base::Bytes bytes() const;

private:
    std::uint64_t m_size = 0;
    std::vector<Digest> m_peaks;
};

/// Gives the root of the complete subtree over leaves [index << height, (index + 1) << height).
using SubtreeReader = std::function<Digest(int height, std::uint64_t index)>;

/// The frontier of the tree over the first `size` leaves.
Frontier frontier_at(std::uint64_t size, SubtreeReader const& read);

/// The root of the tree over the first `size` leaves.
Digest tree_root(std::uint64_t size, SubtreeReader const& read);

/// RFC 6962 section 2.1.1, leaf to root. Needs index < size; throws Error(not_found) otherwise.
std::vector<Digest> inclusion_proof(std::uint64_t index, std::uint64_t size, SubtreeReader const& read);
/// RFC 6962 section 2.1.2. Empty when `old_size` is zero or equals `new_size`.
std::vector<Digest> consistency_proof(std::uint64_t old_size, std::uint64_t new_size,
                                      SubtreeReader const& read);

/// RFC 9162 sections 2.1.3.2 and 2.1.4.2. A proof of the wrong length does not hold.
[[nodiscard]] bool verify_inclusion(std::uint64_t index, std::uint64_t size, Digest const& leaf,
                                    std::vector<Digest> const& proof, Digest const& root);
[[nodiscard]] bool verify_consistency(std::uint64_t old_size, std::uint64_t new_size, Digest const& old_root,
                                      Digest const& new_root, std::vector<Digest> const& proof);

}  // namespace consortium::journal
