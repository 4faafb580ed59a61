#include "core/flow/peer.h"

#include "core/journal/tile.h"
#include "tests/support/organization.h"

using namespace consortium;

namespace {

/// acme looks at what globex publishes.
struct Looking : Founders {
    std::optional<flow::PeerTree> look() {
        auto const epoch = acme.store().latest();
        auto& services = acme.services();
        return flow::PeerTree::open(services.verifier, exchange, *epoch, *epoch->member("globex"),
                                    services.store.note(flow::seen_note("globex")));
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
    here.globex.store().write([&](port::Transaction& transaction) {
        for (int i = 0; i < 600; ++i)
            transaction.append_event(
                {"test.put", here.globex.clock.now(), base::JsonValue(base::Json::object()), {}});
    });
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
    here.globex.store().write([&](port::Transaction& transaction) {
        for (int i = 0; i < 300; ++i)
            transaction.append_event(
                {"test.put", here.globex.clock.now(), base::JsonValue(base::Json::object()), {}});
    });
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
    Backup backup(globex);
    globex.propose("one");
    here.publish();
    here.acme.sync(here.exchange);
    backup.restore();
    globex.propose("other");
    MemoryExchange apart;
    flow::publish(globex.services(), globex.self, apart);
    here.exchange.replace("globex", apart.below("globex"));
    CHECK(says(here.complaint(), "it has forked: its root at"));
    globex.propose("another");
    flow::publish(globex.services(), globex.self, apart);
    here.exchange.replace("globex", apart.below("globex"));
    CHECK(says(here.complaint(), "it has forked: it does not continue"));
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
