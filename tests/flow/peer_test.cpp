#include "core/flow/peer.h"

#include "core/journal/entry.h"
#include "core/journal/proof.h"
#include "core/journal/tile.h"
#include "tests/support/code_of.h"
#include "tests/support/organization.h"

#include <algorithm>

using namespace consortium;

namespace {

/// acme looks at what globex publishes.
struct Looking : Founders {
    flow::Allowance allowance{acme.clock};
    flow::Allowance::Turn turn{allowance};
    std::optional<journal::Checkpoint> part;
    std::optional<std::string> head;
    bool is_forgotten = false;  // what was seen before

    std::optional<flow::PeerTree> look() { return look(allowance); }
    std::optional<flow::PeerTree> look(flow::Allowance& allowed) {
        auto const epoch = acme.store().latest();
        auto& services = acme.services();
        flow::Known known;
        if (!is_forgotten) known.seen = services.store.note(flow::seen_note("globex"));
        known.part = part;
        known.head = head;
        auto look = flow::PeerTree::open(services.verifier, exchange, *epoch, *epoch->member("globex"), known,
                                         allowed);
        if (look.fork) throw flow::record_fork(services, "globex", *look.fork);
        return std::move(look.tree);
    }
    std::vector<std::string> forks() {
        std::vector<std::string> out;
        auto const& store = acme.store();
        store.entries(0, store.head().size, [&](model::Entry const& entry) {
            if (entry.leaf.find("\"fork.found\"") != std::string::npos)
                out.push_back(base::canonical(*journal::open_event(entry.leaf, entry.body).body));
        });
        return out;
    }
    std::string complaint() {
        try {
            look();
        } catch (base::Error const& error) {
            CHECK(error.code() == base::Code::verification_failed);
            CHECK(error.message().find("'globex'") != std::string::npos);
            CHECK_FALSE(error.hint().empty());
            return error.message();
        }
        return {};
    }
    std::uint64_t publish() { return *flow::publish(globex.services(), globex.self, exchange).size; }
    void grow(int entries, std::string const& kind = "test.put") {
        globex.store().write([&](port::Transaction& transaction) {
            for (int i = 0; i < entries; ++i)
                transaction.append_event(
                    {kind, globex.clock.now(), base::JsonValue(base::Json::object()), {}});
        });
    }
    /// globex, restored from a backup that lacks what acme has seen of it.
    void step_back() {
        Backup backup(globex);
        globex.propose("one");
        publish();
        acme.sync(exchange);
        backup.restore();
    }
    /// As it publishes where nothing of it was published before.
    std::map<std::string, std::string> published_apart() {
        MemoryExchange apart;
        flow::publish(globex.services(), globex.self, apart);
        return apart.below("globex");
    }
    void publish_instead() { exchange.replace("globex", published_apart()); }
    std::string& blob(std::string const& path) { return exchange.blobs.at("globex/" + path); }
};

bool says(std::string const& text, std::string const& part) {
    return text.find(part) != std::string::npos;
}

}  // namespace

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
    std::vector<std::string> leaves;
    tree->leaves(
        [&](std::vector<std::string> const& more) { leaves.insert(leaves.end(), more.begin(), more.end()); });
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
    std::size_t count = 0;
    tree->leaves([&](std::vector<std::string> const& more) { count += more.size(); });
    CHECK(count == tree->size() - seen);
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
        here.part = tree->leaves([](std::vector<std::string> const&) {});
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
    auto const report = here.acme.sync(here.exchange);
    auto const globex = std::find_if(report.peers.begin(), report.peers.end(),
                                     [](flow::PeerReport const& peer) { return peer.member == "globex"; });
    REQUIRE(globex != report.peers.end());
    REQUIRE(globex->problem);
    CHECK(globex->problem->code() == base::Code::unavailable);
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
        tree->leaves([](auto const&) {}),
        "the journal that 'globex' publishes does not hold: it changed while it was being read", base::Error);
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
        here.part = tree->leaves([&](std::vector<std::string> const& more) { count += more.size(); });
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
        here.part = tree->leaves([](std::vector<std::string> const&) {});
        CHECK(here.part->size == at + 1'024);
    }
    CHECK(bundles == 16);
}
