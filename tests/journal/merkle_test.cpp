#include "core/journal/merkle.h"

#include "core/base/error.h"
#include "core/base/file.h"
#include "core/base/json.h"
#include "core/journal/tile.h"
#include "tests/support/data_folder.h"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

using namespace consortium;
using namespace consortium::journal;

namespace {

Digest hash_of(base::Json const& value) {
    // Some vectors hold other bytes than a hash where the value does not matter.
    auto const bytes = base::from_base64(value.get<std::string>());
    return bytes.size() == 32 ? Digest::from_bytes(bytes) : leaf_hash(base::as_text(bytes));
}

std::vector<Digest> hashes_of(base::Json const& value) {
    std::vector<Digest> out;
    for (auto const& hash : value) out.push_back(hash_of(hash));
    return out;
}

base::Json vectors(std::string const& name) {
    auto const path = base::Path(consortium::test::data_folder()) / "merkle" / name;
    // Sizes go up to 2^64-1, which the strict reader refuses.
    return base::Json::parse(base::read_text(path, 1u << 20));
}

/// The definition of RFC 6962 section 2.1, word for word.
Digest naive_root(std::vector<Digest> const& leaves, std::size_t begin, std::size_t end) {
    if (begin == end) return empty_root();
    if (end - begin == 1) return leaves[begin];
    std::size_t split = 1;
    while (split * 2 < end - begin) split *= 2;
    return node_hash(naive_root(leaves, begin, begin + split), naive_root(leaves, begin + split, end));
}

SubtreeReader reader(std::vector<Digest> const& leaves) {
    return [&leaves](int height, std::uint64_t index) {
        return naive_root(leaves, index << height, (index + 1) << height);
    };
}

std::vector<Digest> some_leaves(std::size_t count) {
    std::vector<Digest> leaves;
    for (std::size_t at = 0; at < count; ++at) leaves.push_back(leaf_hash("entry " + std::to_string(at)));
    return leaves;
}

}  // namespace

// All files of the two folders, 98 each, of which 92 must be refused; those of other folders are about proofs
// of subtrees, which nothing here makes or reads.
TEST_CASE("inclusion proofs of the transparency-dev vectors") {
    int checked = 0, refused = 0;
    for (auto const& row : vectors("inclusion.json")) {
        CAPTURE(row[0].get<std::string>());
        // A leaf without bytes is no hash, and could not come in as a Digest.
        bool const valid = !row[4].get<std::string>().empty() &&
                           verify_inclusion(row[1].get<std::uint64_t>(), row[2].get<std::uint64_t>(),
                                            hash_of(row[4]), hashes_of(row[5]), hash_of(row[3]));
        CHECK(valid != row[6].get<bool>());
        ++checked;
        refused += valid ? 0 : 1;
    }
    CHECK(checked == 98);
    CHECK(refused == 92);
}

TEST_CASE("consistency proofs of the transparency-dev vectors") {
    int checked = 0, refused = 0;
    for (auto const& row : vectors("consistency.json")) {
        CAPTURE(row[0].get<std::string>());
        // There they call a proof from the empty tree meaningless; here it is how a log begins.
        if (row[0] == "additional/size1-is-zero-and-size2-is-not-zero") continue;
        bool const valid = verify_consistency(row[1].get<std::uint64_t>(), row[2].get<std::uint64_t>(),
                                              hash_of(row[3]), hash_of(row[4]), hashes_of(row[5]));
        CHECK(valid != row[6].get<bool>());
        ++checked;
        refused += valid ? 0 : 1;
    }
    CHECK(checked == 97);
    CHECK(refused == 91);
}

TEST_CASE("the roots of Certificate Transparency's eight reference leaves") {
    std::vector<std::string> const leaves{
        "", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"};
    Frontier frontier;
    CHECK(frontier.root().hex() == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    for (auto const& leaf : leaves) {
        auto const bytes = base::from_hex(leaf);
        frontier.append(leaf_hash(base::as_text(bytes)));
    }
    CHECK(frontier.root().hex() == "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328");
}

TEST_CASE("a frontier has the root of the definition at every size") {
    auto const leaves = some_leaves(300);
    Frontier frontier;
    for (std::size_t size = 0; size <= leaves.size(); ++size) {
        CHECK(frontier.root() == naive_root(leaves, 0, size));
        auto const copy = Frontier::from_bytes(size, frontier.bytes());
        CHECK(copy.root() == frontier.root());
        if (size < leaves.size()) frontier.append(leaves[size]);
    }
    CHECK_THROWS_AS(Frontier::from_bytes(3, base::Bytes(32)), base::Error);
}

TEST_CASE("built proofs hold, and fail for any other leaf, index, size or root") {
    auto const leaves = some_leaves(70);
    auto const read = reader(leaves);
    for (std::uint64_t size = 1; size <= leaves.size(); ++size) {
        auto const root = tree_root(size, read);
        for (std::uint64_t index = 0; index < size; ++index) {
            auto const proof = inclusion_proof(index, size, read);
            CHECK(verify_inclusion(index, size, leaves[index], proof, root));
            CHECK_FALSE(verify_inclusion(index, size, leaf_hash("other"), proof, root));
            CHECK_FALSE(verify_inclusion(index, size, leaves[index], proof, leaf_hash("other")));
            CHECK_FALSE(verify_inclusion(size, size, leaves[index], proof, root));
            if (size > 1) CHECK_FALSE(verify_inclusion((index + 1) % size, size, leaves[index], proof, root));
        }
        for (std::uint64_t old = 0; old <= size; ++old) {
            auto const proof = consistency_proof(old, size, read);
            CHECK(verify_consistency(old, size, tree_root(old, read), root, proof));
            CHECK_FALSE(verify_consistency(old, size, leaf_hash("other"), root, proof));
        }
    }
    CHECK_THROWS_AS(inclusion_proof(5, 5, read), base::Error);
    CHECK_THROWS_AS(consistency_proof(6, 5, read), base::Error);
}
