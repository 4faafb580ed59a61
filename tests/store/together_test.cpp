#include "core/base/error.h"
#include "core/journal/merkle.h"
#include "core/journal/tile.h"
#include "tests/support/journal.h"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

using namespace consortium;

namespace {

/// An event that puts one node.
void put(port::Transaction& transaction, std::string name) {
    model::Object object;
    object.kind = "node";
    object.name = std::move(name);
    object.state = "up";
    object.data = base::JsonValue(base::Json::object());
    transaction.append_event({"test.written", base::Instant{1'700'000'000}, object.data, {object}});
}

}  // namespace

TEST_CASE("writes together are each whole, are seen at once, and others see all or none") {
    TestJournal journal;
    auto const other = store::open_journal(journal.options());
    journal.store->together([&] {
        journal.store->write([&](port::Transaction& transaction) { put(transaction, "n1"); });
        CHECK(journal.store->head().size == 1);
        CHECK(journal.store->object("node", "n1").has_value());
        CHECK(other->head().size == 0);
        CHECK_THROWS_AS(journal.store->write([&](port::Transaction& transaction) {
            put(transaction, "n2");
            throw base::Error(base::Code::refused, "no");
        }),
                        base::Error);
        CHECK(journal.store->head().size == 1);
        journal.store->write([&](port::Transaction& transaction) { put(transaction, "n3"); });
    });
    CHECK(other->head().size == 2);
    CHECK_FALSE(other->object("node", "n2").has_value());
    CHECK(journal.store->inspect().empty());
    CHECK(journal.store->compare_projection().empty());
    CHECK(journal.store->high_water() == journal.store->head().checkpoint);
    auto const read = journal::subtrees_of(
        [&](int level, std::uint64_t number) { return journal.store->tile(level, number); });
    CHECK(journal::tree_root(2, read) == journal.store->head().root);
}

TEST_CASE("writes together that end in an exception keep what was finished") {
    TestJournal journal;
    auto const work = [&] {
        journal.store->write([&](port::Transaction& transaction) { put(transaction, "n1"); });
        throw base::Error(base::Code::unavailable, "the third peer is away");
    };
    CHECK_THROWS_WITH_AS(journal.store->together(work), "the third peer is away", base::Error);
    CHECK(store::open_journal(journal.options())->head().size == 1);
    CHECK(journal.store->high_water() == journal.store->head().checkpoint);
}

TEST_CASE("reads together show one commit") {
    TestJournal journal;
    auto const other = store::open_journal(journal.options());
    journal.store->read([&] {
        CHECK(journal.store->head().size == 0);
        CHECK_FALSE(journal.store->latest_reference().has_value());
        journal.store->read([&] { CHECK(journal.store->head().size == 0); });
    });
    CHECK_THROWS_AS(journal.store->read([] { throw base::Error(base::Code::refused, "no"); }), base::Error);
    other->write([&](port::Transaction& transaction) { put(transaction, "n1"); });
    CHECK(journal.store->head().size == 1);
}

TEST_CASE("the mark outside the workspace is never lowered") {
    TestJournal journal;
    journal.store->write([&](port::Transaction& transaction) { put(transaction, "n1"); });
    auto const one = journal.store->head().checkpoint;
    journal.store->write([&](port::Transaction& transaction) { put(transaction, "n2"); });
    auto const two = journal.store->head().checkpoint;
    journal.store->raise_high_water(one);
    CHECK(journal.store->high_water() == two);
    journal.store->together([&] {
        journal.store->write([&](port::Transaction& transaction) { put(transaction, "n3"); });
        journal.store->raise_high_water(one);  // holds the lock already
        CHECK(journal.store->high_water() == two);
    });
    CHECK(journal.store->high_water() == journal.store->head().checkpoint);
}
