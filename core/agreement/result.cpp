#include "core/agreement/result.h"

#include "core/agreement/dispute.h"
#include "core/agreement/follow_up.h"
#include "core/agreement/next_epoch.h"
#include "core/policy/opening.h"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace consortium::agreement {

namespace {

using base::Digest;

/// The electors and what the ballots say, with everything that a tally looks at.
struct Counting {
    OpenProposal const& proposal;
    std::vector<policy::Elector> electors;
    Ballots ballots;

    Counting(OpenProposal const& from, Ballots sorted)
        : proposal(from),
          electors(policy::electorate(*from.base, *from.decision)),
          ballots(std::move(sorted)) {
        ballots.context.track = policy::track_from(from.body.track);
    }

    policy::Tally add_up() const {
        return policy::tally(*proposal.decision, electors, ballots.votes, ballots.context);
    }
    std::optional<base::Instant> goes_on(policy::Tally const& tally) const {
        if (tally.outcome == policy::TallyOutcome::continues) return ordinary_close(proposal);
        return policy::late_close(*proposal.decision, electors, ballots.revisions, proposal.body.closes,
                                  ballots.context);
    }
    bool settled() const {
        if (ballots.withdrawal) return true;
        return proposal.decision->earliest &&
               policy::settled(*proposal.decision, electors, ballots.votes, ballots.context);
    }
};

struct Pinned {
    Times timely;
    Exclusions late;
};

Pinned pinned_by(port::Evidence const& evidence, OpenProposal const& proposal,
                 std::vector<Digest> const& statements) {
    Pinned out;
    for (auto const& [id, time] : timeliness(evidence, statements, sizes(*proposal.base).f)) {
        if (time) {
            out.timely.emplace(id, *time);
        } else if (auto const held = evidence.act(id); held && is_ballot_kind(held->act.kind)) {
            out.late.emplace_back(id, "late");
        }
    }
    return out;
}

Times held_before_close(port::Evidence const& evidence, OpenProposal const& proposal) {
    Times held;
    for (auto const& listing : seen_before_close(evidence, proposal)) held[listing.id] = listing.received;
    return held;
}

int still_voting(model::Epoch const& base, model::Epoch const& current) {
    std::set<std::string> now;
    for (auto const* member : current.voting()) now.insert(member->id);
    int count = 0;
    for (auto const* member : base.voting()) count += now.contains(member->id) ? 1 : 0;
    return count;
}

bool changes_rules(model::Epoch const& epoch) {
    auto const rules = [](model::Result const& result) {
        return result.outcome == "passed" &&
               (result.action.starts_with("member.") || result.action == "charter.amend");
    };
    return std::any_of(epoch.results.begin(), epoch.results.end(), rules);
}

/// When a vote ended: its close; of one that ended before, when f+1 held the last that counts by time.
base::Instant end_of(port::Evidence const& evidence, OpenProposal const& proposal,
                     std::vector<Digest> const& statements) {
    auto const first = statements.empty() ? std::nullopt : evidence.act(statements.front());
    if (!first || !first->act.body->contains("early")) return proposal.body.closes;
    std::optional<base::Instant> last;
    for (auto const& [id, time] : timeliness(evidence, statements, sizes(*proposal.base).f))
        if (time && (!last || *time > *last)) last = time;
    return std::min(last.value_or(proposal.body.closes), proposal.body.closes);
}

std::optional<base::Instant> latest_end(port::Evidence const& evidence, model::Epoch const& before,
                                        model::Epoch const& epoch) {
    std::optional<base::Instant> latest;
    for (auto const& result : epoch.results) {
        if (result.outcome == "lapsed" || !evidence.has_act(result.proposal)) continue;
        auto const proposal = load_proposal(evidence, result.proposal, before);
        auto const end = end_of(evidence, proposal, result.statements);
        if (!latest || end > *latest) latest = end;
    }
    return latest;
}

/// Epochs after a proposal's base that changed who decides, or by which rules: number and end of their last
/// vote.
std::vector<std::pair<std::uint64_t, base::Instant>> changes_since(port::Evidence const& evidence,
                                                                   model::Epoch const& current,
                                                                   OpenProposal const& proposal) {
    std::vector<std::pair<std::uint64_t, base::Instant>> out;
    for (auto number = proposal.base->number + 1; number <= current.number; ++number) {
        auto const epoch = evidence.epoch(number), before = evidence.epoch(number - 1);
        if (!epoch || !before || !changes_rules(*epoch)) continue;
        if (auto const latest = latest_end(evidence, *before, *epoch)) out.emplace_back(number, *latest);
    }
    return out;
}

std::string changed_by(std::uint64_t number) {
    return "epoch " + std::to_string(number) + " changed the charter or the members: open it anew";
}

std::string restarted_by(port::Evidence const& evidence, model::Epoch const& current,
                         OpenProposal const& proposal) {
    if (proposal.base->charter.midvote_of(*proposal.decision) != "restart") return {};
    for (auto const& [number, end] : changes_since(evidence, current, proposal))
        if (proposal.body.closes > end) return changed_by(number);
    return {};
}

std::string too_soon(model::Epoch const& current, OpenProposal const& proposal, base::Instant known) {
    auto const opening = opening_of(current, proposal.act.member, proposal.body, known);
    auto const cools = [&](std::optional<base::Instant> const& last, base::Duration wait) {
        return last && known > *last && known < *last + wait;
    };
    auto const& decision = *proposal.decision;
    bool const emergency = proposal.body.track == "emergency" && decision.emergency;
    if (cools(opening.failed, decision.cooldown) ||
        (emergency && cools(opening.emergency, decision.emergency->cooldown)))
        return "it was opened before the charter lets the same be proposed again";
    return {};
}

// What a proposal says of its own time, and the epoch that it names, are its author's choice: what the rules
// on opening protect is protected by when others knew of it.
std::string opened_wrongly(port::Evidence const& evidence, model::Epoch const& current,
                           OpenProposal const& proposal, std::vector<Digest> const& statements) {
    if (proposal.stage > 0) return {};
    auto const known = known_since(evidence, statements, sizes(*proposal.base).f);
    auto const least = policy::shortest_vote(*proposal.decision, policy::track_from(proposal.body.track));
    auto const latest = proposal.body.closes - base::Duration{least.seconds / 2};
    if (!known || *known > latest)
        return "the members knew of it when less than half of the time to vote was left";
    if (auto reason = too_soon(current, proposal, *known); !reason.empty()) return reason;
    auto const& rules = proposal.base->charter;
    for (auto const& [number, end] : changes_since(evidence, current, proposal))
        if (*known > end + rules.grace + rules.attempt) return "before it was opened, " + changed_by(number);
    return {};
}

}  // namespace

