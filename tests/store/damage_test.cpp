#include "core/base/error.h"
#include "core/store/page.h"
#include "core/store/sqlite.h"
#include "tests/support/acts.h"
#include "tests/support/journal.h"

#include <doctest/doctest.h>
#include <fstream>
#include <random>
#include <set>

using namespace consortium;

namespace {

constexpr std::size_t max_file = 64u << 20;

/// Something in every table, several tiles, free pages, and records that span pages.
void fill(TestJournal& journal) {
    TestSigner officer("ada");
    for (int round = 0; round < 6; ++round) {
        journal.store->write([&](port::Transaction& transaction) {
            for (int nonce = 0; nonce < 60; ++nonce) {
                auto const number = round * 60 + nonce;
                transaction.append_act(signed_envelope(plain_act("ballot"), officer, number));
                model::Object object;
                object.kind = "node";
                object.name = "n" + std::to_string(number % 40);
                object.state = "active";
                object.data = base::JsonValue(base::Json{{"text", std::string(number * 30, 'x')}});
                transaction.append_event({"node.changed", {}, base::JsonValue(), {object}});
            }
            transaction.put_file(std::string(9'000, static_cast<char>('a' + round)));
            transaction.put_orphan(
                {base::sha256(std::to_string(round)), "acme", std::string(5'000, 'o'), {}});
            transaction.put_rejected("rejected " + std::to_string(round), "because");
            transaction.put_note("note", std::to_string(round));
            transaction.drop_orphan(base::sha256(std::to_string(round - 1)));
        });
    }
}

/// Without syncs: nothing here has to survive a crash.
void overwrite(TestJournal const& journal, base::Bytes const& bytes) {
    std::ofstream file(journal.path(), std::ios::binary | std::ios::trunc);
    file << base::as_text(bytes);
}

/// What a damaged journal answers: the names of what does not hold; empty if nothing was found.
std::vector<std::string> findings(TestJournal& journal) {
    std::vector<std::string> names;
    try {
        journal.open();
        for (auto const& damage : journal.store->inspect()) names.push_back(damage.where);
    } catch (base::Error const& error) {
        CHECK(error.code() == base::Code::verification_failed);
        names.push_back(error.message());
    }
    journal.close();
    return names;
}

}  // namespace

TEST_CASE("any changed byte in the database is found, and what lies there is named") {
    TestJournal journal;
    fill(journal);
    CHECK(journal.store->inspect().empty());
    CHECK(journal.store->compare_projection().empty());
    journal.close();
    auto const whole = base::read_file(journal.path(), max_file);
    REQUIRE(whole.size() % store::page_size == 0);
    std::mt19937_64 random(42);
    std::size_t contents_named = 0;
    for (int round = 0; round < 200; ++round) {
        auto bytes = whole;
        auto const at = random() % bytes.size();
        bytes[at] = static_cast<std::uint8_t>(bytes[at] + 1 + random() % 255);
        overwrite(journal, bytes);
        auto const names = findings(journal);
        CAPTURE(at);
        REQUIRE_FALSE(names.empty());
        for (auto const& name : names)
            if (name.starts_with("entry ") || name.starts_with("tile/") || name == "head") {
                ++contents_named;
                break;
            }
    }
    CHECK(contents_named > 100);
    overwrite(journal, whole);
    CHECK(findings(journal).empty());
}

TEST_CASE("every byte of the database header counts, and any of its page") {
    TestJournal journal;
    journal.store->write(
        [](port::Transaction& transaction) { transaction.append_checkpoint("globex", "note"); });
    journal.close();
    auto const whole = base::read_file(journal.path(), max_file);
    for (std::size_t at = 0; at < store::page_size; at += at < 120 ? 1 : 13) {
        auto bytes = whole;
        bytes[at] ^= 0x40;
        overwrite(journal, bytes);
        CAPTURE(at);
        REQUIRE_FALSE(findings(journal).empty());
    }
}

TEST_CASE("a database that was cut or lengthened is found") {
    TestJournal journal;
    fill(journal);
    journal.close();
    auto const whole = base::read_file(journal.path(), max_file);
    SUBCASE("cut by a page") {
        auto bytes = whole;
        bytes.resize(bytes.size() - store::page_size);
        overwrite(journal, bytes);
    }
    SUBCASE("lengthened by a page") {
        auto bytes = whole;
        bytes.resize(bytes.size() + store::page_size);
        overwrite(journal, bytes);
    }
    SUBCASE("two pages exchanged") {
        auto bytes = whole;
        auto const first = bytes.begin() + 5 * store::page_size;
        std::swap_ranges(first, first + store::page_size, first + 7 * store::page_size);
        overwrite(journal, bytes);
    }
    SUBCASE("not a database") {
        overwrite(journal, base::to_bytes("something else entirely"));
    }
    CHECK_FALSE(findings(journal).empty());
}

TEST_CASE("a damaged page stops commands that read it, naming the page") {
    TestJournal journal;
    fill(journal);
    journal.close();
    auto bytes = base::read_file(journal.path(), max_file);
    for (std::size_t page = 1; page < bytes.size() / store::page_size; ++page)
        bytes[page * store::page_size + 99] ^= 1;
    overwrite(journal, bytes);
    try {
        journal.open();
        static_cast<void>(journal.store->entry(3));
        FAIL("a damaged page was read");
    } catch (base::Error const& error) {
        CHECK(error.code() == base::Code::verification_failed);
        CHECK(error.message().starts_with("page "));
        CHECK(error.hint().find("consortium audit verify") != std::string::npos);
    }
}

TEST_CASE("who reads several things together goes on after one that lies on a damaged page") {
    TestJournal journal;
    fill(journal);
    auto const size = journal.store->head().size;
    journal.close();
    auto const sound = base::read_file(journal.path(), max_file);
    int stopped = 0;
    for (std::size_t page = 40; page < sound.size() / store::page_size; page += 7) {
        CAPTURE(page);
        auto bytes = sound;
        bytes[page * store::page_size + 2'000] ^= 1;
        overwrite(journal, bytes);
        journal.open();
        CHECK_NOTHROW(journal.store->read([&] {
            try {
                journal.store->leaves(0, size, [](std::string_view) {});
            } catch (base::Error const& error) {
                CHECK(error.code() == base::Code::verification_failed);
                ++stopped;
            }
            CHECK(journal.store->head().size == size);
        }));
        journal.close();
    }
    CHECK(stopped > 0);
}

TEST_CASE("the checksum of a page depends on every byte and on its number") {
    base::Bytes page(store::page_size, 7);
    store::seal_page(page, 3);
    CHECK(store::page_holds(page, 3));
    CHECK_FALSE(store::page_holds(page, 4));
    for (std::size_t at = 0; at < page.size(); ++at) {
        page[at] ^= 1;
        CHECK_FALSE(store::page_holds(page, 3));
        page[at] ^= 1;
    }
    CHECK(store::page_holds(base::Bytes(store::page_size), 9));
}
