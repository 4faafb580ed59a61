#include "core/journal/merkle.h"

#include "core/base/error.h"

#include <algorithm>
#include <array>
#include <bit>

namespace consortium::journal {

namespace {

constexpr std::uint8_t node_prefix = 1;

/// The largest power of two below `count`, which is at least two.
std::uint64_t split_point(std::uint64_t count) {
    return std::bit_floor(count - 1);
}

/// The root over leaves [begin, begin + count), where begin is a multiple of a power of two >= count.
Digest range_root(std::uint64_t begin, std::uint64_t count, SubtreeReader const& read) {
    if (std::has_single_bit(count)) {
        int const height = std::countr_zero(count);
        return read(height, begin >> height);
    }
    auto const left = split_point(count);
    return node_hash(range_root(begin, left, read), range_root(begin + left, count - left, read));
}

void inclusion_path(std::uint64_t index, std::uint64_t begin, std::uint64_t count, SubtreeReader const& read,
                    std::vector<Digest>& path) {
    if (count == 1) return;
    auto const left = split_point(count);
    if (index < left) {
        inclusion_path(index, begin, left, read, path);
        path.push_back(range_root(begin + left, count - left, read));
    } else {
        inclusion_path(index - left, begin + left, count - left, read, path);
        path.push_back(range_root(begin, left, read));
    }
}

enum class OldRoot { known, unknown };

/// SUBPROOF(old, D[begin:begin+count], known) of RFC 6962.
void consistency_path(std::uint64_t old, std::uint64_t begin, std::uint64_t count, OldRoot old_root,
                      SubtreeReader const& read, std::vector<Digest>& path) {
    if (old == count) {
        if (old_root == OldRoot::unknown) path.push_back(range_root(begin, count, read));
        return;
    }
    auto const left = split_point(count);
    if (old <= left) {
        consistency_path(old, begin, left, old_root, read, path);
        path.push_back(range_root(begin + left, count - left, read));
    } else {
        consistency_path(old - left, begin + left, count - left, OldRoot::unknown, read, path);
        path.push_back(range_root(begin, left, read));
    }
}

/// Walks both roots up a consistency proof whose first node is in place already.
bool consistency_walk(std::uint64_t first, std::uint64_t second, std::vector<Digest> const& path,
                      Digest const& old_root, Digest const& new_root) {
    auto old_hash = path.front();
    auto new_hash = path.front();
    for (std::size_t at = 1; at < path.size(); ++at) {
        if (second == 0) return false;
        if ((first & 1) != 0 || first == second) {
            old_hash = node_hash(path[at], old_hash);
            new_hash = node_hash(path[at], new_hash);
            while ((first & 1) == 0 && first != 0) {
                first >>= 1;
                second >>= 1;
            }
        } else {
            new_hash = node_hash(new_hash, path[at]);
        }
        first >>= 1;
        second >>= 1;
    }
    return second == 0 && old_hash == old_root && new_hash == new_root;
}

}  // namespace

Digest node_hash(Digest const& left, Digest const& right) {
    // In one piece: three calls for 65 bytes cost as much as hashing them.
    std::array<std::uint8_t, 65> node{node_prefix};
    std::ranges::copy(left.bytes, node.begin() + 1);
    std::ranges::copy(right.bytes, node.begin() + 33);
    return base::sha256(base::BytesView(node));
}

Digest empty_root() {
    return base::sha256(std::string_view());
}

Frontier Frontier::from_bytes(std::uint64_t size, base::BytesView bytes) {
    auto const peaks = static_cast<std::size_t>(std::popcount(size));
    if (bytes.size() != peaks * 32)
        throw base::Error(base::Code::malformed, "the frontier does not fit the size of the tree");
    Frontier frontier;
    frontier.m_size = size;
    for (std::size_t at = 0; at < peaks; ++at)
        frontier.m_peaks.push_back(Digest::from_bytes(bytes.subspan(at * 32, 32)));
    return frontier;
}

void Frontier::append_subtree(Digest const& root, int height) {
    if ((m_size >> height) << height != m_size)
        throw base::Error(base::Code::internal, "a subtree does not stand at its place");
    auto node = root;
    for (auto size = m_size >> height; (size & 1) != 0; size >>= 1) {
        node = node_hash(m_peaks.back(), node);
        m_peaks.pop_back();
    }
    m_peaks.push_back(node);
    m_size += std::uint64_t{1} << height;
}

Digest Frontier::root() const {
    if (m_peaks.empty()) return empty_root();
    auto node = m_peaks.back();
    for (auto at = m_peaks.size() - 1; at > 0; --at) node = node_hash(m_peaks[at - 1], node);
    return node;
}

base::Bytes Frontier::bytes() const {
    base::Bytes out;
    for (auto const& peak : m_peaks) out.insert(out.end(), peak.bytes.begin(), peak.bytes.end());
    return out;
}

Frontier frontier_at(std::uint64_t size, SubtreeReader const& read) {
    Frontier frontier;
    for (int height = 63; height >= 0; --height) {
        auto const width = std::uint64_t{1} << height;
        if ((size & width) != 0) frontier.append_subtree(read(height, frontier.size() >> height), height);
    }
    return frontier;
}

Digest tree_root(std::uint64_t size, SubtreeReader const& read) {
    return size == 0 ? empty_root() : range_root(0, size, read);
}

std::vector<Digest> inclusion_proof(std::uint64_t index, std::uint64_t size, SubtreeReader const& read) {
    if (index >= size)
        throw base::Error(base::Code::not_found, "entry " + std::to_string(index) +
                                                     " is not in a tree of size " + std::to_string(size));
    std::vector<Digest> path;
    inclusion_path(index, 0, size, read, path);
    return path;
}

std::vector<Digest> consistency_proof(std::uint64_t old_size, std::uint64_t new_size,
                                      SubtreeReader const& read) {
    std::vector<Digest> path;
    if (old_size > new_size)
        throw base::Error(base::Code::not_found, "a tree of size " + std::to_string(new_size) +
                                                     " has no earlier size " + std::to_string(old_size));
    if (old_size != 0 && old_size != new_size)
        consistency_path(old_size, 0, new_size, OldRoot::known, read, path);
    return path;
}

bool verify_inclusion(std::uint64_t index, std::uint64_t size, Digest const& leaf,
                      std::vector<Digest> const& proof, Digest const& root) {
    if (index >= size) return false;
    auto last = size - 1;
    auto node = leaf;
    for (auto const& sibling : proof) {
        if (last == 0) return false;
        if ((index & 1) != 0 || index == last) {
            node = node_hash(sibling, node);
            while ((index & 1) == 0 && index != 0) {
                index >>= 1;
                last >>= 1;
            }
        } else {
            node = node_hash(node, sibling);
        }
        index >>= 1;
        last >>= 1;
    }
    return last == 0 && node == root;
}

bool verify_consistency(std::uint64_t old_size, std::uint64_t new_size, Digest const& old_root,
                        Digest const& new_root, std::vector<Digest> const& proof) {
    if (old_size > new_size || (old_size == 0 && old_root != empty_root())) return false;
    if (old_size == new_size) return proof.empty() && old_root == new_root;
    if (old_size == 0) return proof.empty();
    if (proof.empty()) return false;
    auto path = proof;
    if (std::has_single_bit(old_size)) path.insert(path.begin(), old_root);
    auto first = old_size - 1;
    auto second = new_size - 1;
    while ((first & 1) != 0) {
        first >>= 1;
        second >>= 1;
    }
    return consistency_walk(first, second, path, old_root, new_root);
}

}  // namespace consortium::journal
