#include "core/base/error.h"
#include "core/journal/checkpoint.h"
#include "core/journal/tile.h"
#include "core/store/page.h"
#include "core/store/sqlite.h"
#include "tests/support/acts.h"
#include "tests/support/code_of.h"
#include "tests/support/journal.h"

#include <doctest/doctest.h>

using namespace consortium;
using base::Json;

namespace {

model::Object object(std::string kind, std::string name, std::string state, std::string member = "acme") {
    model::Object made;
    made.kind = std::move(kind);
    made.name = std::move(name);
    made.state = std::move(state);
    made.member = std::move(member);
    made.data = base::JsonValue(Json{{"n", 1}});
    return made;
}

model::Event event(std::vector<model::Object> writes) {
    return {"test.written", base::Instant{1'700'000'000}, base::JsonValue(Json::object()), std::move(writes)};
}

journal::NoteKey log_key(TestJournal const& journal) {
    return journal::NoteKey::from_spki("acme/log", journal::NoteKeyType::log, journal.log_spki());
}

}  // namespace

TEST_CASE("a new journal is empty and has no checkpoint") {
    TestJournal journal;
    CHECK(journal.store->head().size == 0);
    CHECK(journal.store->head().root == journal::empty_root());
    CHECK(journal.store->head().checkpoint.empty());
    CHECK(journal.store->latest() == nullptr);
    CHECK(journal.store->inspect().empty());
    CHECK_THROWS_AS(store::create_journal(journal.path()), base::Error);
}

TEST_CASE("appends grow the tree, sign the head and raise the high-water mark") {
    TestJournal journal;
    TestSigner officer("ada");
    auto const envelope = signed_envelope(plain_act("ballot"), officer, 1);
    std::uint64_t first = 9, again = 9, second = 9;
    journal.store->write([&](port::Transaction& transaction) {
        first = transaction.append_act(envelope);
        again = transaction.append_act(envelope);
        second = transaction.append_event(event({object("node", "n1", "active")}));
    });
    CHECK(first == 0);
    CHECK(again == 0);
    CHECK(second == 1);
    auto const head = journal.store->head();
    CHECK(head.size == 2);
    auto const opened = journal::open_checkpoint(head.checkpoint, {log_key(journal)}, TestVerifier());
    CHECK(opened.checkpoint.root == head.root);
    CHECK(journal.store->high_water() == head.checkpoint);
    CHECK(journal.store->entry(0).leaf == envelope);
    CHECK(head.root ==
          journal::node_hash(journal::leaf_hash(envelope), journal::leaf_hash(journal.store->entry(1).leaf)));
    CHECK(journal.store->tile(0, 0).size() == 2);
    CHECK(journal.store->object("node", "n1")->version == 2);
    CHECK(journal.store->inspect().empty());
    CHECK(journal.store->compare_projection().empty());
}

TEST_CASE("a transaction that writes no entry signs no head") {
    TestJournal journal;
    journal.store->write([](port::Transaction& transaction) {
        transaction.put_note("seen/globex", "7");
        transaction.put_file("content");
    });
    CHECK(journal.store->head().checkpoint.empty());
    CHECK(journal.store->note("seen/globex") == "7");
    CHECK(journal.store->note("other") == std::nullopt);
    CHECK(journal.store->file(base::sha256(std::string_view("content"))) == "content");
}

TEST_CASE("an exception leaves nothing behind") {
    TestJournal journal;
    journal.store->write([](port::Transaction& transaction) { transaction.append_event(event({})); });
    auto const before = journal.store->head();
    CHECK_THROWS_AS(journal.store->write([](port::Transaction& transaction) {
        transaction.append_event(event({object("node", "n1", "active")}));
        transaction.put_note("a", "b");
        throw base::Error(base::Code::refused, "no");
    }),
                    base::Error);
    CHECK(journal.store->head().checkpoint == before.checkpoint);
    CHECK(journal.store->object("node", "n1") == std::nullopt);
    CHECK(journal.store->note("a") == std::nullopt);
    journal.store->write([](port::Transaction& transaction) { transaction.append_event(event({})); });
    CHECK(journal.store->head().size == 2);
}

TEST_CASE("tiles at every boundary agree with the frontier") {
    TestJournal journal;
    journal::Frontier expected;
    std::uint64_t added = 0;
    for (std::uint64_t const size : {1, 255, 256, 257, 511, 512, 1'030}) {
        journal.store->write([&](port::Transaction& transaction) {
            for (; added < size; ++added) {
                auto const note = "checkpoint " + std::to_string(added);
                CHECK(transaction.append_checkpoint("globex", note) == added);
            }
        });
        while (expected.size() < size)
            expected.append(journal::leaf_hash(journal.store->entry(expected.size()).leaf));
        CHECK(journal.store->head().root == expected.root());
        auto const read = journal::subtrees_of(
            [&](int level, std::uint64_t number) { return journal.store->tile(level, number); });
        CHECK(journal::tree_root(size, read) == expected.root());
        journal.open();
    }
    CHECK(journal.store->tile(0, 4).size() == 6);
    CHECK(journal.store->tile(1, 0).size() == 4);
    CHECK(journal.store->tile(2, 0).empty());
    std::uint64_t seen = 0;
    journal.store->entries(3, 900, [&](model::Entry const& entry) { CHECK(entry.index == 3 + seen++); });
    CHECK(seen == 897);
}

TEST_CASE("acts are found by kind, subject, epoch and member, in journal order") {
    TestJournal journal;
    TestSigner officer("ada");
    auto const about = base::sha256(std::string_view("proposal"));
    std::vector<base::Digest> ids;
    journal.store->write([&](port::Transaction& transaction) {
        for (int nonce = 0; nonce < 6; ++nonce) {
            auto act = plain_act(nonce % 2 == 0 ? "ballot" : "seen", nonce < 3 ? "acme" : "globex");
            act.epoch.number = static_cast<std::uint64_t>(nonce / 2);
            if (nonce % 2 == 0) act.refs = {about};
            auto const envelope = signed_envelope(act, officer, nonce);
            transaction.append_act(envelope);
            ids.push_back(model::act_id(model::envelope_from_text(envelope)));
        }
    });
    CHECK(journal.store->acts({}).size() == 6);
    auto const ballots = journal.store->acts({.kind = "ballot", .subject = {}, .epoch = {}, .member = ""});
    REQUIRE(ballots.size() == 3);
    CHECK(ballots[0].id == ids[0]);
    CHECK(ballots[2].id == ids[4]);
    CHECK(ballots[1].received == journal.clock.now());
    CHECK(journal.store->acts({.kind = "", .subject = about, .epoch = {}, .member = ""}).size() == 3);
    CHECK(journal.store->acts({.kind = "", .subject = about, .epoch = 1, .member = ""}).size() == 1);
    CHECK(journal.store->acts({.kind = "seen", .subject = {}, .epoch = {}, .member = "globex"}).size() == 2);
    CHECK(journal.store->acts({.kind = "", .subject = {}, .epoch = 2, .member = "acme"}).empty());
    CHECK(journal.store->act_ids(ids[2].hex().substr(0, 9), 5) == std::vector{ids[2]});
    CHECK(journal.store->act_ids("", 3).size() == 3);
    CHECK(journal.store->act_ids(about.hex(), 3).empty());
    CHECK(journal.store->has_act(ids[5]));
    CHECK(journal.store->act(ids[5])->act.kind == "seen");
    CHECK_FALSE(journal.store->has_act(about));
}

TEST_CASE("objects are listed by name or by what is due first; an empty state erases") {
    TestJournal journal;
    journal.store->write([&](port::Transaction& transaction) {
        std::vector<model::Object> writes;
        for (int at = 0; at < 5; ++at) {
            writes.push_back(object("node", "n" + std::to_string(at), at < 3 ? "active" : "gone"));
            writes.back().due = base::Instant{1'000 - at};
        }
        writes.push_back(object("root", "r1", "active"));
        transaction.append_event(event(writes));
    });
    std::vector<std::string> names;
    auto const collect = [&](model::Object const& found) { names.push_back(found.name); };
    port::ObjectQuery query;
    query.kind = "node";
    journal.store->objects(query, collect);
    CHECK(names == std::vector<std::string>{"n0", "n1", "n2", "n3", "n4"});
    names.clear();
    query.due_before = base::Instant{1'000};
    query.state = "active";
    query.limit = 1;
    journal.store->objects(query, collect);
    CHECK(names == std::vector<std::string>{"n2"});
    journal.store->write(
        [&](port::Transaction& transaction) { transaction.append_event(event({object("root", "r1", "")})); });
    CHECK_FALSE(journal.store->object("root", "r1"));
    CHECK(journal.store->compare_projection().empty());
}

TEST_CASE("orphans are bounded a member, the oldest go; rejected acts are a ring") {
    TestJournal journal;
    auto const id = [](int number) { return base::sha256(std::to_string(number)); };
    journal.store->write([&](port::Transaction& transaction) {
        for (int number = 0; number < 1'003; ++number)
            transaction.put_orphan({id(number), "acme", "text", {id(-1), id(-2)}});
        transaction.put_orphan({id(5'000), "globex", "text", {}});
        transaction.drop_orphan(id(500));
        for (int number = 0; number < 10'005; ++number)
            transaction.put_rejected("text " + std::to_string(number), "because");
        transaction.put_rejected("text 10004", "again");
    });
    auto const orphans = journal.store->orphans();
    REQUIRE(orphans.size() == 1'000);
    CHECK(orphans.front().id == id(3));
    CHECK(orphans.front().missing.size() == 2);
    journal.close();
    store::Database database(journal.path(), store::Database::Opening::existing);
    store::Statement count(database, "SELECT count(*) FROM rejected");
    REQUIRE(count.step());
    CHECK(count.integer(0) == 10'000);
}

TEST_CASE("G24 a journal restored from a backup is refused at the next append") {
    TestJournal journal;
    auto const append = [&] {
        journal.store->write([](port::Transaction& transaction) { transaction.append_event(event({})); });
    };
    append();
    journal.close();
    auto const backup = base::read_file(journal.path(), 1u << 24);
    journal.open();
    append();
    auto const newer = journal.store->high_water();
    journal.close();
    base::write_file(journal.path(), backup);
    journal.open();
    CHECK(journal.store->head().size == 1);
    CHECK(code_of(append) == base::Code::refused);
    CHECK(journal.store->head().size == 1);
    CHECK(journal.store->high_water() == newer);
}

TEST_CASE("G24 a journal of the same length but other content is refused") {
    TestJournal journal;
    auto const append = [&](std::string const& note) {
        journal.store->write(
            [&](port::Transaction& transaction) { transaction.append_checkpoint("globex", note); });
    };
    append("a");
    journal.close();
    auto const backup = base::read_file(journal.path(), 1u << 24);
    journal.open();
    append("b");
    auto const mark = *journal.store->high_water();
    journal.close();
    base::write_file(journal.path(), backup);
    std::filesystem::remove_all(journal.state());
    journal.open();
    append("c");
    append("d");
    journal.close();
    base::write_file(journal.state() / "acme" / "log" / "high-water", mark);
    journal.open();
    CHECK(code_of([&] { append("e"); }) == base::Code::refused);
    SUBCASE("a mark that the log key did not sign") {
        auto forged = mark;
        forged.replace(forged.find("\n2\n"), 3, "\n1\n");
        base::write_file(journal.state() / "acme" / "log" / "high-water", forged);
        CHECK(code_of([&] { append("e"); }) == base::Code::verification_failed);
    }
}

TEST_CASE("G24 of two copies of a workspace on one host only the first can append, one at a time") {
    TestJournal journal;
    auto const append = [](port::Store& store, std::string const& note) {
        store.write([&](port::Transaction& transaction) { transaction.append_checkpoint("globex", note); });
    };
    append(*journal.store, "a");
    auto options = journal.options();
    options.path = journal.folder.path() / "copy.db";
    options.lock_seconds = 0;
    std::filesystem::copy_file(journal.path(), options.path);
    auto const copy = store::open_journal(options);
    journal.store->write([&](port::Transaction& transaction) {
        transaction.append_checkpoint("globex", "b");
        CHECK(code_of([&] { append(*copy, "c"); }) == base::Code::busy);
    });
    CHECK(code_of([&] { append(*copy, "c"); }) == base::Code::refused);
    CHECK(copy->head().size == 1);
    CHECK_NOTHROW(append(*journal.store, "d"));
}

TEST_CASE("an older layout is refused, and not taken for damage") {
    TestJournal journal;
    journal.close();
    auto bytes = base::read_file(journal.path(), 1u << 20);
    auto const whole = bytes;
    bytes[63] = 1;
    base::write_file(journal.path(), bytes);
    CHECK(code_of([&] { journal.open(); }) == base::Code::verification_failed);  // who says so is damaged
    store::seal_page(std::span(bytes).first(store::page_size), 1);
    base::write_file(journal.path(), bytes);
    CHECK(code_of([&] { journal.open(); }) == base::Code::unsupported);
    // Its other pages carry another checksum than ours.
    for (std::size_t at = store::page_size; at < bytes.size(); at += store::page_size)
        store::seal_page(std::span(bytes).subspan(at, store::page_size), at / store::page_size + 1,
                         store::first_page_checksum);
    base::write_file(journal.path(), bytes);
    CHECK(code_of([&] { journal.open(); }) == base::Code::unsupported);
    bytes = whole;
    bytes[200] ^= 1;
    base::write_file(journal.path(), bytes);
    CHECK(code_of([&] { journal.open(); }) == base::Code::verification_failed);
}

TEST_CASE("a layout of a newer program is refused") {
    TestJournal journal;
    journal.close();
    {
        store::Database database(journal.path(), store::Database::Opening::existing);
        database.execute(("PRAGMA user_version = " + std::to_string(store::layout_version + 1)).c_str());
    }
    CHECK(code_of([&] { journal.open(); }) == base::Code::too_new);
}

TEST_CASE("a newer layout is named as such also where its pages carry another checksum") {
    TestJournal journal;
    journal.close();
    auto bytes = base::read_file(journal.path(), 1u << 20);
    bytes[63] = store::layout_version + 1;
    for (std::size_t at = 0; at < bytes.size(); at += store::page_size)
        store::seal_page(std::span(bytes).subspan(at, store::page_size), at / store::page_size + 1,
                         [](base::BytesView, std::uint64_t number) { return number; });
    base::write_file(journal.path(), bytes);
    CHECK(code_of([&] { journal.open(); }) == base::Code::too_new);
}

TEST_CASE("a newer layout is named as such also where its pages have another size") {
    TestJournal journal;
    journal.close();
    auto bytes = base::read_file(journal.path(), 1u << 20);
    bytes[16] = 0x20;  // of SQLite's page size, big-endian
    base::write_file(journal.path(), bytes);
    CHECK(code_of([&] { journal.open(); }) == base::Code::verification_failed);  // it says it is ours
    bytes[63] = store::layout_version + 1;
    base::write_file(journal.path(), bytes);
    CHECK(code_of([&] { journal.open(); }) == base::Code::too_new);
}

TEST_CASE("an edit of the projection or of the index of acts is found") {
    TestJournal journal;
    TestSigner officer("ada");
    journal.store->write([&](port::Transaction& transaction) {
        transaction.append_act(signed_envelope(plain_act("ballot"), officer, 1));
        transaction.append_event(event({object("node", "n1", "active")}));
    });
    journal.close();
    auto const edit = [&](char const* sql) {
        store::Database database(journal.path(), store::Database::Opening::existing);
        database.execute(sql);
    };
    SUBCASE("an object") {
        edit("UPDATE object SET state = 'gone'");
        journal.open();
        auto const found = journal.store->compare_projection();
        REQUIRE(found.size() == 1);
        CHECK(found[0].where == "node/n1");
    }
    SUBCASE("an act's row") {
        edit("UPDATE act SET member = 'globex'");
        journal.open();
        auto const found = journal.store->inspect();
        REQUIRE(found.size() == 1);
        CHECK(found[0].where == "entry 0");
    }
    SUBCASE("an act's row that is gone") {
        edit("DELETE FROM act");
        journal.open();
        CHECK(journal.store->inspect().at(0).where == "entry 0");
    }
    SUBCASE("an act that the journal does not hold") {
        edit("INSERT INTO act VALUES(7, x'00', 'ballot', 'acme', 0, x'00')");
        journal.open();
        CHECK(journal.store->inspect().size() == 1);
    }
}

TEST_CASE("a second writer waits, then says who is busy") {
    TestJournal journal;
    auto const other = [&] {
        auto options = journal.options();
        options.lock_seconds = 0;
        auto const second = store::open_journal(options);
        second->write([](port::Transaction& transaction) { transaction.append_event(event({})); });
    };
    journal.store->write([&](port::Transaction&) { CHECK(code_of(other) == base::Code::busy); });
    CHECK_NOTHROW(other());
    CHECK(journal.store->head().size == 1);
}
