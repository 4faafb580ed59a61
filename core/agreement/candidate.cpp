#include "core/agreement/candidate.h"

#include "core/agreement/result.h"
#include "core/base/error.h"

#include <algorithm>

namespace consortium::agreement {

namespace {

using base::Digest;

std::vector<Digest> ids_of(std::vector<model::StoredAct> const& acts) {
    std::vector<Digest> out;
    out.reserve(acts.size());
    for (auto const& act : acts) out.push_back(act.id);
    return out;
}

bool closed(OpenProposal const& proposal, model::Epoch const& current, base::Instant now) {
    return now >= proposal.body.closes + current.charter.grace;
}

bool enough(OpenProposal const& proposal, std::size_t statements) {
    return statements >= static_cast<std::size_t>(sizes(*proposal.base).q);
}

// What depends on the candidate alone: the pinned statements are of q distinct voters of the base epoch who
// are still members.
std::string check_statements(port::Evidence const& evidence, model::Epoch const& current,
                             OpenProposal const& proposal, std::vector<Digest> const& statements) {
    std::set<std::string> voters, stated;
    for (auto const* member : proposal.base->voting()) voters.insert(member->id);
    for (auto const& id : statements) {
        auto const held = evidence.act(id);
        if (!held || held->act.kind != "seen" || held->act.refs.front() != proposal.id)
            return "it pins something that is no statement on " + model::short_name(proposal.id);
        auto const* member = current.member(held->act.member);
        if (!voters.contains(held->act.member) || member == nullptr || member->status != "active")
            return "it pins a statement of '" + held->act.member + "', who has none to make";
        if (!stated.insert(held->act.member).second)
            return "it pins two statements of '" + held->act.member + "'";
    }
    if (!std::is_sorted(statements.begin(), statements.end())) return "its statements are not sorted";
    if (!enough(proposal, stated.size()) && void_reason(evidence, current, proposal).empty())
        return "it pins " + std::to_string(stated.size()) + " statements on " +
               model::short_name(proposal.id) + ", " + std::to_string(sizes(*proposal.base).q) +
               " are needed";
    return {};
}

std::string check_fresh(port::Evidence const& evidence, model::Epoch const& current,
                        Ingredients const& parts) {
    auto const past = history(evidence, current);
    for (auto const& id : parts.own_changes)
        if (past.enacted.contains(id)) return "own change " + id.brief() + " was enacted before";
    for (auto const& [id, statements] : parts.decisions)
        if (past.decided.contains(id)) return model::short_name(id) + " was decided before";
    return {};
}

// The document must be what this workspace computes from what the document pins, byte for byte.
std::string check_document(port::Evidence const& evidence, model::Epoch const& current,
                           std::string const& text) {
    auto const offered = model::epoch_from_document(text);
    if (offered.previous != model::reference(current).hash || offered.number != current.number + 1)
        return "it does not follow the latest final epoch";
    auto const parts = ingredients(offered);
    if (parts.empty()) return "it decides nothing";
    if (auto reason = check_fresh(evidence, current, parts); !reason.empty()) return reason;
    for (auto const& [id, statements] : parts.decisions) {
        auto reason = check_statements(evidence, current, load_proposal(evidence, id), statements);
        if (!reason.empty()) return reason;
    }
    if (model::document(next_epoch(evidence, current, parts)) != text)
        return "its document is not what follows from what it pins";
    return {};
}

std::string check_carried(port::Evidence const& evidence, model::Candidate const& candidate) {
    auto const must = carried(evidence, candidate);
    if (must && must->document != candidate.choice.document)
        return "it does not repeat the document that its skips carry";
    return {};
}

model::Epoch offered_epoch(port::Evidence const& evidence, model::StoredAct const& candidate) {
    auto const body = model::candidate_from_json(*candidate.act.body);
    auto const text = evidence.file(body.choice.document);
    if (!text) throw base::Error(base::Code::not_found, "the candidate's document is not held");
    return model::epoch_from_document(*text);
}

std::string outcome_with(port::Evidence const& evidence, model::Epoch const& current,
                         OpenProposal const& proposal, std::vector<Digest> const& statements) {
    return evaluate(evidence, current, proposal, statements).outcome;
}

}  // namespace

Ingredients due(port::Evidence const& evidence, model::Epoch const& current, Seat const& seat,
                base::Instant now) {
    Ingredients out;
    for (auto const& proposal : open_proposals(evidence, current)) {
        if (!closed(proposal, current, now)) continue;
        auto const statements = statements_on(evidence, proposal, current);
        if (enough(proposal, statements.size()) || !void_reason(evidence, current, proposal).empty())
            out.decisions[proposal.id] = ids_of(statements);
    }
    if (!out.decisions.empty() || now >= seat.final_here + current.charter.settle)
        out.own_changes = waiting_changes(evidence, current);
    return out;
}

std::optional<model::Choice> carried(port::Evidence const& evidence, model::Candidate const& candidate) {
    std::optional<model::Choice> highest;
    for (auto const& id : candidate.skips) {
        auto const held = evidence.act(id);
        if (!held || held->act.kind != "skip") continue;
        auto const one = model::skip_from_json(*held->act.body).carried;
        if (one && (!highest || one->attempt > highest->attempt)) highest = one;
    }
    return highest;
}

std::string hard_check(port::Evidence const& evidence, model::Epoch const& current,
                       model::StoredAct const& candidate) {
    try {
        auto const body = model::candidate_from_json(*candidate.act.body);
        if (auto reason = check_carried(evidence, body); !reason.empty()) return reason;
        auto const text = evidence.file(body.choice.document);
        if (!text) return "its document is not held";
        return check_document(evidence, current, *text);
    } catch (base::Error const& error) {
        return error.message();
    }
}

std::string soft_check(port::Evidence const& evidence, model::Epoch const& current,
                       model::StoredAct const& candidate, Seat const& seat, base::Instant now) {
    auto const body = model::candidate_from_json(*candidate.act.body);
    if (carried(evidence, body)) return {};
    auto const offered = offered_epoch(evidence, candidate);
    if (offered.results.empty() && now < seat.final_here + current.charter.settle)
        return "the charter's time to settle has not passed here";
    for (auto const& result : offered.results) {
        auto const proposal = load_proposal(evidence, result.proposal);
        if (!closed(proposal, current, now))
            return model::short_name(proposal.id) + " has not closed here, or its grace has not passed";
        auto const all = ids_of(statements_on(evidence, proposal, current));
        // A precondition may have voided it since; statements only bear on what the ballots say.
        auto const pinned = outcome_with(evidence, current, proposal, result.statements);
        if (outcome_with(evidence, current, proposal, all) != pinned)
            return "statements held here would change the outcome of " + model::short_name(proposal.id);
    }
    return {};
}

}  // namespace consortium::agreement
