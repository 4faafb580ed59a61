#include "core/agreement/candidate.h"

#include "core/agreement/document.h"
#include "core/agreement/follow_up.h"
#include "core/agreement/result.h"
#include "core/base/error.h"

#include <algorithm>
#include <deque>
#include <nlohmann/json.hpp>

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

bool are_early(port::Evidence const& evidence, std::vector<Digest> const& statements) {
    auto const first = statements.empty() ? std::nullopt : evidence.act(statements.front());
    return first && first->act.body->contains("early");
}

// What depends on the candidate alone: the pinned statements are of q distinct voters of the base epoch who
// are still members.
std::string check_statements(port::Evidence const& evidence, model::Epoch const& current,
                             OpenProposal const& proposal, std::vector<Digest> const& statements) {
    std::set<std::string> voters, stated;
    for (auto const* member : proposal.base->voting()) voters.insert(member->id);
    bool const early = are_early(evidence, statements);
    for (auto const& id : statements) {
        auto const held = evidence.act(id);
        if (!held || held->act.kind != "seen" || held->act.refs.front() != proposal.id)
            return "it pins something that is no statement on " + model::short_name(proposal.id);
        auto const body = model::statement_from_json(*held->act.body);
        if (body.stage != proposal.stage || body.early != early)
            return "it pins statements on " + model::short_name(proposal.id) + " of different times";
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
    if (early && !is_settled_by(evidence, current, proposal, statements))
        return "it decides " + model::short_name(proposal.id) +
               " before its close, though ballots may turn it";
    return {};
}

std::string check_fresh(port::Evidence const& evidence, model::Epoch const& current,
                        Ingredients const& parts) {
    for (auto const& id : parts.own_changes)
        if (is_settled(evidence, current, id)) return "own change " + id.brief() + " was enacted before";
    for (auto const& [id, statements] : parts.decisions)
        if (is_settled(evidence, current, id)) return model::short_name(id) + " was decided before";
    if (!std::is_sorted(parts.lapsed.begin(), parts.lapsed.end())) return "its lapses are not sorted";
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
        auto reason = check_statements(evidence, *current, load_proposal(evidence, id, *current), statements);
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
    constexpr std::size_t most = 256;  // four of each leader, over many attempts
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
                                       std::vector<model::StoredAct> const& statements,
                                       base::Instant closed_since) {
    if (!enough(proposal, statements.size()))
        return void_reason(evidence, current, proposal).empty() ? std::nullopt : std::optional(closed_since);
    std::vector<base::Instant> received;
    received.reserve(statements.size());
    for (auto const& statement : statements) received.push_back(statement.received);
    std::sort(received.begin(), received.end());
    return std::max(closed_since, received[static_cast<std::size_t>(sizes(*proposal.base).q) - 1]);
}

/// A withdrawn one may close at any time.
bool early_enough(OpenProposal const& proposal, base::Instant now) {
    auto const& earliest = proposal.decision->earliest;
    return !earliest || now >= proposal.act.time + *earliest;
}

bool may_close_early(port::Evidence const& evidence, model::Epoch const& current,
                     OpenProposal const& proposal, std::vector<model::StoredAct> const& statements,
                     base::Instant now) {
    return enough(proposal, statements.size()) && early_enough(proposal, now) &&
           is_settled_by(evidence, current, proposal, ids_of(statements));
}

base::Instant first_end(model::Epoch const& current) {
    std::optional<base::Instant> first;
    for (auto const& measure : current.measures)
        if (measure.ends && (!first || *measure.ends < *first)) first = measure.ends;
    return first.value_or(base::Instant{});
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

/// Whether the time for this result has come, by one's own clock.
std::string check_time(port::Evidence const& evidence, model::Epoch const& current,
                       model::Result const& result, base::Instant now) {
    auto const name = model::short_name(result.proposal);
    if (result.outcome == "lapsed") {
        auto const ended = ended_measures(current, now);
        bool const over = std::find(ended.begin(), ended.end(), result.proposal) != ended.end();
        return over ? "" : "what " + name + " did has not ended here";
    }
    auto const proposal = load_proposal(evidence, result.proposal, current);
    if (closed(proposal, current, now)) return {};
    if (!are_early(evidence, result.statements))
        return name + " has not closed here, or its grace has not passed";
    return early_enough(proposal, now) ? "" : name + " may not close so early";
}

}  // namespace

Due due(port::Evidence const& evidence, model::Epoch const& current, std::vector<OpenProposal> const& open,
        Seat const& seat, base::Instant now) {
    Due out;
    out.parts.lapsed = ended_measures(current, now);
    if (!out.parts.lapsed.empty()) out.since = first_end(current);
    for (auto const& proposal : open) {
        bool const over = closed(proposal, current, now);
        auto const statements =
            statements_on(evidence, proposal, current, over ? Statements::ordinary : Statements::early);
        if (!over && !may_close_early(evidence, current, proposal, statements, now)) continue;
        auto const since = decidable(evidence, current, proposal, statements,
                                     over ? proposal.body.closes + current.charter.grace : seat.final_here);
        if (!since) continue;
        out.since =
            out.parts.decisions.empty() && out.parts.lapsed.empty() ? *since : std::min(out.since, *since);
        out.parts.decisions[proposal.id] = ids_of(statements);
    }
    auto const settled = seat.final_here + current.charter.settle;
    bool const decides = !out.parts.decisions.empty() || !out.parts.lapsed.empty();
    if (!decides && now < settled) return out;
    auto const changes = waiting_changes(evidence, current);
    out.parts.own_changes = ids_of(changes);
    if (decides || changes.empty()) return out;
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
    for (auto const& result : offered->results)
        if (auto reason = check_time(evidence, current, result, now); !reason.empty()) return reason;
    if (offered->results.empty() && now < seat.final_here + current.charter.settle)
        return "the charter's time to settle has not passed here";
    for (auto const& result : offered->results) {
        if (result.outcome == "lapsed" || are_early(evidence, result.statements)) continue;
        auto const proposal = load_proposal(evidence, result.proposal, current);
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
