#include "core/agreement/statement.h"

#include "core/agreement/dispute.h"
#include "core/base/error.h"
#include "core/model/ballot.h"

#include <algorithm>
#include <deque>
#include <nlohmann/json.hpp>

namespace consortium::agreement {

using base::Digest;

namespace {

/// Proposals are read at each step: the last few bodies that were read are remembered, by the id of their
/// act.
model::Proposal remembered_body(Digest const& id, model::Act const& act) {
    constexpr std::size_t most = 16;
    thread_local std::deque<std::pair<Digest, model::Proposal>> last;
    for (auto const& [known, body] : last)
        if (known == id) return body;
    last.emplace_front(id, model::proposal_from_json(*act.body));
    if (last.size() > most) last.pop_back();
    return last.front().second;
}

OpenProposal as_opened(port::Evidence const& evidence, model::StoredAct stored) {
    auto const id = stored.id;
    OpenProposal out;
    out.id = id;
    out.act = std::move(stored.act);
    out.body = remembered_body(id, out.act);
    out.base = evidence.epoch(out.act.epoch.number);
    if (!out.base)
        throw base::Error(base::Code::not_found, "epoch " + std::to_string(out.act.epoch.number) +
                                                     ", on which " + model::short_name(id) +
                                                     " is based, is not held here");
    out.decision = out.base->charter.decision_for(out.body.action.kind);
    if (out.decision == nullptr)
        throw base::Error(base::Code::refused, "no decision of the charter covers the action '" +
                                                   out.body.action.kind + "' of " + model::short_name(id));
    return out;
}

void go_on(OpenProposal& proposal, model::Continuation const& continuation) {
    auto& body = proposal.body;
    body.lapses = body.lapses + base::Duration{continuation.closes.seconds - body.closes.seconds};
    body.closes = continuation.closes;
    body.track = "ordinary";
    body.timelock.seconds = std::max(body.timelock.seconds, proposal.decision->timelock.seconds);
    body.lapses.seconds = std::max(body.lapses.seconds, body.closes.seconds + body.timelock.seconds);
    proposal.stage = continuation.stage;
}

OpenProposal as_in(OpenProposal proposal, model::Epoch const& current) {
    if (auto const* one = current.continuation(proposal.id)) go_on(proposal, *one);
    return proposal;
}

model::StoredAct held_proposal(port::Evidence const& evidence, Digest const& id) {
    auto stored = evidence.act(id);
    if (!stored || stored->act.kind != "proposal")
        throw base::Error(base::Code::not_found,
                          "no proposal " + model::short_name(id, 12) + " is held here");
    return *std::move(stored);
}

}  // namespace

OpenProposal load_proposal(port::Evidence const& evidence, Digest const& id) {
    return load_proposal(evidence, held_proposal(evidence, id));
}

OpenProposal load_proposal(port::Evidence const& evidence, Digest const& id, model::Epoch const& current) {
    return as_in(as_opened(evidence, held_proposal(evidence, id)), current);
}

OpenProposal load_proposal(port::Evidence const& evidence, model::StoredAct stored) {
    auto const latest = evidence.latest();
    auto proposal = as_opened(evidence, std::move(stored));
    return latest ? as_in(std::move(proposal), *latest) : proposal;
}

base::Instant ordinary_close(OpenProposal const& proposal) {
    auto const& decision = *proposal.decision;
    auto const longer =
        decision.notice.seconds + decision.window.seconds - decision.expedited->window.seconds;
    return proposal.body.closes + base::Duration{std::max<std::int64_t>(longer, 0)};
}

std::optional<base::Instant> known_since(port::Evidence const& evidence,
                                         std::vector<Digest> const& statements, int f) {
    std::vector<base::Instant> times;
    for (auto const& id : statements) {
        auto const statement = evidence.act(id);
        if (!statement) continue;
        auto const body = model::statement_from_json(*statement->act.body);
        if (body.known) times.push_back(*body.known);
    }
    std::sort(times.begin(), times.end());
    auto const at = static_cast<std::size_t>(f);
    return at < times.size() ? std::optional(times[at]) : std::nullopt;
}

std::vector<model::Listing> listings(port::Evidence const& evidence, model::Act const& statement) {
    auto body = model::statement_from_json(*statement.body);
    if (!body.file) return std::move(body.listed);
    auto const text = evidence.file(*body.file);
    if (!text)
        throw base::Error(base::Code::not_found,
                          "the file of a statement of '" + statement.member + "' is not held here", "",
                          {{"file", body.file->hex()}});
    return model::listing_from_text(*text);
}

namespace {

/// Of officers who could sign ballots in an epoch: whatever epoch a suspension of one names, it matters.
std::set<Digest> active_keys(model::Epoch const& epoch) {
    std::set<Digest> out;
    for (auto const& officer : epoch.officers)
        if (officer.status == "active") out.insert(officer.key);
    return out;
}

}  // namespace

bool is_ballot_kind(std::string_view kind) {
    return std::find(ballot_kinds.begin(), ballot_kinds.end(), kind) != ballot_kinds.end();
}

std::vector<model::Listing> seen_before_close(port::Evidence const& evidence, OpenProposal const& proposal) {
    std::vector<model::Listing> out;
    auto const take = [&](model::StoredAct const& held) {
        if (held.received < proposal.body.closes) out.push_back({held.id, held.received});
    };
    for (auto const kind : ballot_kinds)
        for (auto const& held : evidence.acts({.kind = std::string(kind), .subject = proposal.id}))
            take(held);
    auto const& recusal = proposal.decision->recusal;
    if (std::find(recusal.begin(), recusal.end(), "ruled") != recusal.end())
        for (auto const& held : recusing_rulings(evidence, proposal.id)) take(held);
    auto const keys = active_keys(*proposal.base);
    for (auto const& held : evidence.acts({.kind = "suspend"}))
        if (keys.contains(model::suspension_from_json(*held.act.body).key)) take(held);
    std::sort(out.begin(), out.end(), [](auto const& left, auto const& right) { return left.id < right.id; });
    return out;
}

std::vector<model::StoredAct> statements_on(port::Evidence const& evidence, OpenProposal const& proposal,
                                            model::Epoch const& current, Statements which) {
    std::set<std::string> voters, stated;
    for (auto const* member : proposal.base->voting()) voters.insert(member->id);
    std::vector<model::StoredAct> out;
    for (auto& held : evidence.acts({.kind = "seen", .subject = proposal.id})) {
        auto const& body = *held.act.body;  // its rule has checked it
        bool const early = body.contains("early");
        if (body.value("stage", std::int64_t{0}) != proposal.stage || early != (which == Statements::early))
            continue;
        auto const* member = current.member(held.act.member);
        if (!voters.contains(held.act.member) || member == nullptr || member->status != "active") continue;
        if (stated.insert(held.act.member).second) out.push_back(std::move(held));
    }
    std::sort(out.begin(), out.end(), [](auto const& left, auto const& right) { return left.id < right.id; });
    return out;
}

std::map<Digest, std::optional<base::Instant>> timeliness(port::Evidence const& evidence,
                                                          std::vector<Digest> const& statements, int f) {
    std::map<Digest, std::vector<base::Instant>> receipts;
    for (auto const& id : statements) {
        auto const statement = evidence.act(id);
        if (!statement) continue;
        for (auto const& listing : listings(evidence, statement->act))
            receipts[listing.id].push_back(listing.received);
    }
    auto const needed = static_cast<std::size_t>(f) + 1;
    std::map<Digest, std::optional<base::Instant>> out;
    for (auto& [id, times] : receipts) {
        std::sort(times.begin(), times.end());
        out[id] = times.size() < needed ? std::nullopt : std::optional(times[needed - 1]);
    }
    return out;
}

}  // namespace consortium::agreement
