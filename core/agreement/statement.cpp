#include "core/agreement/statement.h"

#include "core/base/error.h"

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

}  // namespace

OpenProposal load_proposal(port::Evidence const& evidence, Digest const& id) {
    auto stored = evidence.act(id);
    if (!stored || stored->act.kind != "proposal")
        throw base::Error(base::Code::not_found,
                          "no proposal " + model::short_name(id, 12) + " is held here");
    return load_proposal(evidence, *std::move(stored));
}

OpenProposal load_proposal(port::Evidence const& evidence, model::StoredAct stored) {
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

std::vector<model::Listing> seen_before_close(port::Evidence const& evidence, OpenProposal const& proposal) {
    std::vector<model::Listing> out;
    auto const take = [&](model::StoredAct const& held) {
        if (held.received < proposal.body.closes) out.push_back({held.id, held.received});
    };
    for (auto const& held : evidence.acts({.kind = "ballot", .subject = proposal.id})) take(held);
    for (auto const& held : evidence.acts({.kind = "suspend"}))
        if (held.act.epoch.number >= proposal.base->number) take(held);
    std::sort(out.begin(), out.end(), [](auto const& left, auto const& right) { return left.id < right.id; });
    return out;
}

std::vector<model::StoredAct> statements_on(port::Evidence const& evidence, OpenProposal const& proposal,
                                            model::Epoch const& current) {
    std::set<std::string> voters, stated;
    for (auto const* member : proposal.base->voting()) voters.insert(member->id);
    std::vector<model::StoredAct> out;
    for (auto& held : evidence.acts({.kind = "seen", .subject = proposal.id})) {
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
