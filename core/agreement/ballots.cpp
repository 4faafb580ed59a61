#include "core/agreement/ballots.h"

#include "core/agreement/author.h"
#include "core/agreement/dispute.h"
#include "core/agreement/equivocation.h"
#include "core/model/ballot.h"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace consortium::agreement {

namespace {

using base::Digest;

struct Timely {
    Digest id;
    model::Act act;
    base::Instant time;
};
/// The acts of one member and kind that can be revised, by revision.
using Revisions = std::map<std::int64_t, std::vector<Timely>>;

/// What one pass over the timely acts collects.
struct Sorted {
    std::map<std::string, Revisions> ballots, delegations;  // by member
    std::map<std::string, std::vector<Digest>> recusals;    // by member
    std::vector<Digest> withdrawals;
};

// PROTOCOL P6 lets the charter choose what becomes of the ballot of a member that leaves meanwhile; that of
// one that is expelled is void anyhow, its keys being removed.
bool left(model::Epoch const& current, OpenProposal const& proposal, std::string const& id) {
    if (proposal.decision->midvote_exit != "void") return false;
    auto const* member = current.member(id);
    return member == nullptr || !member->belongs();
}

std::set<Digest> suspended_keys(port::Evidence const& evidence, Times const& timely) {
    std::set<Digest> keys;
    for (auto const& [id, time] : timely) {
        auto const held = evidence.act(id);
        if (held && held->act.kind == "suspend")
            keys.insert(model::suspension_from_json(*held->act.body).key);
    }
    return keys;
}

void add_revision(Revisions& revisions, Timely act, Ballots& out) {
    auto const revision = act.act.body->at("revision").get<std::int64_t>();
    auto& slot = revisions[revision];
    bool const repeated = std::any_of(slot.begin(), slot.end(),
                                      [&](Timely const& other) { return says_the_same(other.act, act.act); });
    if (repeated) {
        out.excluded.emplace_back(act.id, "repeated");
    } else {
        slot.push_back(std::move(act));
    }
}

void place(Timely act, Sorted& sorted, Ballots& out) {
    auto const& kind = act.act.kind;
    auto const member = act.act.member;
    if (kind == "ballot")
        add_revision(sorted.ballots[member], std::move(act), out);
    else if (kind == "delegate")
        add_revision(sorted.delegations[member], std::move(act), out);
    else if (kind == "recuse")
        sorted.recusals[member].push_back(act.id);
    else if (kind == "withdraw")
        sorted.withdrawals.push_back(act.id);
}

struct Ground {
    model::Epoch const& current;
    OpenProposal const& proposal;
    std::set<Digest> const& suspended;
};

std::string why_not(port::Evidence const& evidence, Ground const& ground, model::Act const& act,
                    base::Instant time) {
    if (removed_for_cause(ground.current, act.key)) return "key removed";
    if (ground.suspended.contains(act.key)) return "suspended";
    if (left(ground.current, ground.proposal, act.member)) return "left";
    return ended(evidence, ground.current, act, time);
}

Sorted read(port::Evidence const& evidence, model::Epoch const& current, OpenProposal const& proposal,
            Times const& timely, Ballots& out) {
    Sorted sorted;
    auto const suspended = suspended_keys(evidence, timely);
    for (auto const& [id, time] : timely) {
        auto held = evidence.act(id);
        if (!held || !is_ballot_kind(held->act.kind)) continue;
        auto const reason = why_not(evidence, {current, proposal, suspended}, held->act, time);
        if (reason.empty()) {
            place({id, std::move(held->act), time}, sorted, out);
        } else {
            out.excluded.emplace_back(id, reason);
        }
    }
    return sorted;
}

bool names_all(model::Act const& act, std::vector<Timely> const& before) {
    return std::all_of(before.begin(), before.end(), [&](Timely const& one) {
        return std::find(act.refs.begin(), act.refs.end(), one.id) != act.refs.end();
    });
}

// PROTOCOL P8: two timely contents in one revision void each other, unless the next revision names both.
bool contradictory(Revisions const& revisions) {
    for (auto const& [revision, acts] : revisions) {
        if (acts.size() < 2) continue;
        auto const next = revisions.find(revision + 1);
        if (next == revisions.end()) return true;
        for (auto const& later : next->second)
            if (!names_all(later.act, acts)) return true;
    }
    return false;
}

/// The last revision, if the member has not contradicted itself; the others are excluded.
Timely const* standing_of(Revisions const& revisions, Ballots& out) {
    bool const voided = contradictory(revisions);
    auto const last = revisions.rbegin()->first;
    Timely const* standing = nullptr;
    for (auto const& [revision, acts] : revisions) {
        for (auto const& act : acts) {
            if (!voided && revision == last) {
                standing = &act;
            } else {
                out.excluded.emplace_back(act.id, voided ? "contradictory" : "superseded");
            }
        }
    }
    return standing;
}

policy::Vote vote_of(Timely const& act) {
    auto const ballot = model::ballot_from_json(*act.act.body);
    return {act.act.member, ballot.choice, act.act.private_part.has_value()};
}

bool is_recused(model::Decision const& decision, std::vector<policy::Recusal> const& recusals,
                std::string const& member) {
    return std::any_of(recusals.begin(), recusals.end(), [&](policy::Recusal const& one) {
        return one.member == member &&
               std::find(decision.recusal.begin(), decision.recusal.end(), one.how) != decision.recusal.end();
    });
}

void count_ballots(Sorted const& sorted, model::Decision const& decision, Ballots& out) {
    for (auto const& [member, revisions] : sorted.ballots) {
        auto const* standing = standing_of(revisions, out);
        if (standing == nullptr) continue;
        if (is_recused(decision, out.context.recusals, member)) {
            out.excluded.emplace_back(standing->id, "recused");
            continue;
        }
        out.counted.push_back(standing->id);
        out.votes.push_back(vote_of(*standing));
        for (auto const& [revision, acts] : revisions)
            for (auto const& act : acts) out.revisions.push_back({vote_of(act), revision, act.time});
    }
}

void count_delegations(Sorted const& sorted, Ballots& out) {
    for (auto const& [member, revisions] : sorted.delegations) {
        auto const* standing = standing_of(revisions, out);
        if (standing == nullptr) continue;
        out.counted.push_back(standing->id);
        auto const to = model::delegation_from_json(*standing->act.body).to;
        if (!to.empty()) out.context.delegations.push_back({member, to, standing->time});
    }
}

/// Who declared it, whom a panel rules out, and the member that the action is about: the decision says which
/// of them matter.
void find_recusals(port::Evidence const& evidence, model::Epoch const& current, OpenProposal const& proposal,
                   Times const& timely, Sorted const& sorted, Ballots& out) {
    auto const target = model::target_of(proposal.body.action);
    if (!target.empty()) out.context.recusals.push_back({target, "target"});
    for (auto const& [member, ids] : sorted.recusals) {
        out.context.recusals.push_back({member, "declared"});
        out.counted.insert(out.counted.end(), ids.begin(), ids.end());
    }
    auto const& provided = proposal.decision->recusal;
    if (std::find(provided.begin(), provided.end(), "ruled") == provided.end()) return;
    std::set<Digest> ids;
    for (auto const& [id, time] : timely) ids.insert(id);
    for (auto& member : ruled_recusals(evidence, current, proposal.id, ids))
        out.context.recusals.push_back({std::move(member), "ruled"});
}

}  // namespace

bool removed_for_cause(model::Epoch const& current, Digest const& key) {
    auto const* registered = current.key(key);
    return registered != nullptr && registered->status == "removed";
}

Ballots sort_out(port::Evidence const& evidence, model::Epoch const& current, OpenProposal const& proposal,
                 Times const& timely) {
    Ballots out;
    auto const sorted = read(evidence, current, proposal, timely, out);
    find_recusals(evidence, current, proposal, timely, sorted, out);
    count_ballots(sorted, *proposal.decision, out);
    count_delegations(sorted, out);
    if (!sorted.withdrawals.empty()) out.withdrawal = sorted.withdrawals.front();
    out.counted.insert(out.counted.end(), sorted.withdrawals.begin(), sorted.withdrawals.end());
    std::sort(out.counted.begin(), out.counted.end());
    std::sort(out.excluded.begin(), out.excluded.end());
    return out;
}

}  // namespace consortium::agreement
