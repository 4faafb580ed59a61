#include "core/base/error.h"
#include "core/journal/checkpoint.h"
#include "tests/support/code_of.h"
#include "tests/support/processes.h"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

using namespace consortium;
using namespace consortium::test;

namespace {

void grow(TestJournal& journal, int begin, int end) {
    TestSigner officer("ada");
    journal.store->write([&](port::Transaction& transaction) {
        for (int number = begin; number < end; ++number) transaction.append_act(act_number(officer, number));
    });
}

/// Begins a new origin as `audit recover` does: its event names what it follows.
void begin(port::Store& store, std::string const& origin, std::vector<std::string> const& earlier,
           std::shared_ptr<port::Signer> const& key) {
    store.begin_origin(origin, key);
    store.write([&](port::Transaction& transaction) {
        model::Object object;
        object.kind = "origin";
        object.name = origin;
        object.state = "begun";
        object.data = base::JsonValue(base::Json{{"earlier", earlier}});
        transaction.append_event({"journal.origin", base::Instant{1'700'000'000}, object.data, {object}});
        transaction.put_note("restored", "");
    });
}

std::unique_ptr<port::Store> open_at(TestJournal const& journal, base::Path const& path) {
    auto options = journal.options();
    options.path = path;
    return store::open_journal(options);
}

}  // namespace

TEST_CASE("a copy is the journal as of one commit, with its checksums, also while others append") {
    TestJournal journal;
    grow(journal, 0, 300);
    auto const path = journal.folder.path() / "copy.db";
    pid_t const child = in_child([&] {
        auto options = journal.options();
        options.lock_seconds = 60;
        auto const store = store::open_journal(options);
        TestSigner officer("ada");
        for (int number = 1'000; number < 1'050; ++number)
            store->write(
                [&](port::Transaction& transaction) { transaction.append_act(act_number(officer, number)); });
        return 0;
    });
    journal.store->copy_to(path);
    CHECK(result_of(child) == 0);
    auto const copy = open_at(journal, path);
    CHECK(copy->head().size >= 300);
    check_whole(*copy);
    CHECK(code_of([&] { journal.store->copy_to(path); }) == base::Code::conflict);
    check_whole(*journal.store);
    CHECK(journal.store->head().size == 350);
}

TEST_CASE("G24 a copy that is marked as restored appends nothing before a person trusts it") {
    TestJournal journal;
    grow(journal, 0, 3);
    auto const path = journal.folder.path() / "copy.db";
    journal.store->copy_to(path);
    store::mark_copy(path, "2026-10-01T09:00:00Z");
    auto const append = [](port::Store& store) {
        store.write([](port::Transaction& transaction) { transaction.append_checkpoint("a", "b"); });
    };
    auto copy = open_at(journal, path);
    CHECK(code_of([&] { append(*copy); }) == base::Code::refused);
    CHECK(copy->head().size == 3);
    copy->trust_copy();
    copy->write([](port::Transaction& transaction) {
        transaction.append_checkpoint("a", "b");
        transaction.put_note("restored", "");
    });
    copy = open_at(journal, path);
    append(*copy);
    CHECK(copy->head().size == 5);
    // What it appended is known on this host: the other copy is behind it now.
    CHECK(code_of([&] { append(*journal.store); }) == base::Code::refused);
}

TEST_CASE("G24 a trusted copy is still held against the mark of this host") {
    TestJournal journal;
    grow(journal, 0, 3);
    auto const path = journal.folder.path() / "copy.db";
    journal.store->copy_to(path);
    grow(journal, 3, 4);
    store::mark_copy(path, "2026-10-01T09:00:00Z");
    auto const copy = open_at(journal, path);
    copy->trust_copy();
    CHECK(code_of([&] {
              copy->write([](port::Transaction& transaction) { transaction.append_checkpoint("a", "b"); });
          }) == base::Code::refused);
}

TEST_CASE("G24 a new origin goes on from what is left, under its own key, and no copy of the old one does") {
    TestJournal journal;
    grow(journal, 0, 3);
    auto const path = journal.folder.path() / "copy.db";
    auto const second = journal.folder.path() / "second.db";
    journal.store->copy_to(path);
    journal.store->copy_to(second);
    grow(journal, 3, 7);
    auto const lost = journal.store->head();
    auto const old = journal.options().origin;
    auto const key = std::make_shared<TestSigner>("log 2");
    auto copy = open_at(journal, path);
    begin(*copy, "acme/log2", {old}, key);
    CHECK(copy->head().size == 4);
    auto const note_key =
        journal::NoteKey::from_spki("acme/log2", journal::NoteKeyType::log, key->public_key());
    CHECK(journal::open_checkpoint(copy->head().checkpoint, {note_key}, journal.verifier).checkpoint.size ==
          4);
    check_whole(*copy);

    // As after a crash before the settings named it: the journal itself knows what it follows.
    auto options = journal.options();
    options.path = path;
    options.log_key = [&] { return key; };
    copy = store::open_journal(options);
    copy->write([](port::Transaction& transaction) { transaction.append_checkpoint("a", "b"); });
    CHECK(copy->head().size == 5);
    CHECK(copy->head().checkpoint.starts_with("acme/log2\n"));
    CHECK(copy->high_water() == copy->head().checkpoint);

    // The old log has ended on this host: another copy of it stays refused, and so does the old journal,
    // which has exactly the head that the old mark names.
    auto const other = open_at(journal, second);
    for (auto* store : {other.get(), journal.store.get()}) {
        CHECK(code_of([&] {
                  store->write(
                      [](port::Transaction& transaction) { transaction.append_checkpoint("a", "b"); });
              }) == base::Code::refused);
        CHECK(store->high_water() == lost.checkpoint);
        CHECK(store->successor() == "acme/log2");
    }
    CHECK(copy->successor().empty());
    // An origin that this journal does not follow is no name for it.
    options.origin = "acme/stranger";
    CHECK(code_of([&] {
              store::open_journal(options)->write(
                  [](port::Transaction& transaction) { transaction.append_checkpoint("a", "b"); });
          }) == base::Code::configuration);
}

TEST_CASE("G24 of two processes that begin a new origin of one journal the second is refused") {
    TestJournal journal;
    grow(journal, 0, 2);
    auto const other = store::open_journal(journal.options());
    other->begin_origin("acme/b", std::make_shared<TestSigner>("b"));
    begin(*journal.store, "acme/a", {journal.options().origin}, std::make_shared<TestSigner>("a"));
    CHECK(code_of([&] {
              other->write([](port::Transaction& transaction) { transaction.append_checkpoint("a", "b"); });
          }) == base::Code::conflict);
    CHECK(journal.store->head().size == 3);
}
