#include "core/base/error.h"
#include "core/store/sqlite.h"
#include "tests/support/acts.h"
#include "tests/support/code_of.h"
#include "tests/support/journal.h"

#include <doctest/doctest.h>

using namespace consortium;

namespace {

base::Digest act(int number) {
    return base::sha256("act " + std::to_string(number));
}

/// Bytes that no compression or chance makes, as sealed ones are: 200 of them.
base::Bytes sealed(int number) {
    base::Bytes out;
    SeededEntropy entropy("sealed " + std::to_string(number) + ";");  // it counts behind its seed
    return entropy.bytes(200 + static_cast<std::size_t>(number % 7) * 900);
}

void put(port::Store& store, int number, std::string const& subject) {
    store.write([&](port::Transaction& transaction) {
        port::SealedPart part;
        part.act = act(number);
        part.subject = subject;
        part.sealed = sealed(number);
        transaction.put_sealed(part);
    });
}

}  // namespace

TEST_CASE("sealed parts are kept beside the journal, and erased without a trace in it") {
    TestJournal journal;
    put(*journal.store, 1, "ada");
    put(*journal.store, 2, "ada");
    put(*journal.store, 3, "bob");
    CHECK(journal.store->head().size == 0);
    auto const held = journal.store->sealed(act(1));
    REQUIRE(held);
    CHECK(held->subject == "ada");
    CHECK(held->sealed == sealed(1));
    CHECK_FALSE(journal.store->sealed(act(9)));
    CHECK(journal.store->sealed_acts("ada").size() == 2);

    std::size_t erased = 0, again = 0;
    journal.store->write([&](port::Transaction& transaction) { erased = transaction.erase_sealed("ada"); });
    journal.store->write([&](port::Transaction& transaction) { again = transaction.erase_sealed("ada"); });
    CHECK(erased == 2);
    CHECK(again == 0);
    CHECK(journal.store->sealed(act(1))->sealed.empty());
    CHECK(journal.store->sealed(act(3))->sealed == sealed(3));
    auto const counts = journal.store->sealed_counts();
    REQUIRE(counts.size() == 2);
    CHECK(counts[0].subject == "ada");
    CHECK(counts[0].held == 0);
    CHECK(counts[0].erased == 2);
    CHECK(counts[1].held == 1);
    CHECK(journal.store->inspect().empty());
}

TEST_CASE("the bytes of what was erased are gone from the file, among many, replaced and overflowing ones") {
    TestJournal journal;
    for (int number = 0; number < 300; ++number) put(*journal.store, number, number % 3 == 0 ? "ada" : "bob");
    auto const found = [&](int number) {
        auto const content = base::read_text(journal.path(), 64u << 20);
        return content.find(base::as_text(base::BytesView(sealed(number)).first(64))) != std::string::npos;
    };
    CHECK(found(0));
    CHECK(found(1));
    journal.store->write([&](port::Transaction& transaction) { transaction.erase_sealed("ada"); });
    int left = 0;
    for (int number = 0; number < 300; number += 3) left += found(number) ? 1 : 0;
    CHECK(left == 0);
    CHECK(found(1));
}

TEST_CASE("sealed parts are rolled back with the write that put them") {
    TestJournal journal;
    CHECK_THROWS(journal.store->write([&](port::Transaction& transaction) {
        port::SealedPart part;
        part.act = act(1);
        part.subject = "ada";
        part.sealed = sealed(1);
        transaction.put_sealed(part);
        throw base::Error(base::Code::refused, "no");
    }));
    CHECK_FALSE(journal.store->sealed(act(1)));
}

TEST_CASE("a journal from before sealed parts is refused with what to do") {
    TestJournal journal;
    journal.close();
    {
        store::Database database(journal.path(), store::Database::Opening::existing);
        database.execute("PRAGMA user_version = 1");
    }
    CHECK(code_of([&] { journal.open(); }) == base::Code::unsupported);
}
