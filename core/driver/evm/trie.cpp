#include "core/driver/evm/trie.h"

#include "core/base/error.h"
#include "core/driver/evm/rlp.h"

#include <algorithm>
#include <fmt/format.h>

namespace consortium::driver::evm {

using base::Bytes;
using base::BytesView;
using base::Code;
using base::Error;

namespace {

constexpr std::size_t hash_size = 32;
constexpr std::size_t branches = 16;

[[noreturn]] void fail(std::string_view what) {
    throw Error(Code::verification_failed, fmt::format("the proof does not hold: {}", what));
}

using Nibbles = std::vector<std::uint8_t>;

Nibbles nibbles_of(BytesView bytes) {
    Nibbles out;
    out.reserve(2 * bytes.size());
    for (auto const byte : bytes) {
        out.push_back(byte >> 4);
        out.push_back(byte & 0x0f);
    }
    return out;
}

struct Path {
    Nibbles nibbles;
    bool ends = false;  // a leaf's
};

// Hex-prefix encoding (Yellow Paper, appendix C): the first nibble has the flags 2, for a leaf, and 1, for an
// odd number of nibbles; of an even number a zero nibble follows.
Path read_path(BytesView bytes) {
    auto nibbles = nibbles_of(bytes);
    if (nibbles.empty() || nibbles[0] > 3) fail("a path with other flags than leaf and odd");
    bool const odd = (nibbles[0] & 1) != 0;
    bool const leaf = (nibbles[0] & 2) != 0;
    if (!odd && nibbles[1] != 0) fail("a path with padding that is not zero");
    nibbles.erase(nibbles.begin(), nibbles.begin() + (odd ? 1 : 2));
    if (!leaf && nibbles.empty()) fail("an extension by nothing");
    return {std::move(nibbles), leaf};
}

// The way from a root to a key's value, one node at a time.
class Walk {
public:
    Walk(BytesView key, std::vector<Bytes> const& nodes, port::Hash keccak256)
        : m_rest(nibbles_of(key)), m_nodes(nodes), m_keccak256(keccak256) {}

    std::optional<Bytes> from(Word const& root) {
        std::optional<rlp::Item> node = hashed(root.view());
        std::optional<Bytes> value;
        while (node) node = step(*node, value);
        if (m_used != m_nodes.size()) fail("more nodes than are on the way");
        return value;
    }

private:
    // The next node of the proof, which must have this hash.
    rlp::Item hashed(BytesView hash) {
        if (m_used == m_nodes.size()) fail("a node is missing");
        auto const& bytes = m_nodes[m_used++];
        auto const digest = m_keccak256(bytes);
        if (!std::equal(hash.begin(), hash.end(), digest.bytes.begin(), digest.bytes.end())) {
            fail(fmt::format("node {} has another hash", m_used));
        }
        if (m_used > 1 && bytes.size() < hash_size) fail("a node by hash that is shorter than its hash");
        return rlp::read(bytes);
    }

    // What a branch or an extension refers to: nothing, a hash, or a node shorter than a hash itself.
    std::optional<rlp::Item> child(rlp::Item const& reference) {
        if (reference.is_list) {
            if (reference.whole.size() >= hash_size) fail("an embedded node as long as a hash");
            return reference;
        }
        if (reference.content.empty()) return std::nullopt;
        if (reference.content.size() != hash_size) fail("a reference that is no hash");
        return hashed(reference.content);
    }

    static std::optional<Bytes> value_of(rlp::Item const& item) {
        if (item.is_list) fail("a value that is a list");
        if (item.content.empty()) return std::nullopt;
        return Bytes(item.content.begin(), item.content.end());
    }

