#include "core/base/error.h"
#include "core/store/page.h"
#include "core/store/schema.h"
#include "core/store/sqlite.h"
#include "tests/support/acts.h"
#include "tests/support/code_of.h"
#include "tests/support/journal.h"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

using namespace consortium;
using base::Json;

namespace {

constexpr std::size_t max_journal = 16u << 20;

/// Copies a table as it is from one database into another.
void copy_table(store::Database& from, store::Database& to, std::string const& table) {
    to.execute(("DELETE FROM " + table).c_str());
    store::Statement rows(from, "SELECT * FROM " + table);
    std::string places = "?";
    for (int column = 1; column < rows.columns(); ++column) places += ", ?";
    store::Statement insert(to, "INSERT INTO " + table + " VALUES(" + places + ")");
    while (rows.step()) {
        for (int column = 0; column < rows.columns(); ++column) insert.bind(rows, column);
        insert.run();
    }
}

/// A journal as the program wrote it when that was the layout.
void make_older(base::Path const& path, int layout) {
    auto const made = path.string() + ".made";
    {
        store::Database from(path, store::Database::Opening::existing);
        store::Database to(made, store::Database::Opening::create, layout);
        store::create_tables(to);
        store::Scope scope(to, store::Access::writing);
        for (auto const* table :
             {"entry", "tile", "head", "act", "file", "object", "orphan", "rejected", "sealed", "note"})
            copy_table(from, to, table);
        if (layout == 1) to.execute("DROP TABLE sealed");
        to.execute(("PRAGMA user_version = " + std::to_string(layout)).c_str());
        scope.commit();
    }
    std::filesystem::rename(made, path);
}

struct Older : TestJournal {
    int layout;
    port::Head head;
    Json object;

    explicit Older(int layout_given = 1) : layout(layout_given) {
        for (int i = 0; i < 600; ++i)
            store->write([&](port::Transaction& transaction) {
                model::Object written;
                written.kind = "thing";
                written.name = "n" + std::to_string(i % 7);
                written.state = "made";
                written.data = base::JsonValue(Json{{"i", i}});
                transaction.append_event(
                    {"test.put", clock.now(), base::JsonValue(Json{{"i", i}}), {written}});
                if (i % 50 == 0) transaction.put_file("file " + std::to_string(i));
                if (i == 3) transaction.put_note("key", "value");
                if (i == 4) transaction.put_rejected("{}", "no");
                if (i == 6) transaction.put_sealed({base::sha256("a"), "p-01", base::to_bytes("sealed")});
                if (i == 5) transaction.put_orphan({base::sha256("o"), "globex", "{}", {base::sha256("m")}});
            });
        head = store->head();
        object = *store->object("thing", "n3")->data;
        close();
        make_older(path(), layout);
    }
    base::Path kept() const { return path().string() + ".layout-" + std::to_string(layout); }
    store::Migrated migrate() const { return store::migrate_journal(path(), 1); }
};

}  // namespace

TEST_CASE("the checksum of layout 1 is what it was") {
    // By Python, from its description: rotl64((value ^ word) * 0x9e3779b97f4a7c15, 29) over the words.
    base::Bytes page(store::older_page_size);
    for (std::size_t i = 0; i < page.size(); ++i) page[i] = static_cast<std::uint8_t>(i * 7);
    CHECK(store::first_page_checksum(page, 3) == 0xbb49515b6ca053a5);
    CHECK(store::first_page_checksum(page, 4) != 0xbb49515b6ca053a5);
}

TEST_CASE(
    "a journal of an older layout is written anew: the root, the files, the projection, and it goes on") {
    int layout = 0;
    SUBCASE("layout 1") {
        layout = 1;
    }
    SUBCASE("layout 2") {
        layout = 2;
    }
    Older here(layout);
    CHECK(store::journal_layout(here.path()) == layout);
    CHECK(code_of([&] { here.open(); }) == base::Code::unsupported);
    auto const done = here.migrate();
    CHECK(done.from == layout);
    CHECK(done.kept == here.kept());
    CHECK(done.size == here.head.size);
    CHECK(done.root == here.head.root);
    CHECK(store::journal_layout(here.path()) == store::layout_version);
    here.open();
    auto const& store = *here.store;
    CHECK(store.head().checkpoint == here.head.checkpoint);
    CHECK(store.inspect().empty());
    CHECK(store.compare_projection().empty());
    CHECK(*store.object("thing", "n3")->data == here.object);
    CHECK(store.file(base::sha256("file 550")) == "file 550");
    CHECK(store.note("key") == "value");
    REQUIRE(store.orphans().size() == 1);
    CHECK(store.orphans()[0].missing == std::vector<base::Digest>{base::sha256("m")});
    auto const sealed = store.sealed(base::sha256("a"));
    REQUIRE(sealed.has_value() == (layout == 2));  // layout 1 had none
    if (sealed) CHECK(base::as_text(sealed->sealed) == "sealed");
    CHECK_NOTHROW(here.store->write([](port::Transaction& transaction) { transaction.put_note("a", "b"); }));
    CHECK_NOTHROW(here.store->write(
        [](port::Transaction& transaction) { transaction.append_checkpoint("globex", "c"); }));
    CHECK(here.store->head().size == here.head.size + 1);
    here.close();
    auto const again = here.migrate();
    CHECK(again.from == store::layout_version);
    CHECK(again.kept.empty());
}

