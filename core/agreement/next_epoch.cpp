#include "core/agreement/next_epoch.h"

#include "core/agreement/effect.h"
#include "core/agreement/result.h"
#include "core/base/error.h"

#include <algorithm>
#include <array>
#include <tuple>

namespace consortium::agreement {

namespace {

using base::Digest;

constexpr std::array<std::string_view, 3> own_kinds{"own", "ready", "suspend"};

std::size_t rank(std::string_view kind) {
    return static_cast<std::size_t>(std::find(own_kinds.begin(), own_kinds.end(), kind) - own_kinds.begin());
}

/// The acts in the order in which they take effect: by member; own changes from `last` along the chain, then
/// ready, then suspensions by id. What hangs on nothing here is left out.
std::vector<model::StoredAct> in_chain_order(std::vector<model::StoredAct> acts,
                                             std::map<std::string, Digest> const& last) {
    std::sort(acts.begin(), acts.end(), [](auto const& left, auto const& right) {
        return std::tuple(left.act.member, rank(left.act.kind), left.id) <
               std::tuple(right.act.member, rank(right.act.kind), right.id);
    });
    std::vector<model::StoredAct> out;
    std::map<std::string, Digest> tip = last;
    for (auto const& act : acts) {
        if (act.act.kind != "own") continue;
        // Each pass adds the next link of this member's chain, if there is one.
        for (auto const& link : acts) {
            auto const parent = link.act.refs.empty() ? Digest{} : link.act.refs.front();
            if (link.act.kind != "own" || link.act.member != act.act.member || parent != tip[act.act.member])
                continue;
            out.push_back(link);
            tip[act.act.member] = link.id;
            break;
        }
    }
    std::copy_if(acts.begin(), acts.end(), std::back_inserter(out),
                 [](model::StoredAct const& act) { return act.act.kind != "own"; });
    std::stable_sort(out.begin(), out.end(),
                     [](auto const& left, auto const& right) { return left.act.member < right.act.member; });
    return out;
}

/// The last enacted own change of each member.
std::map<std::string, Digest> chain_tips(port::Evidence const& evidence, model::Epoch const& current) {
    std::map<std::string, Digest> tips;
    for (std::uint64_t number = 1; number <= current.number; ++number) {
        auto const epoch = evidence.epoch(number);
        if (!epoch) continue;
        std::vector<model::StoredAct> acts;
        for (auto const& id : epoch->own_changes)
            if (auto act = evidence.act(id)) acts.push_back(std::move(*act));
        for (auto const& act : in_chain_order(std::move(acts), tips))
            if (act.act.kind == "own") tips[act.act.member] = act.id;
    }
    return tips;
}

std::vector<model::StoredAct> load(port::Evidence const& evidence, std::vector<Digest> const& ids) {
    std::vector<model::StoredAct> acts;
    for (auto const& id : ids) {
        auto act = evidence.act(id);
        if (!act || rank(act->act.kind) == own_kinds.size())
            throw base::Error(base::Code::refused, "own change " + id.brief() + " is not held, or is none");
        acts.push_back(std::move(*act));
    }
    return acts;
}

void enact_changes(port::Evidence const& evidence, model::Epoch const& current,
                   std::vector<Digest> const& ids, model::Epoch& next) {
    auto const acts = in_chain_order(load(evidence, ids), chain_tips(evidence, current));
    if (acts.size() != ids.size())
        throw base::Error(base::Code::refused, "an own change does not follow its member's last one");
    for (auto const& act : acts) {
        auto const reason = enact_own(next, act.act);
        if (!reason.empty())
            throw base::Error(base::Code::refused, "own change " + act.id.brief() + ": " + reason);
    }
    next.own_changes = ids;
}

void enact_result(port::Evidence const& evidence, model::Epoch& next, OpenProposal const& proposal,
                  model::Result& result) {
    if (result.outcome != "passed") return;
    result.reason = failed_precondition(next, proposal.body);
    if (result.reason.empty()) result.reason = enact(evidence, next, proposal.body);
    if (!result.reason.empty()) result.outcome = "void";
}

bool closes_earlier(OpenProposal const& left, OpenProposal const& right) {
    return std::tie(left.body.closes, left.id) < std::tie(right.body.closes, right.id);
}

}  // namespace

Ingredients ingredients(model::Epoch const& epoch) {
    Ingredients out;
    out.own_changes = epoch.own_changes;
    for (auto const& result : epoch.results) out.decisions[result.proposal] = result.statements;
    return out;
}

model::Epoch next_epoch(port::Evidence const& evidence, model::Epoch const& current,
                        Ingredients const& ingredients) {
    auto next = current;
    next.number = current.number + 1;
    next.previous = model::reference(current).hash;
    next.results.clear();
    enact_changes(evidence, current, ingredients.own_changes, next);
    std::vector<OpenProposal> proposals;
    proposals.reserve(ingredients.decisions.size());
    for (auto const& [id, statements] : ingredients.decisions)
        proposals.push_back(load_proposal(evidence, id));
    std::sort(proposals.begin(), proposals.end(), closes_earlier);
    for (auto const& proposal : proposals) {
        auto result = evaluate(evidence, current, proposal, ingredients.decisions.at(proposal.id));
        enact_result(evidence, next, proposal, result);
        next.results.push_back(std::move(result));
    }
    std::sort(next.results.begin(), next.results.end(),
              [](auto const& left, auto const& right) { return left.proposal < right.proposal; });
    return next;
}

std::vector<Digest> waiting_changes(port::Evidence const& evidence, model::Epoch const& current) {
    auto const enacted = history(evidence, current).enacted;
    auto tips = chain_tips(evidence, current);
    std::vector<model::StoredAct> waiting;
    for (auto kind : own_kinds)
        for (auto& act : evidence.acts({.kind = std::string(kind)}))
            if (!enacted.contains(act.id)) waiting.push_back(std::move(act));
    auto trial = current;
    trial.number = current.number + 1;
    std::vector<Digest> out;
    // An act that cannot be enacted is left out, and its siblings and the rest of its chain tried without it.
    for (bool again = true; again;) {
        again = false;
        for (auto const& act : in_chain_order(waiting, tips)) {
            bool const fits = enact_own(trial, act.act).empty();
            if (fits) out.push_back(act.id);
            if (fits && act.act.kind == "own") tips[act.act.member] = act.id;
            std::erase_if(waiting, [&](auto const& other) { return other.id == act.id; });
            again = true;
            break;
        }
    }
    std::sort(out.begin(), out.end());
    return out;
}

History history(port::Evidence const& evidence, model::Epoch const& current) {
    History out;
    for (std::uint64_t number = 1; number <= current.number; ++number) {
        auto const epoch = evidence.epoch(number);
        if (!epoch) continue;
        out.enacted.insert(epoch->own_changes.begin(), epoch->own_changes.end());
        for (auto const& result : epoch->results) out.decided.insert(result.proposal);
    }
    return out;
}

std::vector<OpenProposal> open_proposals(port::Evidence const& evidence, model::Epoch const& current) {
    auto const decided = history(evidence, current).decided;
    std::vector<OpenProposal> out;
    for (auto const& act : evidence.acts({.kind = "proposal"}))
        if (!decided.contains(act.id)) out.push_back(load_proposal(evidence, act.id));
    std::sort(out.begin(), out.end(), closes_earlier);
    return out;
}

}  // namespace consortium::agreement
