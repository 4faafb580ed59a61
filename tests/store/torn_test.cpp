#include "core/base/error.h"
#include "core/store/page.h"
#include "tests/support/processes.h"

#include <csignal>
#include <fcntl.h>

using namespace consortium;
using namespace consortium::test;

namespace {

base::Path rollback_of(base::Path path) {
    return path += "-journal";
}

/// A journal of some acts, and beside it what a process leaves that is killed in the middle of a transaction
/// which is larger than its cache: pages of it in the database, and a rollback journal.
struct Torn {
    Torn() {
        journal.store->write([&](port::Transaction& transaction) {
            for (int number = 0; number < 100; ++number) transaction.append_act(act_number(officer, number));
        });
        before = journal.store->head();
        journal.close();
        whole_size = std::filesystem::file_size(journal.path());
        CHECK(result_of(in_child([&] { return die_inside(); })) == 128 + SIGKILL);
        REQUIRE(std::filesystem::file_size(rollback_of(journal.path())) > 4'096);
        REQUIRE(std::filesystem::file_size(journal.path()) > whole_size);
        database = base::read_file(journal.path(), 64u << 20);
        rollback = base::read_file(rollback_of(journal.path()), 64u << 20);
    }

    int die_inside() {
        auto const store = store::open_journal(journal.options());
        store->write([&](port::Transaction& transaction) {
            for (int number = 0; number < 320; ++number)
                transaction.append_checkpoint("globex", std::string(60'000, 'c') + std::to_string(number));
            ::raise(SIGKILL);
        });
        return 1;
    }

    /// Puts both files as they were after the kill, changed by `harm`.
    void put(std::function<void(base::Bytes& database, base::Bytes& rollback)> const& harm) {
        journal.close();
        auto one = database, other = rollback;
        harm(one, other);
        base::write_file(journal.path(), one);
        base::write_file(rollback_of(journal.path()), other);
    }

    void check_rolled_back() {
        journal.open();
        CHECK(journal.store->head().checkpoint == before.checkpoint);
        check_whole(*journal.store);
        journal.store->write(
            [&](port::Transaction& transaction) { transaction.append_act(act_number(officer, 9'000)); });
        CHECK(journal.store->head().size == before.size + 1);
        check_whole(*journal.store);
        std::filesystem::remove_all(journal.state());  // the next harm begins before this append
    }

    /// True where the harm is undone; false where it is named. Anything else is lost silently.
    bool recovers() {
        try {
            journal.open();
            auto const damage = journal.store->inspect();
            if (!damage.empty()) return false;
            auto const head = journal.store->head();
            journal::Frontier frontier;
            journal.store->entries(0, head.size, [&](model::Entry const& entry) {
                frontier.append(journal::leaf_hash(entry.leaf));
            });
            if (frontier.root() != head.root) return false;
            CHECK(head.checkpoint == before.checkpoint);
            return true;
        } catch (base::Error const& error) {
            CHECK(error.code() == base::Code::verification_failed);
            return false;
        }
    }

    TestJournal journal;
    TestSigner officer{"ada"};
    port::Head before;
    std::uintmax_t whole_size = 0;
    base::Bytes database, rollback;
};

}  // namespace

TEST_CASE("a transaction that a kill tore is rolled back whole, however much of it reached the database") {
    Torn torn;
    torn.put([](base::Bytes&, base::Bytes&) {});
    torn.check_rolled_back();
    SUBCASE("the last page was written in part") {
        torn.put([](base::Bytes& database, base::Bytes&) { database.resize(database.size() - 1'000); });
        torn.check_rolled_back();
    }
    SUBCASE("the last page has garbage") {
        torn.put([](base::Bytes& database, base::Bytes&) {
            std::fill(database.end() - store::page_size, database.end(), std::uint8_t{0xa5});
        });
        torn.check_rolled_back();
    }
    SUBCASE("none of the new pages was written") {
        torn.put([&](base::Bytes& database, base::Bytes&) { database.resize(torn.whole_size); });
        torn.check_rolled_back();
    }
}

TEST_CASE(
    "a rollback journal that was torn itself is used as far as it goes, and what it cannot mend is named") {
    Torn torn;
    int recovered = 0, named = 0;
    for (int part = 0; part <= 10; ++part) {
        auto const at = torn.rollback.size() * static_cast<std::size_t>(part) / 10;
        torn.put([&](base::Bytes&, base::Bytes& rollback) { rollback.resize(at); });
        ++(torn.recovers() ? recovered : named);
        torn.put([&](base::Bytes&, base::Bytes& rollback) {
            for (auto byte = at; byte < std::min(at + 64, rollback.size()); ++byte) rollback[byte] ^= 0xff;
        });
        ++(torn.recovers() ? recovered : named);
    }
    CHECK(recovered > 0);
    MESSAGE("undone: " << recovered << ", named: " << named);
}