TEST_CASE("the journal as it was is kept; who has it open still cannot go on with it") {
    Older here;
    store::Database old(here.path(), store::Database::Opening::existing, 1);
    here.migrate();
    CHECK(store::journal_layout(here.kept()) == 1);
    {
        store::Database kept(here.kept(), store::Database::Opening::existing, 1);
        store::Statement mark(kept, "SELECT value FROM note WHERE key = 'restored'");
        CHECK_FALSE(mark.step());
    }
    store::Statement mark(old, "SELECT value FROM note WHERE key = 'restored'");
    REQUIRE(mark.step());
    CHECK_FALSE(mark.text(0).empty());
}

TEST_CASE("a migration that was stopped is done again; the kept file may be there already") {
    Older here;
    base::write_file(here.path().string() + ".migrating", "half of it");
    std::filesystem::create_hard_link(here.path(), here.kept());
    {
        store::Database marked(here.path(), store::Database::Opening::existing, 1);
        marked.execute("INSERT INTO note VALUES('restored', 'a migration')");
    }
    CHECK(here.migrate().root == here.head.root);
    CHECK_FALSE(base::exists(here.path().string() + ".migrating"));
    here.open();
    CHECK_FALSE(here.store->note("restored"));
    CHECK_NOTHROW(here.store->write(
        [](port::Transaction& transaction) { transaction.append_checkpoint("globex", "c"); }));
}

TEST_CASE("a copy from a backup stays one when it is migrated") {
    Older here;
    {
        store::Database marked(here.path(), store::Database::Opening::existing, 1);
        marked.execute("INSERT INTO note VALUES('restored', '2026-11-02T12:00:00Z')");
    }
    here.migrate();
    here.open();
    CHECK(here.store->note("restored") == "2026-11-02T12:00:00Z");
}

TEST_CASE("a journal that does not hold is not migrated, and left as it is") {
    Older here;
    SUBCASE("an entry was changed") {
        store::Database database(here.path(), store::Database::Opening::existing, 1);
        database.execute("UPDATE entry SET leaf = x'7b7d' WHERE idx = 17");
    }
    SUBCASE("an entry is gone") {
        store::Database database(here.path(), store::Database::Opening::existing, 1);
        database.execute("DELETE FROM entry WHERE idx = 17");
    }
    SUBCASE("a page was damaged") {
        auto bytes = base::read_file(here.path(), max_journal);
        auto const words = base::as_text(bytes).find("test.put");
        REQUIRE(words != std::string_view::npos);
        bytes[words] ^= 1;
        base::write_file(here.path(), bytes);
    }
    SUBCASE("the first page was damaged") {
        auto bytes = base::read_file(here.path(), max_journal);
        bytes[200] ^= 1;
        base::write_file(here.path(), bytes);
    }
    SUBCASE("entries and root were changed together, not the signed head") {
        store::Database database(here.path(), store::Database::Opening::existing, 1);
        database.execute(
            "UPDATE head SET checkpoint = replace(checkpoint, substr(checkpoint, 10, 3), '599')");
    }
    auto const before = base::read_file(here.path(), max_journal);
    CHECK(code_of([&] { here.migrate(); }) == base::Code::verification_failed);
    CHECK(base::read_file(here.path(), max_journal) == before);
    CHECK_FALSE(base::exists(here.kept()));
}

TEST_CASE("a journal that says of no layout that it has it is none") {
    TestJournal here;
    here.close();
    store::Database(here.path(), store::Database::Opening::existing).execute("PRAGMA user_version = 0");
    CHECK(code_of([&] { store::migrate_journal(here.path(), 1); }) == base::Code::verification_failed);
    CHECK(code_of([&] { here.open(); }) == base::Code::verification_failed);
}

TEST_CASE("a journal of acts that this version does not read is left to the version that wrote it") {
    TestJournal here;
    TestSigner officer("ada");
    auto old = plain_act("ballot");
    old.body = base::JsonValue(Json{{"choice", "yes"}, {"revision", 0}, {"reason", "in clear"}});
    old.refs = {base::sha256("proposal")};
    here.store->write(
        [&](port::Transaction& transaction) { transaction.append_act(signed_envelope(old, officer, 1)); });
    here.close();
    make_older(here.path(), 1);
    auto const before = base::read_file(here.path(), max_journal);
    CHECK(code_of([&] { store::migrate_journal(here.path(), 1); }) == base::Code::unsupported);
    CHECK(base::read_file(here.path(), max_journal) == before);
}

TEST_CASE("a migration waits for nobody for ever, and writes over nothing") {
    Older here;
    {
        base::FileLock const other(here.path().string() + ".lock", 0);
        CHECK(code_of([&] { store::migrate_journal(here.path(), 0); }) == base::Code::busy);
    }
    base::write_file(here.kept(), "something else");
    CHECK(code_of([&] { here.migrate(); }) == base::Code::conflict);
    CHECK(base::read_text(here.kept(), 100) == "something else");
    CHECK(store::journal_layout(here.path()) == 1);
}
