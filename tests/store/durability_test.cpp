#include "core/base/error.h"
#include "tests/support/processes.h"

#include <csignal>
#include <doctest/doctest.h>
#include <poll.h>
#include <random>
#include <set>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

using namespace consortium;
using namespace consortium::test;

namespace {

/// Appends acts one by one and tells each size through the pipe once it is committed, until it is killed.
int append_for_ever(TestJournal const& journal, int pipe, int first) {
    auto const store = store::open_journal(journal.options());
    TestSigner officer("ada");
    for (int number = first;; ++number) {
        store->write(
            [&](port::Transaction& transaction) { transaction.append_act(act_number(officer, number)); });
        auto const size = store->head().size;
        if (::write(pipe, &size, sizeof size) != sizeof size) return 1;
    }
}

/// The last size that the child told, after it was killed at a random instant.
std::uint64_t kill_at_random(TestJournal const& journal, int first, std::mt19937_64& random) {
    int ends[2];
    REQUIRE(::pipe(ends) == 0);
    pid_t const child = in_child([&] { return append_for_ever(journal, ends[1], first); });
    ::close(ends[1]);
    // The instant is counted from the first commit: half of the time inside the next few transactions.
    std::uint64_t told = 0, size = 0;
    bool const begun = random() % 4 != 0;
    if (begun && ::read(ends[0], &size, sizeof size) == sizeof size) told = size;
    timespec const pause{0, static_cast<long>(random() % 20'000'000)};
    ::nanosleep(&pause, nullptr);
    ::kill(child, SIGKILL);
    while (::read(ends[0], &size, sizeof size) == sizeof size) told = size;
    ::close(ends[0]);
    CHECK(result_of(child) == 128 + SIGKILL);
    return told;
}

}  // namespace

TEST_CASE("sixteen processes that append at once lose and double nothing") {
    constexpr int processes = 16, acts_each = 25, shared = 5;
    TestJournal journal;
    journal.close();
    std::vector<pid_t> children;
    for (int process = 0; process < processes; ++process) {
        children.push_back(in_child([&] {
            auto options = journal.options();
            options.lock_seconds = 120;
            SeededEntropy entropy("process " + std::to_string(process));
            options.entropy = &entropy;
            auto const store = store::open_journal(options);
            TestSigner officer("ada");
            // Each process has acts of its own, and some that all of them append.
            for (int at = 0; at < acts_each + shared; ++at) {
                auto const number = at < acts_each ? process * 1'000 + at : 9'000 + at;
                store->write([&](port::Transaction& transaction) {
                    transaction.append_act(act_number(officer, number));
                });
            }
            return 0;
        }));
    }
    for (auto const child : children) CHECK(result_of(child) == 0);
    journal.open();
    CHECK(journal.store->head().size == processes * acts_each + shared);
    std::set<base::Digest> ids;
    for (auto const& stored : journal.store->acts({})) ids.insert(stored.id);
    CHECK(ids.size() == processes * acts_each + shared);
    TestSigner officer("ada");
    for (int process = 0; process < processes; ++process)
        for (int at = 0; at < acts_each; ++at)
            CHECK(ids.contains(id_of(act_number(officer, process * 1'000 + at))));
    std::uint64_t next = 0;
    journal.store->entries(0, journal.store->head().size,
                           [&](model::Entry const& entry) { CHECK(entry.index == next++); });
    check_whole(*journal.store);
    CHECK(journal.store->high_water() == journal.store->head().checkpoint);
}

TEST_CASE("kill -9 at 100 random instants leaves a journal that holds and has what was told") {
    TestJournal journal;
    std::mt19937_64 random(7);
    std::uint64_t size = 0;
    for (int round = 0; round < 100; ++round) {
        journal.close();
        auto const told = kill_at_random(journal, round * 10'000, random);
        journal.open();
        auto const now = journal.store->head().size;
        CHECK(now >= std::max(told, size));
        size = now;
        if (round % 10 == 9) check_whole(*journal.store);
        // The next append must not find the mark above the head, nor a lock that nobody holds.
        REQUIRE_NOTHROW(journal.store->write(
            [](port::Transaction& transaction) { transaction.append_checkpoint("a", "b"); }));
        ++size;
    }
    check_whole(*journal.store);
    MESSAGE("entries after 100 kills: " << size);
}

TEST_CASE("a full disk stops an append whole") {
    TestJournal journal;
    TestSigner officer("ada");
    journal.store->write(
        [&](port::Transaction& transaction) { transaction.append_act(act_number(officer, 1)); });
    auto const before = journal.store->head();
    int const result = result_of(in_child([&] {
        // Writing past the limit fails as a full disk does, and raises a signal that programs ignore.
        ::signal(SIGXFSZ, SIG_IGN);
        struct stat status {};
        ::stat(journal.path().c_str(), &status);
        auto const room = static_cast<rlim_t>(status.st_size) + 3 * 4'096;
        rlimit const limit{room, room};
        ::setrlimit(RLIMIT_FSIZE, &limit);
        auto const store = store::open_journal(journal.options());
        try {
            store->write([&](port::Transaction& transaction) {
                for (int number = 2; number < 400; ++number)
                    transaction.append_act(act_number(officer, number));
            });
        } catch (base::Error const& error) {
            bool const useful = error.code() == base::Code::storage && !error.hint().empty();
            return useful && store->head().checkpoint == before.checkpoint ? 0 : 2;
        }
        return 3;
    }));
    CHECK(result == 0);
    CHECK(journal.store->head().checkpoint == before.checkpoint);
    check_whole(*journal.store);
    journal.store->write(
        [&](port::Transaction& transaction) { transaction.append_act(act_number(officer, 2)); });
    CHECK(journal.store->head().size == 2);
}

TEST_CASE("a read-only workspace can be read, and says why it cannot be written") {
    TestJournal journal;
    journal.store->write([](port::Transaction& transaction) { transaction.append_checkpoint("a", "b"); });
    journal.close();
    ::chmod(journal.folder.path().c_str(), 0555);
    int const result = result_of(in_child([&] {
        constexpr uid_t nobody = 65'534;
        if (::geteuid() == 0 && ::setresuid(nobody, nobody, nobody) != 0) return 4;
        auto const store = store::open_journal(journal.options());
        if (store->head().size != 1 || !store->inspect().empty()) return 5;
        try {
            store->write([](port::Transaction& transaction) { transaction.append_checkpoint("a", "c"); });
        } catch (base::Error const& error) {
            return error.code() == base::Code::storage ? 0 : 6;
        }
        return 7;
    }));
    ::chmod(journal.folder.path().c_str(), 0755);
    CHECK(result == 0);
}
