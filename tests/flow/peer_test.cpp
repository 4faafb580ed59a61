#include "core/journal/proof.h"
#include "tests/support/looking.h"

using namespace consortium;

TEST_CASE("a peer's tree gives its new entries, once they are seen to continue the old ones") {
    Looking here;
    CHECK_FALSE(here.look());
    auto const before = here.globex.store().head().size;
    here.globex.propose("one");
    here.globex.propose("two");
    auto const size = here.publish();
    auto const tree = here.look();
    REQUIRE(tree);
    CHECK(tree->size() == size);
    CHECK(tree->size() - tree->seen() == size - before);
    auto const leaves = here.read(*tree).leaves;
    REQUIRE(leaves.size() == size - before);
    CHECK(leaves.back() == here.globex.store().entry(size - 1).leaf);
}

TEST_CASE("a peer's tree across several bundles, its partial tiles gone") {
    Looking here;
    for (int i = 0; i < 10; ++i) here.globex.propose("n-" + std::to_string(i));
    here.publish();
    here.acme.sync(here.exchange);
    auto const seen = here.globex.store().head().size;
    here.grow(600);
    here.publish();
    CHECK_FALSE(here.exchange.has("globex/" + journal::entries_path(0, seen)));
    auto const tree = here.look();
    REQUIRE(tree);
    CHECK(here.read(*tree).leaves.size() == tree->size() - seen);
}

TEST_CASE("a reader that comes with an older checkpoint uses the full tile") {
    Looking here;
    for (int i = 0; i < 3; ++i) here.globex.propose("n-" + std::to_string(i));
    here.publish();
    auto const older = here.blob("checkpoint");
    here.grow(300);
    here.publish();
    here.blob("checkpoint") = older;
    CHECK(here.look());
}

TEST_CASE("a peer's tree that is smaller than it was") {
    Looking here;
    auto const old = here.exchange.below("globex");
    here.globex.propose("one");
    here.globex.sync(here.exchange);
    here.acme.sync(here.exchange);
    here.exchange.replace("globex", old);
    CHECK(says(here.complaint(), "entries, but had"));
}

TEST_CASE("a peer's tree that has forked: same size, larger") {
    Looking here;
    auto& globex = here.globex;
    here.step_back();
    globex.propose("other");
    here.publish_instead();
    CHECK(says(here.complaint(), "has forked"));
    globex.propose("another");
    here.publish_instead();
    CHECK(says(here.complaint(), "has forked"));
    CHECK(here.forks().size() == 1);  // whoever forks again and again does not fill the journals of others
}

TEST_CASE("both heads of a fork are kept, with a proof that they contradict one another") {
    Looking here;
    auto& globex = here.globex;
    here.step_back();
    auto const seen = here.blob("checkpoint");
    globex.propose("other");
    globex.propose("another");
    here.publish_instead();
    here.acme.sync(here.exchange);
    here.acme.sync(here.exchange);
    REQUIRE(here.forks().size() == 1);
    auto const body = base::Json::parse(here.forks()[0]);
    CHECK(body.at("member") == "globex");
    CHECK(body.at("seen") == seen);
    CHECK(body.at("shown") == here.blob("checkpoint"));
    auto const proof = journal::ConsistencyProof::parse(body.at("proof").get<std::string>());
    auto const& epoch = *here.acme.store().latest();
    auto const key = flow::log_key(epoch, *epoch.member("globex"));
    auto const& verifier = here.acme.services().verifier;
    auto const before = journal::open_checkpoint(seen, {key}, verifier).checkpoint;
    auto const after = journal::verify_proof(proof, {key}, verifier).checkpoint;
    CHECK(proof.checkpoint == here.blob("checkpoint"));
    CHECK(after.size > before.size);
    CHECK(proof.old_size == before.size);
    CHECK(proof.old_root != before.root);
}

TEST_CASE("a fork is seen behind what is left of the tree that was seen") {
    Looking here;
    auto& globex = here.globex;
    here.step_back();
    for (auto const* name : {"other", "another", "third"}) globex.propose(name);
    for (auto const& [path, content] : here.published_apart()) here.exchange.blobs[path] = content;
    CHECK(says(here.complaint(), "has forked"));
    CHECK(here.forks().size() == 1);
}

TEST_CASE("tiles that do not prove a fork accuse nobody of one") {
    Looking here;
    here.globex.propose("one");
    auto const size = here.publish();
    here.acme.sync(here.exchange);
    here.globex.propose("two");
    here.publish();
    auto const path = journal::tile_path(0, 0, size);
    auto& tile = here.exchange.has("globex/" + path)
                     ? here.blob(path)
                     : here.blob(journal::tile_path(0, 0, here.globex.store().head().size));
    tile[3] ^= 1;
    auto const complaint = here.complaint();
    CHECK(says(complaint, "tiles do not give"));
    CHECK(here.forks().empty());
}

TEST_CASE("a peer's tree that does not fit its checkpoint names the entry") {
    Looking here;
    here.globex.propose("one");
    auto const size = here.publish();
    auto const entries = journal::entries_path(0, size);
    auto const whole = here.blob(entries);
    here.blob(entries)[whole.size() - 30] ^= 1;
    CHECK(says(here.complaint(), "entry " + std::to_string(size - 1) + " is not the one in"));
    here.blob(entries) = journal::bundle_entries({"one"});
    CHECK(says(here.complaint(), "is too short"));
    here.exchange.blobs.erase("globex/" + entries);
    CHECK(says(here.complaint(), "'" + entries + "' is missing"));
    here.blob("checkpoint")[here.blob("checkpoint").size() - 10] ^= 1;
    CHECK_FALSE(here.complaint().empty());
    here.blob("checkpoint") = here.exchange.blobs.at("acme/checkpoint");
    CHECK_FALSE(here.complaint().empty());
}

TEST_CASE("a peer's bundle that changes between two looks") {
    Looking here;
    here.globex.propose("one");
    auto const size = here.publish();
    auto const tree = here.look();
    REQUIRE(tree);
    auto& bundle = here.blob(journal::entries_path(0, size));
    bundle[bundle.size() - 30] ^= 1;
    CHECK_THROWS_WITH_AS(
        here.read(*tree),
        "the journal that 'globex' publishes does not hold: it changed while it was being read", base::Error);
}
