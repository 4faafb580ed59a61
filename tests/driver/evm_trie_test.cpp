#include "core/base/error.h"
#include "core/driver/evm/trie.h"
#include "tests/driver/evm_exchange.h"
#include "tests/driver/trie_builder.h"

#include <doctest/doctest.h>

namespace base = consortium::base;
namespace evm = consortium::driver::evm;
namespace rlp = consortium::driver::evm::rlp;
using base::Bytes;
using base::Json;
using consortium::crypto::keccak256;
using consortium::test::TrieBuilder;
using evm::Word;

namespace {

using Nodes = std::vector<Bytes>;

std::optional<Bytes> prove(Word const& root, Bytes const& key, Nodes const& nodes) {
    return evm::prove(root, key, nodes, &keccak256);
}

bool holds(Word const& root, Bytes const& key, Nodes const& nodes) {
    try {
        static_cast<void>(prove(root, key, nodes));
    } catch (base::Error const& error) {
        CHECK(error.code() == base::Code::verification_failed);
        return false;
    }
    return true;
}

// Texts as they are, hexadecimal ones as the bytes.
Bytes bytes_of(Json const& text) {
    auto const value = text.get<std::string>();
    return value.starts_with("0x") ? evm::read_data(value, "a vector") : base::to_bytes(value);
}

struct Vector {
    TrieBuilder trie;
    std::map<Bytes, Bytes> entries;
    Word root;
};

// ethereum/tests, TrieTests/trietest.json (MIT): those that end with entries.
std::map<std::string, Vector> vectors() {
    auto const path = base::Path(consortium::test::data_folder()) / "evm" / "trietest.json";
    std::map<std::string, Vector> out;
    auto const all = Json::parse(base::read_text(path, 1u << 20));
    for (auto const& [name, test] : all.items()) {
        auto& vector = out[name];
        for (auto const& step : test.at("in")) {
            auto const key = bytes_of(step[0]);
            if (step[1].is_null()) {
                vector.entries.erase(key);
                vector.trie.remove(key);
            } else {
                vector.entries[key] = bytes_of(step[1]);
                vector.trie.put(key, bytes_of(step[1]));
            }
        }
        vector.root = Word::from_text(test.at("root").get<std::string>());
    }
    return out;
}

// Keys that are not in the trie: before, behind, between and below those that are.
std::vector<Bytes> absent_keys(std::map<Bytes, Bytes> const& entries) {
    std::vector<Bytes> candidates{{}, {0}, {0xff}, base::to_bytes("d"), base::to_bytes("key4")};
    for (auto const& [key, value] : entries) {
        auto shorter = key, longer = key, other = key, early = key;
        shorter.pop_back();
        longer.push_back(0);
        other.back() ^= 1;
        early.front() ^= 0x10;
        candidates.insert(candidates.end(), {shorter, longer, other, early});
    }
    std::erase_if(candidates, [&](auto const& key) { return entries.contains(key); });
    return candidates;
}

Word root_of(Bytes const& node) {
    return Word::from_digest(keccak256(node));
}

}  // namespace

TEST_CASE("tries of the published vectors: every key and every other one is proven") {
    std::size_t present = 0, absent = 0;
    for (auto const& [name, vector] : vectors()) {
        CAPTURE(name);
        CHECK(vector.trie.root() == vector.root);  // the builder of the proofs is right
        for (auto const& [key, value] : vector.entries) {
            auto const found = prove(vector.root, key, vector.trie.proof(key));
            REQUIRE(found);
            CHECK(*found == value);
            ++present;
        }
        for (auto const& key : absent_keys(vector.entries)) {
            CHECK_FALSE(prove(vector.root, key, vector.trie.proof(key)));
            ++absent;
        }
    }
    CHECK(present == 18);
    CHECK(absent > 60);
}

TEST_CASE("a proof with any byte changed, a node left out, added or moved does not hold") {
    for (auto const& [name, vector] : vectors()) {
        auto keys = absent_keys(vector.entries);
        for (auto const& [key, value] : vector.entries) keys.push_back(key);
        for (auto const& key : keys) {
            auto const nodes = vector.trie.proof(key);
            for (std::size_t i = 0; i < nodes.size(); ++i) {
                auto changed = nodes;
                for (std::size_t at = 0; at < nodes[i].size(); ++at) {  // another bit of each byte
                    changed[i][at] ^= static_cast<std::uint8_t>(1 << (at + i) % 8);
                    if (holds(vector.root, key, changed)) FAIL_CHECK("byte " << at << " of node " << i);
                    changed[i] = nodes[i];
                }
                changed.erase(changed.begin() + static_cast<std::ptrdiff_t>(i));
                CHECK_FALSE(holds(vector.root, key, changed));
                changed = nodes;
                changed.push_back(nodes[i]);
                CHECK_FALSE(holds(vector.root, key, changed));
                if (i == 0) continue;
                changed = nodes;
                std::swap(changed[i], changed[i - 1]);
                CHECK_FALSE(holds(vector.root, key, changed));
            }
            CHECK_FALSE(holds(root_of({1}), key, nodes));
        }
    }
}

TEST_CASE("the empty trie has nothing, shown by no node or by the empty one") {
    auto const root = evm::empty_trie_root(&keccak256);
    CHECK(root.text() == "0x56e81f171bcc55a6ff8345e692c0f86e5b48e01b996cadc001622fb5e363b421");
    CHECK_FALSE(prove(root, {1}, {}));
    CHECK_FALSE(prove(root, {1}, {{0x80}}));
    CHECK_FALSE(holds(root, {1}, {{0x80}, {0x80}}));
    CHECK_FALSE(holds(root, {1}, {{}}));
    CHECK_FALSE(holds(Word(), {1}, {}));
}

