#include "core/agreement/next_epoch.h"

#include "core/agreement/document.h"
#include "core/agreement/effect.h"
#include "core/agreement/follow_up.h"
#include "core/agreement/result.h"
#include "core/base/error.h"
#include "core/base/text.h"

#include <algorithm>
#include <array>
#include <tuple>

namespace consortium::agreement {

namespace {

using base::Digest;

constexpr std::array<std::string_view, 3> own_kinds{"own", "ready", "suspend"};

/// Of one member in one epoch; what exceeds it is for the next.
constexpr std::size_t most_changes = 200;

std::size_t rank(std::string_view kind) {
    return static_cast<std::size_t>(std::find(own_kinds.begin(), own_kinds.end(), kind) - own_kinds.begin());
}

/// What one member did to itself: its own changes by what they follow, then `ready` and suspensions.
struct Changes {
    std::map<Digest, std::vector<model::StoredAct>> own;  // by predecessor, sorted by id
    std::vector<model::StoredAct> others;                 // sorted by kind, then id
};

Digest predecessor(model::Act const& own) {
    return own.refs.empty() ? Digest{} : own.refs.front();
}

std::map<std::string, Changes> by_member(std::vector<model::StoredAct> acts) {
    std::sort(acts.begin(), acts.end(), [](auto const& left, auto const& right) {
        return std::tuple(rank(left.act.kind), left.id) < std::tuple(rank(right.act.kind), right.id);
    });
    std::map<std::string, Changes> out;
    for (auto& act : acts) {
        auto& changes = out[act.act.member];
        auto& list = act.act.kind == "own" ? changes.own[predecessor(act.act)] : changes.others;
        list.push_back(std::move(act));
    }
    return out;
}

/// Whether the member's chain of enacted own changes ends with this one (zero: there is none yet).
bool is_tip(port::Evidence const& evidence, model::Epoch const& current, std::string const& member,
            Digest const& id) {
    if (id != Digest{} && !is_settled(evidence, current, id)) return false;
    auto const next = evidence.acts({.kind = "own", .subject = id, .epoch = {}, .member = member});
    return std::none_of(next.begin(), next.end(),
                        [&](model::StoredAct const& act) { return is_settled(evidence, current, act.id); });
}

/// Enacts a member's changes in their order: own changes along the chain from the last enacted one, then
/// `ready`, then suspensions. What cannot be enacted is passed over, with what follows it. Returns what was
/// enacted.
std::vector<model::StoredAct> enact_member(port::Evidence const& evidence, model::Epoch const& current,
                                           std::string const& member, Changes const& changes,
                                           model::Epoch& next) {
    std::vector<model::StoredAct> done;
    auto const enact_first = [&](std::vector<model::StoredAct> const& siblings) {
        for (auto const& act : siblings) {
            if (!enact_own(next, current, act.act).empty()) continue;
            done.push_back(act);
            return true;
        }
        return false;
    };
    auto link = std::find_if(changes.own.begin(), changes.own.end(), [&](auto const& siblings) {
        return is_tip(evidence, current, member, siblings.first);
    });
    while (link != changes.own.end() && done.size() < most_changes && enact_first(link->second))
        link = changes.own.find(done.back().id);
    for (auto const& act : changes.others)
        if (done.size() < most_changes && enact_own(next, current, act.act).empty()) done.push_back(act);
    return done;
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

std::vector<model::StoredAct> enact_all(port::Evidence const& evidence, model::Epoch const& current,
                                        std::vector<model::StoredAct> acts, model::Epoch& next) {
    std::vector<model::StoredAct> done;
    for (auto const& [member, changes] : by_member(std::move(acts))) {
        auto enacted = enact_member(evidence, current, member, changes, next);
        std::move(enacted.begin(), enacted.end(), std::back_inserter(done));
    }
    std::sort(done.begin(), done.end(),
              [](auto const& left, auto const& right) { return left.id < right.id; });
    return done;
}

void enact_changes(port::Evidence const& evidence, model::Epoch const& current,
                   std::vector<Digest> const& ids, model::Epoch& next) {
    if (enact_all(evidence, current, load(evidence, ids), next).size() != ids.size())
        throw base::Error(base::Code::refused,
                          "an own change does not follow its member's last one, or cannot be enacted");
    next.own_changes = ids;
}

/// What an epoch has room for, and can be read again.
std::string clipped(std::string words) {
    constexpr std::size_t most = 400;
    if (words.size() <= most) return words;
    words.resize(most);
    while (!base::is_utf8(words)) words.pop_back();
    return words + " …";
}

void enact_result(port::Evidence const& evidence, model::Epoch& next, OpenProposal const& proposal,
                  Evaluation& evaluation) {
    auto& result = evaluation.result;
    if (result.outcome != "passed") return;
    auto decided = proposal.body;
    decided.closes = evaluation.ended;  // what begins with the decision begins when it was taken
    auto reason = failed_precondition(next, decided);
    if (reason.empty()) reason = enact(evidence, next, decided);
    if (reason.empty()) return;
    result.outcome = "void";
    result.reason = clipped(std::move(reason));
}

bool closes_earlier(OpenProposal const& left, OpenProposal const& right) {
    return std::tie(left.body.closes, left.id) < std::tie(right.body.closes, right.id);
}

std::vector<OpenProposal> proposals_in(port::Evidence const& evidence, model::Epoch const& current,
                                       Ingredients const& ingredients) {
    std::vector<OpenProposal> out;
    out.reserve(ingredients.decisions.size());
    for (auto const& [id, statements] : ingredients.decisions)
        out.push_back(load_proposal(evidence, id, current));
    std::sort(out.begin(), out.end(), closes_earlier);
    return out;
}

}  // namespace

Ingredients ingredients(model::Epoch const& epoch) {
    Ingredients out;
    out.own_changes = epoch.own_changes;
    for (auto const& result : epoch.results) {
        if (result.outcome == "lapsed") {
            out.lapsed.push_back(result.proposal);
        } else {
            out.decisions[result.proposal] = result.statements;
        }
    }
    return out;
}

model::Epoch next_epoch(port::Evidence const& evidence, std::shared_ptr<model::Epoch const> const& latest,
                        Ingredients const& ingredients) {
    auto const& current = *latest;
    auto next = current;
    next.number = current.number + 1;
    next.previous = reference_of(latest).hash;
    next.results.clear();
    enact_changes(evidence, current, ingredients.own_changes, next);
    for (auto const& id : ingredients.lapsed) next.results.push_back(lapse(next, id));
    auto const proposals = proposals_in(evidence, current, ingredients);
    std::optional<base::Instant> last_end;
    for (auto const& proposal : proposals) {
        auto evaluated = evaluation(evidence, current, proposal, ingredients.decisions.at(proposal.id));
        auto const releases = next.releases;
        enact_result(evidence, next, proposal, evaluated);
        follow_up(next, releases, proposal, evaluated);
        if (!last_end || evaluated.ended > *last_end) last_end = evaluated.ended;
        next.results.push_back(std::move(evaluated.result));
    }
    if (last_end) prune(next, *last_end);
    std::sort(next.results.begin(), next.results.end(),
              [](auto const& left, auto const& right) { return left.proposal < right.proposal; });
    return next;
}

std::vector<model::StoredAct> waiting_changes(port::Evidence const& evidence, model::Epoch const& current) {
    std::vector<model::StoredAct> waiting;
    for (auto kind : own_kinds) {
        auto more = evidence.waiting(std::string(kind));
        std::move(more.begin(), more.end(), std::back_inserter(waiting));
    }
    if (waiting.empty()) return waiting;
    auto trial = current;
    trial.number = current.number + 1;
    return enact_all(evidence, current, std::move(waiting), trial);
}

bool is_settled(port::Evidence const& evidence, model::Epoch const& current, Digest const& id) {
    auto const number = evidence.settled(id);
    return number && *number <= current.number;
}

std::vector<OpenProposal> open_proposals(port::Evidence const& evidence) {
    std::vector<OpenProposal> out;
    for (auto& act : evidence.waiting("proposal")) out.push_back(load_proposal(evidence, std::move(act)));
    std::sort(out.begin(), out.end(), closes_earlier);
    return out;
}

}  // namespace consortium::agreement
