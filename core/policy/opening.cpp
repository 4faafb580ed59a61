#include "core/policy/opening.h"

#include "core/base/text.h"
#include "core/policy/count.h"

#include <algorithm>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace consortium::policy {

namespace {

using base::Duration;
using base::Json;
using model::Decision;
using model::Verdict;

bool has_track(Decision const& decision, Track track) {
    if (track == Track::expedited) return decision.expedited.has_value();
    return track == Track::ordinary || decision.emergency.has_value();
}

void require_wait(Verdict& verdict, std::string name, std::string_view what, base::Instant now,
                  std::optional<base::Instant> const& last, Duration wait) {
    if (!last || wait == Duration{}) return;
    base::Instant const from = *last + wait;
    verdict.require(std::move(name), now >= from, fmt::format("{} from {} on", what, from.text()),
                    Verdict::Ruling::pending);
    if (now < from && (!verdict.deadline || *verdict.deadline < from)) verdict.deadline = from;
}

}  // namespace

Duration shortest_vote(Decision const& decision, Track track) {
    if (track == Track::expedited && decision.expedited) return decision.expedited->window;
    if (track == Track::emergency && decision.emergency) return decision.emergency->window;
    return {decision.notice.seconds + decision.window.seconds};
}

Duration longest_vote(Decision const& decision, Track track) {
    constexpr std::int64_t rounding = 120, year = 366 * std::int64_t{86'400};
    return {shortest_vote(decision, track).seconds + (track == Track::emergency ? rounding : year)};
}

Duration shortest_timelock(Decision const& decision, Track track) {
    if (track == Track::emergency) return {};
    return track == Track::expedited && decision.expedited ? decision.expedited->timelock : decision.timelock;
}

bool in_scope(model::Emergency const& emergency, std::string_view action) {
    return (action == "release.upgrade" && contains(emergency.scope, "patch")) ||
           (action == "network.pause" && contains(emergency.scope, "pause")) ||
           ((action == "root.rotate" || action == "root.trust") && contains(emergency.scope, "root"));
}

Verdict may_open(Decision const& decision, Opening const& opening) {
    Verdict verdict;
    verdict.require("track", has_track(decision, opening.track),
                    fmt::format("'{}' has a track '{}'", decision.id, name_of(opening.track)));
    if (opening.track == Track::emergency && decision.emergency) {
        verdict.require(
            "scope", in_scope(*decision.emergency, opening.action),
            fmt::format("an emergency is for {} only", base::join(decision.emergency->scope, ", ")));
        require_wait(verdict, "emergency cooldown", "another emergency over the same may be called",
                     opening.opened, opening.emergency, decision.emergency->cooldown);
    }
    if (!decision.proposer.tiers.empty())
        verdict.require(
            "proposer tier", contains(decision.proposer.tiers, opening.tier),
            fmt::format("it is proposed by members of {}", base::join(decision.proposer.tiers, ", ")));
    Duration const least = shortest_vote(decision, opening.track);
    verdict.require("window", opening.closes >= opening.opened + least,
                    fmt::format("the vote stands for {} at least", least.text()));
    Duration const most = longest_vote(decision, opening.track);
    verdict.require("end", opening.closes <= opening.opened + most,
                    fmt::format("the vote ends within {}", most.text()));
    if (decision.proposer.max_open > 0)
        verdict.require("maximum open", opening.open < decision.proposer.max_open,
                        fmt::format("{} of at most {} proposals of the member are open", opening.open,
                                    decision.proposer.max_open),
                        Verdict::Ruling::pending);
    require_wait(verdict, "cooldown", "the same may be proposed again", opening.opened, opening.failed,
                 decision.cooldown);
    return verdict;
}

std::vector<std::string> broken_clauses(model::Charter const& now, model::Charter const& next) {
    std::vector<std::string> out;
    if (now.unamendable.empty()) return out;
    Json const before = model::to_json(now);
    Json const after = model::to_json(next);
    for (std::string const& clause : now.unamendable) {
        Json::json_pointer const pointer(clause);
        if (!after.contains(pointer) || after.at(pointer) != before.at(pointer)) out.push_back(clause);
    }
    bool const kept = std::includes(next.unamendable.begin(), next.unamendable.end(), now.unamendable.begin(),
                                    now.unamendable.end());
    if (!kept) out.emplace_back("/unamendable");
    return out;
}

}  // namespace consortium::policy
