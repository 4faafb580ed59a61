#include "tests/support/code_of.h"
#include "tests/support/looking.h"

using namespace consortium;

TEST_CASE("a peer that forks behind the part of it that was taken in is seen") {
    Looking here;
    auto& globex = here.globex;
    here.grow(700);
    here.publish();
    Backup backup(globex);
    here.grow(500);
    here.publish();
    auto const signed_first = here.blob("checkpoint");
    {
        flow::Allowance two(here.acme.clock, {.time = {300}, .bundles = 2});
        flow::Allowance::Turn const turn(two);
        auto const tree = here.look(two);
        REQUIRE(tree);
        here.part = here.read(*tree).part;
        here.head = tree->note();
        CHECK(here.part->size == 512);
    }
    // Other entries behind the part: as many, more, and fewer.
    backup.restore();
    here.grow(300, "test.other");
    here.publish_instead();
    CHECK(says(here.complaint(), "entries, but had"));
    CHECK(here.forks().empty());
    here.grow(400, "test.other");
    here.publish_instead();
    CHECK(says(here.complaint(), "has forked"));
    REQUIRE(here.forks().size() == 1);
    CHECK(says(here.forks()[0], base::Json(signed_first).dump()));
}

TEST_CASE("a head of whose tree nothing could be read yet is not kept") {
    Looking here;
    here.globex.propose("one");
    here.publish();
    here.exchange.on_read = [&](std::string const& path) {
        if (path == "globex/checkpoint") here.acme.clock.pass(200);
    };
    auto const problem = here.problem_of_sync();
    REQUIRE(problem);
    CHECK(problem->code() == base::Code::unavailable);
    CHECK_FALSE(flow::known_of(here.acme.store(), "globex").part);
}

TEST_CASE("of an origin that a member has left the newest signed head is kept, also that of a part") {
    Looking here;
    TestSigner old_log("old");
    here.globex.propose("one");
    here.publish();
    here.part = journal::Checkpoint{"consortium/globex/00000000", 5, journal::leaf_hash("part")};
    here.head = journal::sign_checkpoint({here.part->origin, 9, journal::leaf_hash("whole")}, old_log);
    here.is_forgotten = true;
    auto const tree = here.look();
    REQUIRE(tree);
    CHECK(tree->seen() == 0);
    CHECK(tree->ended() == here.head);
}

