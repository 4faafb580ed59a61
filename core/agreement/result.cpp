#include "core/agreement/result.h"

#include "core/agreement/next_epoch.h"
#include "core/model/ballot.h"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace consortium::agreement {

namespace {

using base::Digest;

using Exclusions = std::vector<std::pair<Digest, std::string>>;

struct TimelyBallot {
    Digest id;
    model::Act act;
    model::Ballot body;
};

/// The timely ballots, sorted out by member; suspended keys; and what is excluded on sight.
struct Counted {
    std::map<std::string, std::map<std::int64_t, std::vector<TimelyBallot>>> by_member;  // by revision
    std::set<Digest> suspended_keys;
    std::vector<Digest> ids;
    Exclusions excluded;
    std::vector<policy::Vote> votes;
};

bool removed_for_cause(model::Epoch const& current, Digest const& id) {
    auto const* key = current.key(id);
    return key != nullptr && key->status == "removed";
}

std::string exclusion(model::Epoch const& current, Counted const& count, model::Act const& act) {
    if (removed_for_cause(current, act.key)) return "key removed";
    if (count.suspended_keys.contains(act.key)) return "suspended";
    return {};
}

void find_suspensions(port::Evidence const& evidence, std::vector<Digest> const& timely, Counted& count) {
    for (auto const& id : timely) {
        auto const held = evidence.act(id);
        if (held && held->act.kind == "suspend")
            count.suspended_keys.insert(model::suspension_from_json(*held->act.body).key);
    }
}

void sort_out(port::Evidence const& evidence, model::Epoch const& current, std::vector<Digest> const& timely,
              Counted& count) {
    for (auto const& id : timely) {
        auto held = evidence.act(id);
        if (!held || held->act.kind != "ballot") continue;
        auto reason = exclusion(current, count, held->act);
        if (!reason.empty()) {
            count.excluded.emplace_back(id, std::move(reason));
            continue;
        }
        auto body = model::ballot_from_json(*held->act.body);
        auto& slot = count.by_member[held->act.member][body.revision];
        bool const repeated = std::any_of(slot.begin(), slot.end(), [&](TimelyBallot const& other) {
            return *other.act.body == *held->act.body;
        });
        if (repeated) {
            count.excluded.emplace_back(id, "repeated");
        } else {
            slot.push_back({id, std::move(held->act), std::move(body)});
        }
    }
}

bool names_all(model::Act const& act, std::vector<TimelyBallot> const& ballots) {
    return std::all_of(ballots.begin(), ballots.end(), [&](TimelyBallot const& ballot) {
        return std::find(act.refs.begin(), act.refs.end(), ballot.id) != act.refs.end();
    });
}

// PROTOCOL P8: two timely contents in one revision void each other, unless the next revision names both.
bool contradictory(std::map<std::int64_t, std::vector<TimelyBallot>> const& revisions) {
    for (auto const& [revision, ballots] : revisions) {
        if (ballots.size() < 2) continue;
        auto const next = revisions.find(revision + 1);
        if (next == revisions.end()) return true;
        for (auto const& later : next->second)
            if (!names_all(later.act, ballots)) return true;
    }
    return false;
}

void count_member(std::map<std::int64_t, std::vector<TimelyBallot>> const& revisions, Counted& count) {
    bool const voided = contradictory(revisions);
    auto const last = revisions.rbegin()->first;
    for (auto const& [revision, ballots] : revisions) {
        for (auto const& ballot : ballots) {
            if (voided) {
                count.excluded.emplace_back(ballot.id, "contradictory");
            } else if (revision != last) {
                count.excluded.emplace_back(ballot.id, "superseded");
            } else {
                count.ids.push_back(ballot.id);
                count.votes.push_back({ballot.act.member, ballot.body.choice});
            }
        }
    }
}

Counted count_ballots(port::Evidence const& evidence, model::Epoch const& current,
                      std::vector<Digest> const& timely) {
    Counted count;
    find_suspensions(evidence, timely, count);
    sort_out(evidence, current, timely, count);
    for (auto const& [member, revisions] : count.by_member) count_member(revisions, count);
    std::sort(count.ids.begin(), count.ids.end());
    return count;
}

policy::Tally add_up(OpenProposal const& proposal, std::vector<policy::Vote> const& votes) {
    return policy::tally(*proposal.decision, policy::electorate(*proposal.base, *proposal.decision), votes);
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

std::optional<base::Instant> latest_close(port::Evidence const& evidence, model::Epoch const& epoch) {
    std::optional<base::Instant> latest;
    for (auto const& result : epoch.results) {
        auto const act = evidence.act(result.proposal);
        if (!act) continue;
        auto const closes = model::proposal_from_json(*act->act.body).closes;
        if (!latest || closes > *latest) latest = closes;
    }
    return latest;
}

std::string restarted_by(port::Evidence const& evidence, model::Epoch const& current,
                         OpenProposal const& proposal) {
    if (proposal.base->charter.midvote != "restart") return {};
    for (auto number = proposal.base->number + 1; number <= current.number; ++number) {
        auto const epoch = evidence.epoch(number);
        if (!epoch || !changes_rules(*epoch)) continue;
        auto const latest = latest_close(evidence, *epoch);
        if (latest && proposal.body.closes > *latest)
            return "epoch " + std::to_string(number) + " changed the charter or the members: open it anew";
    }
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

model::Result evaluate(port::Evidence const& evidence, model::Epoch const& current,
                       OpenProposal const& proposal, std::vector<Digest> const& statements) {
    std::vector<Digest> timely;
    Exclusions late;
    for (auto const& [id, time] : timeliness(evidence, statements, sizes(*proposal.base).f)) {
        if (time) {
            timely.push_back(id);
        } else if (auto const held = evidence.act(id); held && held->act.kind == "ballot") {
            late.emplace_back(id, "late");
        }
    }
    auto count = count_ballots(evidence, current, timely);
    count.excluded.insert(count.excluded.end(), late.begin(), late.end());
    std::sort(count.excluded.begin(), count.excluded.end());

    auto const tally = add_up(proposal, count.votes);
    model::Result result;
    result.proposal = proposal.id;
    result.action = proposal.body.action.kind;
    result.detail = proposal.body.action.detail;
    result.statements = statements;
    result.counted = std::move(count.ids);
    result.excluded = std::move(count.excluded);
    result.tally = base::JsonValue(policy::to_json(tally));
    result.reason = void_reason(evidence, current, proposal);
    result.outcome = !result.reason.empty() ? "void" : tally.passed ? "passed" : "failed";
    return result;
}

Standing standing(port::Evidence const& evidence, model::Epoch const& current, OpenProposal const& proposal) {
    std::vector<Digest> held;
    for (auto const& listing : seen_before_close(evidence, proposal)) held.push_back(listing.id);
    auto count = count_ballots(evidence, current, held);
    return {add_up(proposal, count.votes), count.votes, count.excluded};
}

}  // namespace consortium::agreement
