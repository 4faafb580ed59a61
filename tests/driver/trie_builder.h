#pragma once

#include "core/crypto/keccak.h"
#include "core/driver/evm/rlp.h"
#include "core/driver/evm/trie.h"

#include <map>

namespace consortium::test {

/// A Merkle-Patricia trie built the plain way, for its root and for the proofs of its keys: its roots are
/// those of published vectors, so that what its proofs show is right.
class TrieBuilder {
public:
    using Key = std::vector<std::uint8_t>;  // nibbles

    void put(base::BytesView key, base::Bytes value) { m_entries[nibbles(key)] = std::move(value); }
    void remove(base::BytesView key) { m_entries.erase(nibbles(key)); }

    driver::evm::Word root() const {
        return driver::evm::Word::from_digest(crypto::keccak256(node(m_entries, 0, nullptr, nullptr)));
    }
    std::vector<base::Bytes> proof(base::BytesView key) const {
        std::vector<base::Bytes> out;
        auto const wanted = nibbles(key);
        auto const first = node(m_entries, 0, &wanted, &out);
        out.push_back(first);
        return {out.rbegin(), out.rend()};
    }

    static Key nibbles(base::BytesView bytes) {
        Key out;
        for (auto const byte : bytes) {
            out.push_back(byte >> 4);
            out.push_back(byte & 0x0f);
        }
        return out;
    }

private:
    using Entries = std::map<Key, base::Bytes>;
    using Difference = std::ptrdiff_t;

    static base::Bytes path(Key const& key, std::size_t from, std::size_t to, int flag) {
        Key all;
        bool const odd = (to - from) % 2 != 0;
        all.push_back(static_cast<std::uint8_t>(flag + (odd ? 1 : 0)));
        if (!odd) all.push_back(0);
        all.insert(all.end(), key.begin() + static_cast<Difference>(from),
                   key.begin() + static_cast<Difference>(to));
        base::Bytes out;
        for (std::size_t i = 0; i < all.size(); i += 2) {
            out.push_back(static_cast<std::uint8_t>(all[i] << 4 | all[i + 1]));
        }
        return driver::evm::rlp::string(out);
    }

    static std::size_t common(Entries const& entries, std::size_t depth) {
        auto const& first = entries.begin()->first;
        auto const& last = entries.rbegin()->first;
        std::size_t at = depth;
        while (at < first.size() && at < last.size() && first[at] == last[at]) ++at;
        return at;
    }

    // What stands for a node inside another; the nodes below that are on the way are added to `proof`.
    static base::Bytes reference(Entries const& entries, std::size_t depth, Key const* way,
                                 std::vector<base::Bytes>* proof) {
        if (entries.empty()) return driver::evm::rlp::string({});
        auto const& key = entries.begin()->first;
        bool const here = way && way->size() >= depth &&
                          std::equal(key.begin(), key.begin() + static_cast<Difference>(depth), way->begin());
        auto const bytes = node(entries, depth, here ? way : nullptr, proof);
        if (bytes.size() < 32) return bytes;
        if (here) proof->push_back(bytes);
        return driver::evm::rlp::string(crypto::keccak256(bytes).view());
    }

    static base::Bytes node(Entries const& entries, std::size_t depth, Key const* way,
                            std::vector<base::Bytes>* proof) {
        namespace rlp = driver::evm::rlp;
        if (entries.empty()) return rlp::string({});
        auto const& [key, value] = *entries.begin();
        if (entries.size() == 1) return rlp::list({path(key, depth, key.size(), 2), rlp::string(value)});
        if (auto const end = common(entries, depth); end > depth) {
            return rlp::list({path(key, depth, end, 0), reference(entries, end, way, proof)});
        }
        std::vector<base::Bytes> items;
        for (std::uint8_t nibble = 0; nibble < 16; ++nibble) {
            Entries below;
            for (auto const& [other, its] : entries) {
                if (other.size() > depth && other[depth] == nibble) below[other] = its;
            }
            items.push_back(reference(below, depth + 1, way, proof));
        }
        items.push_back(rlp::string(key.size() == depth ? value : base::Bytes()));
        return rlp::list(items);
    }

    Entries m_entries;
};

}  // namespace consortium::test