TEST_CASE("the head of a tree that is taken in parts is kept until all of it is there") {
    Looking here;
    here.grow(2'000);
    here.publish();
    here.exchange.on_read = [&](std::string const& path) {
        if (path.starts_with("globex/tile/entries")) here.acme.clock.pass(60);
    };
    here.acme.sync(here.exchange);
    auto known = flow::known_of(here.acme.store(), "globex");
    REQUIRE(known.part);
    CHECK(known.head == here.blob("checkpoint"));
    here.exchange.on_read = nullptr;
    here.acme.sync(here.exchange);
    known = flow::known_of(here.acme.store(), "globex");
    CHECK_FALSE(known.part);
    CHECK_FALSE(known.head);
    CHECK(known.seen == here.blob("checkpoint"));
}

TEST_CASE("what was taken in before a place fails, or before it shows something else, is kept") {
    for (bool const fails : {true, false}) {
        CAPTURE(fails);
        Looking here;
        here.grow(1'200);
        here.publish();
        auto const third = "globex/" + journal::entries_path(2, 256);
        auto const sound = here.exchange.blobs.at(third);
        here.exchange.on_read = [&](std::string const& path) {
            if (path != third || here.exchange.reads[third] != 2) return;
            if (fails) throw base::Error(base::Code::unavailable, "the place is gone");
            here.exchange.blobs[third][100] ^= 1;
        };
        auto const problem = here.problem_of_sync();
        REQUIRE(problem);
        CHECK(says(problem->message(), fails ? "the place is gone" : "changed while it was being read"));
        auto known = flow::known_of(here.acme.store(), "globex");
        REQUIRE(known.part);
        CHECK(known.part->size == 512);
        CHECK(known.head == here.blob("checkpoint"));
        here.exchange.on_read = nullptr;
        here.exchange.blobs[third] = sound;
        CHECK_FALSE(here.problem_of_sync());
        CHECK(flow::known_of(here.acme.store(), "globex").seen == here.blob("checkpoint"));
    }
}

TEST_CASE("a peer's tree that is longer than is read at once is proved and taken part by part") {
    Looking here;
    here.grow(1'200);
    auto const size = here.publish();
    auto const seen = journal::Checkpoint::parse(
                          journal::Note::parse(*here.acme.store().note(flow::seen_note("globex"))).body)
                          .size;
    std::size_t count = 0;
    int looks = 0;
    for (std::uint64_t at = seen; at < size; at = here.part->size) {
        REQUIRE(++looks < 10);
        flow::Allowance two(here.acme.clock, {.time = {300}, .bundles = 2});
        flow::Allowance::Turn const turn(two);
        auto const tree = here.look(two);
        REQUIRE(tree);
        CHECK(tree->seen() == at);
        auto const read = here.read(*tree);
        count += read.leaves.size();
        here.part = read.part;
        CHECK(here.part->size == std::min(size, (at / 256 + 2) * 256));
    }
    CHECK(looks == 3);
    CHECK(count == size - seen);
    CHECK(here.look());  // of the whole head nothing was said yet

    // Tiles that do not prove the part: nothing of it is taken.
    here.part.reset();
    here.blob("tile/1/000.p/4")[70] ^= 1;
    flow::Allowance two(here.acme.clock, {.time = {300}, .bundles = 2});
    flow::Allowance::Turn const turn(two);
    CHECK(code_of([&] { here.look(two); }) == base::Code::verification_failed);
}

TEST_CASE("a peer that signs a tree without end is read to the end of what it is allowed") {
    Looking here;
    constexpr int height = 60;
    std::vector<journal::Digest> roots{journal::leaf_hash("x")};
    for (int i = 0; i < height; ++i) roots.push_back(journal::node_hash(roots.back(), roots.back()));
    auto const& epoch = *here.acme.store().latest();
    auto const& member = *epoch.member("globex");
    auto const key = here.globex.services().keys.open(member.log);
    here.exchange.replace("globex", {});
    here.exchange.blobs["globex/checkpoint"] = journal::sign_checkpoint(
        {flow::log_key(epoch, member).name, std::uint64_t{1} << height, roots.back()}, *key);
    std::string const bundle = journal::bundle_entries(std::vector<std::string>(256, "x"));
    int bundles = 0;
    here.exchange.on_read = [&](std::string const& path) {
        std::string_view rest = path;
        if (!rest.starts_with("globex/tile/")) return;
        rest.remove_prefix(std::string_view("globex/tile/").size());
        bool const is_bundle = rest.starts_with("entries/");
        bundles += is_bundle ? 1 : 0;
        auto const level = static_cast<std::size_t>(rest[0] - '0');
        auto const width = rest.ends_with(".p/16") ? 16U : 256U;
        auto const tile = is_bundle
                              ? base::Bytes()
                              : journal::tile_bytes(std::vector<journal::Digest>(width, roots[8 * level]));
        here.exchange.blobs[path] = is_bundle ? bundle : std::string(tile.begin(), tile.end());
    };
    here.is_forgotten = true;
    for (std::uint64_t at : {0, 1'024}) {
        flow::Allowance four(here.acme.clock, {.time = {300}, .bundles = 4});
        flow::Allowance::Turn const turn(four);
        auto const tree = here.look(four);
        REQUIRE(tree);
        here.part = here.read(*tree).part;
        CHECK(here.part->size == at + 1'024);
    }
    CHECK(bundles == 16);
}
