#include "tests/support/simulation/history.h"

#include <chrono>
#include <cstdlib>
#include <iostream>

using namespace consortium;
using simulation::History;
using simulation::Report;
using simulation::Rules;

namespace {

/// What a run of many histories came to.
struct Summary {
    std::size_t histories = 0, bad = 0, progress_due = 0, epochs = 0, acts = 0, actions = 0;
    std::uint64_t first_bad = 0;
    std::string why;
    std::size_t forks = 0, stalls = 0, lost = 0, halted = 0;
};

Summary run(std::uint64_t from, std::uint64_t count, Rules rules = {}) {
    Summary out;
    for (auto seed = from; seed < from + count; ++seed) {
        auto const report = History(seed, rules).run();
        ++out.histories;
        out.progress_due += report.progress_due ? 1 : 0;
        out.epochs += report.epochs;
        out.acts += report.acts;
        out.actions += report.actions;
        out.forks += report.forked ? 1 : 0;
        out.stalls += report.stalled ? 1 : 0;
        out.lost += report.ballot_lost ? 1 : 0;
        out.halted += report.halted ? 1 : 0;
        if (report.good() || out.bad++ > 0) continue;
        out.first_bad = seed;
        out.why = report.why;
    }
    return out;
}

std::uint64_t number_in(char const* variable, std::uint64_t otherwise) {
    auto const* text = std::getenv(variable);
    return text != nullptr ? std::strtoull(text, nullptr, 10) : otherwise;
}

/// The first history that goes wrong without a rule; none among so many.
std::optional<std::pair<std::uint64_t, Report>> first_bad(Rules rules, std::uint64_t most) {
    for (std::uint64_t seed = 1; seed <= most; ++seed) {
        auto report = History(seed, rules).run();
        if (!report.good()) return std::pair(seed, report);
    }
    return std::nullopt;
}

constexpr std::uint64_t enough_to_fail = 3000;

}  // namespace

TEST_CASE("no history forks, loses a ballot that every honest seat held, or stalls while q honest exchange") {
    auto const sum = run(number_in("CONSORTIUM_FIRST_HISTORY", 1), number_in("CONSORTIUM_HISTORIES", 200));
    MESSAGE(sum.histories << " histories, " << sum.epochs << " epochs, " << sum.acts << " acts, "
                          << sum.actions << " actions; progress was due in " << sum.progress_due << "; "
                          << sum.forks << " forks, " << sum.stalls << " stalls, " << sum.lost
                          << " with ballots lost, " << sum.halted << " halted");
    INFO("history " << sum.first_bad << ": " << sum.why);
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
