#include "core/base/error.h"
#include "core/journal/merkle.h"
#include "core/store/sqlite.h"
#include "tests/support/journal.h"

#include <doctest/doctest.h>

using namespace consortium;

TEST_CASE("leaves come in order, and what their reader throws ends the reading") {
    TestJournal journal;
    constexpr std::uint64_t size = 5'000;  // more than is read in one go
    journal.store->write([&](port::Transaction& transaction) {
        for (std::uint64_t i = 0; i < size; ++i)
            transaction.append_checkpoint("globex", "checkpoint " + std::to_string(i));
    });
    journal::Frontier frontier;
    auto const& store = *journal.store;
    store.leaves(0, size, [&](std::string_view leaf) {
        // Who reads may look at other things meanwhile.
        if (frontier.size() == 300) CHECK(store.tile(0, 0).size() == 256);
        frontier.append(journal::leaf_hash(leaf));
    });
    CHECK(frontier.root() == store.head().root);
    int seen = 0;
    try {
        store.leaves(10, size, [&](std::string_view) {
            if (++seen == 7) throw base::Error(base::Code::refused, "enough");
        });
        FAIL("it was not thrown");
    } catch (base::Error const& error) {
        CHECK(error.message() == "enough");
    }
    CHECK(seen == 7);
    store::Database database(journal.path(), store::Database::Opening::existing);
    CHECK_THROWS_AS(database.execute("SELECT handed(leaf, 1) FROM entry"), base::Error);
}