std::string void_reason(port::Evidence const& evidence, model::Epoch const& current,
                        OpenProposal const& proposal) {
    auto const q = sizes(*proposal.base).q;
    auto const left = still_voting(*proposal.base, current);
    if (left < q)
        return "only " + std::to_string(left) + " of its voting members still vote, " + std::to_string(q) +
               " are needed";
    if (removed_for_cause(current, proposal.act.key)) return "its proposer's key was removed";
    return restarted_by(evidence, current, proposal);
}

Evaluation evaluation(port::Evidence const& evidence, model::Epoch const& current,
                      OpenProposal const& proposal, std::vector<Digest> const& statements) {
    auto [timely, late] = pinned_by(evidence, proposal, statements);
    Counting counting(proposal, sort_out(evidence, current, proposal, timely));
    auto const tally = counting.add_up();
    auto& ballots = counting.ballots;
    ballots.excluded.insert(ballots.excluded.end(), late.begin(), late.end());
    std::sort(ballots.excluded.begin(), ballots.excluded.end());

    Evaluation out;
    auto& result = out.result;
    result.proposal = proposal.id;
    result.action = proposal.body.action.kind;
    result.detail = proposal.body.action.detail;
    result.statements = statements;
    result.tally = base::JsonValue(policy::to_json(tally));
    out.ended = end_of(evidence, proposal, statements);
    result.reason = void_reason(evidence, current, proposal);
    if (result.reason.empty()) result.reason = opened_wrongly(evidence, current, proposal, statements);
    if (!result.reason.empty()) {
        result.outcome = "void";
    } else if (ballots.withdrawal) {
        result.outcome = "withdrawn";
    } else if ((out.closes = counting.goes_on(tally))) {
        result.outcome = "continues";
        result.reason = "the vote goes on until " + out.closes->text();
    } else {
        result.outcome = policy::name_of(tally.outcome);
        if (tally.outcome == policy::TallyOutcome::panel && panel_carries(evidence, proposal.body)) {
            result.outcome = "passed";
            result.reason = "nobody was left to ask, and the panel upheld it";
        }
    }
    result.counted = std::move(ballots.counted);
    result.excluded = std::move(ballots.excluded);
    return out;
}

model::Result evaluate(port::Evidence const& evidence, model::Epoch const& current,
                       OpenProposal const& proposal, std::vector<Digest> const& statements) {
    return evaluation(evidence, current, proposal, statements).result;
}

bool is_settled_by(port::Evidence const& evidence, model::Epoch const& current, OpenProposal const& proposal,
                   std::vector<Digest> const& statements) {
    auto const pinned = pinned_by(evidence, proposal, statements);
    return Counting(proposal, sort_out(evidence, current, proposal, pinned.timely)).settled();
}

bool is_settled_here(port::Evidence const& evidence, model::Epoch const& current,
                     OpenProposal const& proposal) {
    auto const held = held_before_close(evidence, proposal);
    return Counting(proposal, sort_out(evidence, current, proposal, held)).settled();
}

Standing standing(port::Evidence const& evidence, model::Epoch const& current, OpenProposal const& proposal) {
    Counting counting(proposal, sort_out(evidence, current, proposal, held_before_close(evidence, proposal)));
    auto tally = counting.add_up();
    return {std::move(tally), std::move(counting.ballots)};
}

}  // namespace consortium::agreement