TEST_CASE("nodes that no trie has are refused although their hashes are right") {
    Bytes const key{0x12};
    auto const value = rlp::string(base::as_bytes("value"));
    auto const alone = [&](Bytes const& node) { return holds(root_of(node), key, {node}); };
    auto const leaf = [&](Bytes const& path) { return alone(rlp::list({rlp::string(path), value})); };
    CHECK(leaf({0x20, 0x12}));
    CHECK(leaf({0x31}));              // another key's: none
    CHECK_FALSE(leaf({0x2f, 0x12}));  // padding
    CHECK_FALSE(leaf({0x40, 0x12}));  // an unknown flag
    CHECK_FALSE(leaf({0xf0, 0x12}));
    CHECK_FALSE(leaf({}));
    CHECK_FALSE(leaf({0x00}));  // an extension by nothing
    auto const rest = rlp::list({rlp::string(Bytes{0x20, 0x12}), value});
    CHECK_FALSE(alone(rlp::list({rlp::string(Bytes{0x00}), rest})));
    CHECK_FALSE(leaf({0x11}));  // an extension to what is no hash
    CHECK_FALSE(alone(rlp::list({rlp::string(Bytes{0x11}), rlp::string({})})));
    CHECK_FALSE(alone(rlp::list({rlp::string(Bytes{0x20, 0x12}), rlp::string({})})));
    CHECK_FALSE(alone(rlp::list({rlp::string(Bytes{0x20, 0x12}), rlp::list({value})})));
    CHECK_FALSE(alone(rlp::list({value})));
    CHECK_FALSE(alone(rlp::list({value, value, value})));
    CHECK_FALSE(alone(rlp::list({})));
    CHECK_FALSE(alone(value));
    CHECK_FALSE(alone({}));
    CHECK_FALSE(alone({0xc1}));
    // A node that is long enough to be referred to by hash, embedded all the same; and one that is too short.
    auto const text = rlp::string(base::as_bytes("a value of some length to make it long"));
    auto const far = rlp::list({rlp::string(Bytes{0x32}), text});
    CHECK_FALSE(alone(rlp::list({rlp::string(Bytes{0x11}), far})));
    auto const near = rlp::list({rlp::string(Bytes{0x32}), value});
    CHECK(alone(rlp::list({rlp::string(Bytes{0x11}), near})));
    auto const by_hash = rlp::list({rlp::string(Bytes{0x11}), rlp::string(keccak256(near).view())});
    CHECK_FALSE(holds(root_of(by_hash), key, {by_hash, near}));
    auto const right = rlp::list({rlp::string(Bytes{0x11}), rlp::string(keccak256(far).view())});
    CHECK(holds(root_of(right), key, {right, far}));
    CHECK_FALSE(holds(root_of(right), key, {right}));
}

TEST_CASE("accounts and slots that are not of their form are refused") {
    std::string const address = consortium::test::at::proxy;
    auto const key = keccak256(Word::from_address(address).view().subspan(12));
    auto const hash = rlp::string(Bytes(32, 7));
    auto const account = [&](std::vector<Bytes> const& fields) {
        TrieBuilder trie;
        trie.put(key.view(), rlp::list(fields));
        try {
            auto const found = evm::prove_account(trie.root(), address, trie.proof(key.view()), &keccak256);
            return found.nonce == 5 && found.balance == Word::number(6);
        } catch (base::Error const& error) {
            CHECK(error.code() == base::Code::verification_failed);
            return false;
        }
    };
    CHECK(account({rlp::number(5), rlp::number(6), hash, hash}));
    CHECK_FALSE(account({rlp::number(5), rlp::number(6), hash}));
    CHECK_FALSE(account({rlp::number(5), rlp::number(6), hash, hash, hash}));
    CHECK_FALSE(account({rlp::string(Bytes{0, 5}), rlp::number(6), hash, hash}));
    CHECK_FALSE(account({rlp::number(5), rlp::string(Bytes(33, 1)), hash, hash}));
    CHECK_FALSE(account({rlp::string(Bytes(9, 5)), rlp::number(6), hash, hash}));
    CHECK_FALSE(account({rlp::number(5), rlp::number(6), rlp::string(Bytes(31, 7)), hash}));
    CHECK_FALSE(account({rlp::number(5), rlp::number(6), hash, rlp::list({})}));

    auto const position = Word::number(3);
    auto const slot_key = keccak256(position.view());
    auto const slot = [&](Bytes const& stored) -> std::optional<Word> {
        TrieBuilder trie;
        trie.put(slot_key.view(), stored);
        try {
            return evm::prove_slot(trie.root(), position, trie.proof(slot_key.view()), &keccak256);
        } catch (base::Error const& error) {
            CHECK(error.code() == base::Code::verification_failed);
            return std::nullopt;
        }
    };
    CHECK(slot(rlp::number(9)) == Word::number(9));
    CHECK(slot(rlp::string(Bytes(32, 0xff))) == Word::from_big_endian(Bytes(32, 0xff)));
    CHECK_FALSE(slot(rlp::number(0)));
    CHECK_FALSE(slot(rlp::string(Bytes{0, 9})));
    CHECK_FALSE(slot(rlp::string(Bytes(33, 1))));
    CHECK_FALSE(slot(rlp::list({})));
    CHECK_FALSE(slot(Bytes{0x81, 9}));
    CHECK_FALSE(slot(Bytes{9, 9}));
}
