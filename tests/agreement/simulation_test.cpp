#include "tests/support/simulation/simulation.h"

#include <atomic>
#include <cstdlib>
#include <exception>
#include <mutex>
#include <thread>

using namespace consortium;
using simulation::History;
using simulation::Report;
using simulation::Rules;

namespace {

/// What a run of many histories came to.
struct Summary {
    std::size_t histories = 0, bad = 0, progress_due = 0, epochs = 0, acts = 0, actions = 0;
    std::size_t forks = 0, stalls = 0, lost = 0, halted = 0;
    std::optional<std::pair<std::uint64_t, Report>> first_bad;

    void add(std::uint64_t seed, Report const& report) {
        ++histories;
        progress_due += report.progress_due ? 1 : 0;
        epochs += report.epochs;
        acts += report.acts;
        actions += report.actions;
        forks += report.forked ? 1 : 0;
        stalls += report.stalled ? 1 : 0;
        lost += report.ballot_lost ? 1 : 0;
        halted += report.halted ? 1 : 0;
        if (report.good()) return;
        ++bad;
        if (!first_bad || seed < first_bad->first) first_bad.emplace(seed, report);
    }
};

/// Histories are independent of one another: one thread a processor draws the next seed.
class Run {
public:
    enum class Until { all, first_bad };

    Run(std::uint64_t from, std::uint64_t count, Rules rules, Until until)
        : m_next(from), m_end(from + count), m_rules(rules), m_until(until) {}

    Summary finish() {
        std::vector<std::thread> threads;
        for (unsigned i = 0; i < std::max(1u, std::thread::hardware_concurrency()); ++i)
            threads.emplace_back([this] { work(); });
        for (auto& thread : threads) thread.join();
        if (m_failure) std::rethrow_exception(m_failure);
        return m_summary;
    }

private:
    void work() {
        try {
            while (!m_stop) {
                auto const seed = m_next++;
                if (seed >= m_end) return;
                auto const report = History(seed, m_rules).run();
                std::lock_guard const lock(m_mutex);
                m_summary.add(seed, report);
                if (m_until == Until::first_bad && m_summary.bad > 0) m_stop = true;
            }
        } catch (...) {
            std::lock_guard const lock(m_mutex);
            m_failure = std::current_exception();
            m_stop = true;
        }
    }

    std::atomic<std::uint64_t> m_next;
    std::uint64_t m_end;
    Rules m_rules;
    Until m_until;
    std::atomic<bool> m_stop = false;
    std::mutex m_mutex;
    Summary m_summary;
    std::exception_ptr m_failure;
};

std::uint64_t number_in(char const* variable, std::uint64_t otherwise) {
    auto const* text = std::getenv(variable);
    return text != nullptr ? std::strtoull(text, nullptr, 10) : otherwise;
}

/// The first history that goes wrong without a rule; none among so many.
std::optional<std::pair<std::uint64_t, Report>> first_bad(Rules rules, std::uint64_t most) {
    return Run(1, most, rules, Run::Until::first_bad).finish().first_bad;
}

constexpr std::uint64_t enough_to_fail = 3000;

}  // namespace

TEST_CASE("no history forks, loses a ballot that every honest seat held, or stalls while q honest exchange") {
    auto const sum = Run(number_in("CONSORTIUM_FIRST_HISTORY", 1), number_in("CONSORTIUM_HISTORIES", 200),
                         Rules{}, Run::Until::all)
                         .finish();
    MESSAGE(sum.histories << " histories, " << sum.epochs << " epochs, " << sum.acts << " acts, "
                          << sum.actions << " actions; progress was due in " << sum.progress_due << "; "
                          << sum.forks << " forks, " << sum.stalls << " stalls, " << sum.lost
                          << " with ballots lost, " << sum.halted << " halted");
    if (sum.first_bad) MESSAGE("history " << sum.first_bad->first << ": " << sum.first_bad->second.why);
    CHECK(sum.bad == 0);
    CHECK(sum.progress_due * 2 > sum.histories);
}

TEST_CASE("without the rule that skips carry what was prepared, the simulation forks") {
    auto const found = first_bad({.carry = false}, enough_to_fail);
    REQUIRE(found);
    MESSAGE("history " << found->first);
    CHECK(found->second.forked);
}

TEST_CASE("without the rule that who pulls publishes, the simulation stalls") {
    auto const found = first_bad({.relay = false}, enough_to_fail);
    REQUIRE(found);
    MESSAGE("history " << found->first << ": " << found->second.why);
    CHECK(found->second.stalled);
}

TEST_CASE("without the rule that restored seats stay silent, the simulation forks") {
    auto const found = first_bad({.restore = false}, enough_to_fail);
    REQUIRE(found);
    MESSAGE("history " << found->first);
    CHECK(found->second.forked);
}
