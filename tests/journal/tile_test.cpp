#include "core/journal/tile.h"

#include "core/base/error.h"
#include "core/journal/proof.h"
#include "core/model/act.h"

#include <doctest/doctest.h>
#include <map>

using namespace consortium;
using namespace consortium::journal;

namespace {

using Tiles = std::map<std::pair<int, std::uint64_t>, std::vector<Digest>>;

void push(Tiles& tiles, int level, std::uint64_t index, Digest const& hash) {
    auto& tile = tiles[{level, index / tile_width}];
    tile.push_back(hash);
    if (tile.size() == tile_width) push(tiles, level + 1, index / tile_width, tile_root(tile));
}

SubtreeReader reader_of(Tiles const& tiles) {
    return subtrees_of([&](int level, std::uint64_t number) { return tiles.at({level, number}); });
}

}  // namespace

TEST_CASE("paths of tiles and entry bundles") {
    CHECK(tile_path(0, 0, 256) == "tile/0/000");
    CHECK(tile_path(1, 1234067, 256) == "tile/1/x001/x234/067");
    CHECK(tile_path(0, 5, 17) == "tile/0/005.p/17");
    CHECK(tile_path(2, 1000, 1) == "tile/2/x001/000.p/1");
    CHECK(entries_path(1234067, 256) == "tile/entries/x001/x234/067");
    CHECK(entries_path(0, 3) == "tile/entries/000.p/3");
}

TEST_CASE("a level grows only by full tiles of the level below") {
    CHECK(tile_levels(0) == 0);
    CHECK(tile_levels(255) == 1);
    CHECK(tile_levels(256) == 2);
    CHECK(tile_levels(65'535) == 2);
    CHECK(tile_levels(65'536) == 3);
    CHECK(tile_hashes(70'000, 0, 273) == 112);
    CHECK(tile_hashes(70'000, 0, 274) == 0);
    CHECK(tile_hashes(70'000, 1, 0) == 256);
    CHECK(tile_hashes(70'000, 1, 1) == 17);
    CHECK(tile_hashes(70'000, 2, 0) == 1);
    CHECK(tile_hashes(70'000, 9, 0) == 0);
}

TEST_CASE("subtrees come out of tiles as out of leaves") {
    constexpr std::uint64_t size = 66'000;
    Tiles tiles;
    Frontier frontier;
    std::vector<Digest> roots(size + 1);
    for (std::uint64_t index = 0; index < size; ++index) {
        roots[index] = index % 1'009 == 0 ? frontier.root() : Digest{};
        auto const leaf = leaf_hash(std::to_string(index));
        frontier.append(leaf);
        push(tiles, 0, index, leaf);
    }
    auto const read = reader_of(tiles);
    CHECK(tree_root(size, read) == frontier.root());
    for (std::uint64_t old = 0; old < size; old += 1'009) {
        CHECK(tree_root(old, read) == roots[old]);
        CHECK(verify_consistency(old, size, roots[old], frontier.root(), consistency_proof(old, size, read)));
        auto const proof = inclusion_proof(old, size, read);
        CHECK(verify_inclusion(old, size, leaf_hash(std::to_string(old)), proof, frontier.root()));
    }
}

TEST_CASE("tiles prove growth only where they give the root of the head, in all that the proof reads") {
    constexpr std::uint64_t size = 600;
    constexpr std::uint64_t earlier = 100;
    Tiles tiles;
    Frontier frontier;
    Digest root;
    for (std::uint64_t index = 0; index < size; ++index) {
        if (index == earlier) root = frontier.root();
        auto const leaf = leaf_hash(std::to_string(index));
        frontier.append(leaf);
        push(tiles, 0, index, leaf);
    }
    Checkpoint head;
    head.origin = "log";
    head.size = size;
    head.root = frontier.root();
    auto const proof = prove_growth(earlier, head, "note", reader_of(tiles));
    REQUIRE(proof);
    CHECK(proof->old_size == earlier);
    CHECK(proof->old_root == root);
    CHECK(proof->checkpoint == "note");
    auto const same = prove_growth(size, head, "note", reader_of(tiles));
    REQUIRE(same);
    CHECK(same->old_root == head.root);
    CHECK(same->hashes.empty());
    CHECK_THROWS_AS(prove_growth(size + 1, head, "note", reader_of(tiles)), base::Error);
    // Within the earlier tree and beyond it; the upper tile and the last one, which the root is made of, are
    // whole.
    for (std::size_t const at : {std::size_t{50}, std::size_t{200}}) {
        auto spoiled = tiles;
        spoiled.at({0, 0}).at(at).bytes[0] ^= 1;
        CHECK(tree_root(size, reader_of(spoiled)) == head.root);
        CHECK_FALSE(prove_growth(earlier, head, "note", reader_of(spoiled)));
    }
}

TEST_CASE("a tile that is too short is named") {
    auto const read = subtrees_of([](int, std::uint64_t) { return std::vector<Digest>(3); });
    CHECK_THROWS_WITH_AS(tree_root(4, read), "tile tile/0/000 holds 3 hashes where 4 are needed",
                         base::Error);
}

TEST_CASE("partial tiles are never hashed upward") {
    CHECK_THROWS_AS(tile_root(std::vector<Digest>(255)), base::Error);
}

TEST_CASE("tiles and entry bundles refuse torn bytes") {
    std::vector<Digest> const hashes{leaf_hash("a"), leaf_hash("b")};
    CHECK(tile_from_bytes(tile_bytes(hashes)) == hashes);
    CHECK_THROWS_AS(tile_from_bytes(base::Bytes(31)), base::Error);
    CHECK_THROWS_AS(tile_from_bytes(base::Bytes()), base::Error);
    CHECK_THROWS_AS(tile_from_bytes(base::Bytes(257 * 32)), base::Error);

    std::vector<std::string> const entries{"one", "", std::string(model::max_entry, 'x')};
    auto const bundle = bundle_entries(entries);
    CHECK(bundle.substr(0, 5) == std::string("\0\3one", 5));
    CHECK(unbundle_entries(bundle) == entries);
    CHECK_THROWS_AS(unbundle_entries(bundle.substr(0, bundle.size() - 1)), base::Error);
    CHECK_THROWS_AS(unbundle_entries(bundle + "x"), base::Error);
    CHECK_THROWS_AS(bundle_entries({std::string(model::max_entry + 1, 'x')}), base::Error);
    std::string const many(257 * 2, '\0');
    CHECK_THROWS_AS(unbundle_entries(many), base::Error);
}
