/// Times the charter's arithmetic for benches; prints seconds, the median of some runs. Of processor
/// time: it is one thread that waits for nothing.
///   measure_policy tally MEMBERS BALLOTS     a vote under most rules at once, every ballot a revision
///   measure_policy lint DECISIONS MEMBERS    'charter check' of a charter in canonical form
/// Reading acts and verifying signatures is not part of it.

#include "core/policy/charter_lint.h"
#include "core/policy/opening.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <functional>
#include <nlohmann/json.hpp>
#include <string_view>

namespace {

using namespace consortium;
using policy::Elector;
using policy::TimedVote;
using policy::Vote;

constexpr int runs = 7;
constexpr base::Instant opened{1'000'000'000};

double seconds(std::function<void()> const& action) {
    std::vector<double> samples;
    for (int run = 0; run < runs; ++run) {
        auto const begun = std::clock();
        action();
        samples.push_back(static_cast<double>(std::clock() - begun) / CLOCKS_PER_SEC);
    }
    std::sort(samples.begin(), samples.end());
    return samples[samples.size() / 2];
}

model::Bound bound(char const* text) {
    return model::Bound::from_text(text);
}

model::Decision decision(std::string id) {
    model::Decision out;
    out.id = std::move(id);
    out.electorate = {"steward", "validator"};
    out.weight = "per_tier";
    out.quorum_counts = {"abstain", "no", "yes"};
    out.quorum = bound(">=2/3");
    out.pass = bound(">2/3");
    out.window = {14 * 86'400};
    out.veto = model::Veto{"cast", "veto", bound(">1/3")};
    out.classes = {{"steward", "yes+no", bound(">1/2")}, {"validator", "cast", bound(">1/3")}};
    out.late_quorum = {3 * 86'400};
    out.delegation = true;
    out.recusal = {"declared", "target"};
    out.weight_cap = base::Rational::of(1, 3);
    return out;
}

/// Members with names of a usual length, every tenth a steward.
std::string name(std::size_t number) {
    return "organization-" + std::to_string(number);
}

struct Case {
    std::vector<Elector> electors;
    std::vector<TimedVote> ballots;
    policy::Context context;

    Case(std::size_t members, std::size_t count) {
        for (std::size_t i = 0; i < members; ++i)
            electors.push_back({name(i), i % 10 == 0 ? 3 : 1, i % 10 == 0 ? "steward" : "validator"});
        std::sort(electors.begin(), electors.end(),
                  [](auto const& left, auto const& right) { return left.member < right.member; });
        // By member and revision, as agreement::Ballots gives them.
        for (std::size_t member = 0; member < members; ++member)
            for (std::size_t revision = 0; revision < count / members; ++revision)
                ballots.push_back(ballot(member, revision));
        for (std::size_t i = 0; i < members; i += 100) context.recusals.push_back({name(i), "declared"});
        for (std::size_t i = 1; i + 1 < members; i += 50)
            context.delegations.push_back({name(i), name(i + 1)});
    }

    TimedVote ballot(std::size_t member, std::size_t revision) const {
        constexpr char const* choices[]{"yes", "no", "yes", "abstain", "yes", "veto", "yes"};
        // Members do not vote in the order of their names.
        std::size_t const turn = revision * electors.size() + member * 7919 % electors.size();
        return {{electors[member].member, choices[(member + revision) % 7]},
                static_cast<std::int64_t>(revision),
                {opened.seconds + static_cast<std::int64_t>(turn % 1'000'000)}};
    }
    std::vector<Vote> last_revisions() const {
        std::vector<Vote> out;
        out.reserve(electors.size());
        for (auto ballot = ballots.begin(); ballot != ballots.end(); ++ballot)
            if (auto const next = ballot + 1;
                next == ballots.end() || next->vote.member != ballot->vote.member)
                out.push_back(ballot->vote);
        return out;
    }
};

double time_tally(std::size_t members, std::size_t ballots) {
    Case const one(members, ballots);
    model::Decision const rule = decision("upgrade");
    std::size_t bytes = 0;
    return seconds([&] {
        auto electors = one.electors;
        policy::apply_cap(*rule.weight_cap, electors);
        auto const late = policy::late_close(rule, electors, one.ballots, opened + rule.window, one.context);
        auto const tally = policy::tally(rule, electors, one.last_revisions(), one.context);
        bytes += base::canonical(policy::to_json(tally)).size() + (late ? 1 : 0);
    });
}

double time_lint(std::size_t decisions, std::size_t members) {
    model::Charter charter;
    charter.name = "large";
    charter.grace = {3600};
    charter.settle = {86'400};
    charter.attempt = {6 * 3600};
    charter.away = {30 * 86'400};
    charter.tiers = {{"steward", {"read", "vote"}, 3}, {"validator", {"read", "vote"}, 1}};
    for (std::size_t i = 0; i < decisions; ++i)
        charter.decisions.push_back(decision("d" + std::to_string(1000 + i)));
    charter.decisions[0].actions = {"charter.amend"};
    charter.decisions[0].proposers = {"governance"};
    for (model::Decision& one : charter.decisions) {
        one.proposers = {"governance"};
        one.lapses = {30 * 86'400};
    }
    base::JsonValue const canonical(model::to_json(charter));
    std::vector<policy::Party> parties;
    for (std::size_t i = 0; i < members; ++i)
        parties.push_back({name(i), i % 10 == 0 ? "steward" : "validator",
                           i % 7 == 0 ? "group-" + std::to_string(i % 3) : ""});
    std::size_t findings = 0;
    double const taken =
        seconds([&] { findings = policy::lint(model::charter_from_json(*canonical), parties).size(); });
    if (findings == 0) std::abort();
    return taken;
}

}  // namespace

int main(int count, char** texts) {
    if (count != 4) return 2;
    std::string_view const what = texts[1];
    auto const first = static_cast<std::size_t>(std::atoll(texts[2]));
    auto const second = static_cast<std::size_t>(std::atoll(texts[3]));
    std::printf("%.9f\n", what == "tally" ? time_tally(first, second) : time_lint(first, second));
    return 0;
}
