#include "core/agreement/candidate.h"

#include "core/agreement/document.h"
#include "core/agreement/result.h"
#include "core/base/error.h"

#include <algorithm>
#include <deque>

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
    for (auto const& id : parts.own_changes)
        if (is_settled(evidence, current, id)) return "own change " + id.brief() + " was enacted before";
    for (auto const& [id, statements] : parts.decisions)
        if (is_settled(evidence, current, id)) return model::short_name(id) + " was decided before";
    return {};
}

// The document must be what this workspace computes from what the document pins, byte for byte.
std::string check_document(port::Evidence const& evidence, std::shared_ptr<model::Epoch const> const& current,
                           Digest const& document) {
    auto const offered = load_document(evidence, document);
    if (!offered) return "its document is not held";
    if (offered->previous != reference_of(current).hash || offered->number != current->number + 1)
        return "it does not follow the latest final epoch";
    auto const parts = ingredients(*offered);
    if (parts.empty()) return "it decides nothing";
    if (auto reason = check_fresh(evidence, *current, parts); !reason.empty()) return reason;
    for (auto const& [id, statements] : parts.decisions) {
        auto reason = check_statements(evidence, *current, load_proposal(evidence, id), statements);
        if (!reason.empty()) return reason;
    }
    if (base::sha256(model::document(next_epoch(evidence, current, parts))) != document)
        return "its document is not what follows from what it pins";
    return {};
}

std::string answer_for_document(port::Evidence const& evidence,
                                std::shared_ptr<model::Epoch const> const& current, Digest const& document) {
    try {
        return check_document(evidence, current, document);
    } catch (base::Error const& error) {
        return error.message();
    }
}

/// The answer depends on the document and on the epoch that it must follow, by content alone.
std::string remembered_answer(port::Evidence const& evidence,
                              std::shared_ptr<model::Epoch const> const& current, Digest const& document) {
    struct Answer {
        Digest current, document;
        std::string reason;
    };
    constexpr std::size_t most = 32;
    thread_local std::deque<Answer> answers;
    auto const before = reference_of(current).hash;
    for (auto const& answer : answers)
        if (answer.current == before && answer.document == document) return answer.reason;
    answers.push_front({before, document, answer_for_document(evidence, current, document)});
    if (answers.size() > most) answers.pop_back();
    return answers.front().reason;
}

std::string check_carried(port::Evidence const& evidence, model::Candidate const& candidate) {
    auto const must = carried(evidence, candidate);
    if (must.contradictory) return "its skips carry two documents of one attempt: more members lie than f";
    if (must.choice && must.choice->document != candidate.choice.document)
        return "it does not repeat the document that its skips carry";
    return {};
}

std::string outcome_with(port::Evidence const& evidence, model::Epoch const& current,
                         OpenProposal const& proposal, std::vector<Digest> const& statements) {
    return evaluate(evidence, current, proposal, statements).outcome;
}

/// Since when a closed proposal can be decided here; none: its statements are missing.
std::optional<base::Instant> decidable(port::Evidence const& evidence, model::Epoch const& current,
                                       OpenProposal const& proposal,
                                       std::vector<model::StoredAct> const& statements) {
    auto const closed_since = proposal.body.closes + current.charter.grace;
    if (!enough(proposal, statements.size()))
        return void_reason(evidence, current, proposal).empty() ? std::nullopt : std::optional(closed_since);
    std::vector<base::Instant> received;
    received.reserve(statements.size());
    for (auto const& statement : statements) received.push_back(statement.received);
    std::sort(received.begin(), received.end());
    return std::max(closed_since, received[static_cast<std::size_t>(sizes(*proposal.base).q) - 1]);
}

/// The statements that count for this seat beside those that are pinned: of a member, the pinned one stands
/// (PROTOCOL P8).
std::vector<Digest> with_further(port::Evidence const& evidence, std::vector<Digest> pinned,
                                 std::vector<model::StoredAct> const& held) {
    std::set<std::string> members;
    for (auto const& id : pinned)
        if (auto const act = evidence.act(id)) members.insert(act->act.member);
    for (auto const& statement : held)
        if (!members.contains(statement.act.member)) pinned.push_back(statement.id);
    std::sort(pinned.begin(), pinned.end());
    return pinned;
}

}  // namespace

Due due(port::Evidence const& evidence, model::Epoch const& current, std::vector<OpenProposal> const& open,
        Seat const& seat, base::Instant now) {
    Due out;
    for (auto const& proposal : open) {
        if (!closed(proposal, current, now)) continue;
        auto const statements = statements_on(evidence, proposal, current);
        auto const since = decidable(evidence, current, proposal, statements);
        if (!since) continue;
        out.since = out.parts.decisions.empty() ? *since : std::min(out.since, *since);
        out.parts.decisions[proposal.id] = ids_of(statements);
    }
    auto const settled = seat.final_here + current.charter.settle;
    if (out.parts.decisions.empty() && now < settled) return out;
    auto const changes = waiting_changes(evidence, current);
    out.parts.own_changes = ids_of(changes);
    if (!out.parts.decisions.empty() || changes.empty()) return out;
    auto const first =
        std::min_element(changes.begin(), changes.end(),
                         [](auto const& left, auto const& right) { return left.received < right.received; });
    out.since = std::max(settled, first->received);
    return out;
}

Obligation carried(port::Evidence const& evidence, model::Candidate const& candidate) {
    Obligation out;
    for (auto const& id : candidate.skips) {
        auto const held = evidence.act(id);
        if (!held || held->act.kind != "skip") continue;
        auto const one = model::skip_from_json(*held->act.body).carried;
        if (!one || (out.choice && one->attempt < out.choice->attempt)) continue;
        bool const same_attempt = out.choice && one->attempt == out.choice->attempt;
        out.contradictory = same_attempt && (out.contradictory || one->document != out.choice->document);
        out.choice = one;
    }
    return out;
}

std::string hard_check(port::Evidence const& evidence, std::shared_ptr<model::Epoch const> const& current,
                       model::StoredAct const& candidate) {
    auto const body = model::candidate_from_json(*candidate.act.body);
    if (auto reason = check_carried(evidence, body); !reason.empty()) return reason;
    if (!evidence.has_file(body.choice.document)) return "its document is not held";  // it may be later
    return remembered_answer(evidence, current, body.choice.document);
}

std::string soft_check(port::Evidence const& evidence, model::Epoch const& current,
                       model::StoredAct const& candidate, Seat const& seat, base::Instant now) {
    auto const body = model::candidate_from_json(*candidate.act.body);
    if (carried(evidence, body).choice) return {};
    auto const offered = load_document(evidence, body.choice.document);
    if (!offered) return "its document is not held";
    if (offered->results.empty() && now < seat.final_here + current.charter.settle)
        return "the charter's time to settle has not passed here";
    for (auto const& result : offered->results) {
        auto const proposal = load_proposal(evidence, result.proposal);
        if (!closed(proposal, current, now))
            return model::short_name(proposal.id) + " has not closed here, or its grace has not passed";
        auto const all =
            with_further(evidence, result.statements, statements_on(evidence, proposal, current));
        if (all.size() == result.statements.size()) continue;
        // A precondition may have voided it since; statements only bear on what the ballots say.
        auto const pinned = outcome_with(evidence, current, proposal, result.statements);
        if (outcome_with(evidence, current, proposal, all) != pinned)
            return "statements held here would change the outcome of " + model::short_name(proposal.id);
    }
    return {};
}

}  // namespace consortium::agreement