    // One step down; none at the end of the way, where `value` is what is there.
    std::optional<rlp::Item> step(rlp::Item const& node, std::optional<Bytes>& value) {
        if (!node.is_list) {
            if (node.content.empty() && m_used == 1) return std::nullopt;  // the trie is empty
            fail("a node that is no list");
        }
        auto const items = rlp::items(node, branches + 1);
        if (items.size() == branches + 1) {
            if (m_at == m_rest.size()) {
                value = value_of(items[branches]);
                return std::nullopt;
            }
            return child(items[m_rest[m_at++]]);
        }
        if (items.size() != 2 || items[0].is_list) fail("a node that is neither branch, extension nor leaf");
        return follow(read_path(items[0].content), items[1], value);
    }

    std::optional<rlp::Item> follow(Path const& path, rlp::Item const& target, std::optional<Bytes>& value) {
        auto const begin = m_rest.begin() + static_cast<std::ptrdiff_t>(m_at);
        auto const left = m_rest.size() - m_at;
        bool const fits =
            path.nibbles.size() <= left && std::equal(path.nibbles.begin(), path.nibbles.end(), begin);
        if (path.ends) {
            auto found = value_of(target);
            if (!found) fail("a leaf without a value");
            if (fits && path.nibbles.size() == left) value = std::move(found);
            return std::nullopt;
        }
        if (!fits) return std::nullopt;  // the way parts here: there is nothing at the key
        m_at += path.nibbles.size();
        auto const next = child(target);
        if (!next) fail("an extension to nothing");
        return next;
    }

    Nibbles m_rest;
    std::size_t m_at = 0;
    std::vector<Bytes> const& m_nodes;
    std::size_t m_used = 0;
    port::Hash m_keccak256;
};

Word word_of(rlp::Item const& item, std::string_view what) {
    if (item.is_list || item.content.size() != hash_size) fail(fmt::format("an account without {}", what));
    return Word::from_big_endian(item.content);
}

// A number as RLP has it: big-endian without leading zeros.
Word number_of(rlp::Item const& item) {
    if (item.is_list || item.content.size() > hash_size) fail("a number of more than 32 bytes");
    if (!item.content.empty() && item.content[0] == 0) fail("a number with leading zeros");
    return Word::from_big_endian(item.content);
}

AccountState read_account(BytesView bytes) {
    auto const items = rlp::items(rlp::read(bytes), 4);
    if (items.size() != 4) fail("an account without its four fields");
    return {number_of(items[0]).number(), number_of(items[1]), word_of(items[2], "a storage root"),
            word_of(items[3], "a code hash")};
}

// What is not RLP is a proof that does not hold, too.
template <typename Read>
auto held(Read const& read) {
    std::string what;
    try {
        return read();
    } catch (Error const& error) {
        if (error.code() != Code::malformed) throw;
        what = error.message();
    }
    fail(what);
}

}  // namespace

Word empty_trie_root(port::Hash keccak256) {
    return Word::from_digest(keccak256(rlp::string({})));
}

std::optional<Bytes> prove(Word const& root, BytesView key, std::vector<Bytes> const& nodes,
                           port::Hash keccak256) {
    // Of an empty trie some nodes send no node, some the empty string.
    if (nodes.empty() && root == empty_trie_root(keccak256)) return std::nullopt;
    return held([&] { return Walk(key, nodes, keccak256).from(root); });
}

AccountState prove_account(Word const& state_root, std::string_view address, std::vector<Bytes> const& nodes,
                           port::Hash keccak256) {
    auto const whole = Word::from_address(address);
    auto const key = keccak256(whole.view().subspan(12));
    auto const found = prove(state_root, key.view(), nodes, keccak256);
    if (!found) return {0, {}, empty_trie_root(keccak256), Word::from_digest(keccak256({}))};
    return held([&] { return read_account(*found); });
}

Word prove_slot(Word const& storage_root, Word const& position, std::vector<Bytes> const& nodes,
                port::Hash keccak256) {
    auto const key = keccak256(position.view());
    auto const found = prove(storage_root, key.view(), nodes, keccak256);
    if (!found) return {};
    return held([&] {
        auto const value = number_of(rlp::read(*found));
        if (value.is_zero()) fail("a zero that is stored");
        return value;
    });
}

}  // namespace consortium::driver::evm
