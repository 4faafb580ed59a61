#include "core/agreement/follow_up.h"

#include "core/base/error.h"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace consortium::agreement {

namespace {

using base::Digest;
using base::Json;
using base::JsonValue;
using model::Epoch;

template <typename T, typename Id>
void put(std::vector<T>& list, T item, Id T::*id) {
    auto const at = std::lower_bound(list.begin(), list.end(), item,
                                     [&](T const& left, T const& right) { return left.*id < right.*id; });
    if (at != list.end() && (*at).*id == item.*id) {
        *at = std::move(item);
    } else {
        list.insert(at, std::move(item));
    }
}

std::string network_of(model::Action const& action) {
    return action.detail->contains("network") ? action.detail->at("network").get<std::string>() : "";
}

JsonValue release_of(Json const& releases, std::string const& network) {
    return releases.is_object() && releases.contains(network) ? JsonValue(releases.at(network)) : JsonValue();
}

void set_release(Epoch& epoch, std::string const& network, Json const& release) {
    auto releases = epoch.releases->is_object() ? *epoch.releases : Json::object();
    if (release.is_null()) {
        releases.erase(network);
    } else {
        releases[network] = release;
    }
    epoch.releases = releases.empty() ? JsonValue() : JsonValue(std::move(releases));
}

bool is_over(model::Measure const& measure, std::string_view kind, std::string const& network) {
    return measure.action == kind && measure.network == network;
}

/// How the charter knows two emergencies over the same thing.
std::string emergency_subject(model::Action const& action) {
    return action.kind + "/" + network_of(action);
}

std::optional<base::Instant> closed_last(Epoch const& epoch, std::string_view subject) {
    for (auto const& cooling : epoch.cooling)
        if (cooling.subject == subject) return cooling.closed;
    return std::nullopt;
}

/// Another upgrade of a network replaces what an emergency put there, also as what is put back afterwards.
JsonValue release_before(Epoch& next, JsonValue const& releases, std::string const& network) {
    auto before = release_of(*releases, network);
    std::erase_if(next.measures, [&](model::Measure const& one) {
        if (!is_over(one, "release.upgrade", network)) return false;
        before = one.before;
        return true;
    });
    return before;
}

/// A pause stands on any track; whatever else an emergency does ends with it.
void note_measure(Epoch& next, JsonValue const& releases, OpenProposal const& proposal, base::Instant ended) {
    auto const& action = proposal.body.action;
    // Members trust a new root for good: a root that was compromised must not come back by itself.
    if (action.kind.starts_with("root.")) return;
    bool const emergency = proposal.body.track == "emergency";
    model::Measure measure{proposal.id, action.kind, network_of(action), model::digest(action), {}, {}};
    if (action.kind == "release.upgrade") measure.before = release_before(next, releases, measure.network);
    // The ordinary vote ratifies what an emergency did.
    if (!emergency)
        std::erase_if(next.measures, [&](model::Measure const& one) { return one.digest == measure.digest; });
    if (action.kind == "network.resume")
        std::erase_if(next.measures, [&](model::Measure const& one) {
            return is_over(one, "network.pause", measure.network);
        });
    if (emergency) measure.ends = ended + proposal.decision->emergency->max_life;
    if (emergency || action.kind == "network.pause")
        put(next.measures, std::move(measure), &model::Measure::proposal);
}

/// Who withdraws what it is about to lose has lost it.
void note_cooling(Epoch& next, OpenProposal const& proposal, Evaluation const& evaluation) {
    auto const& outcome = evaluation.result.outcome;
    auto const ended = evaluation.ended;
    auto const cool = [&](std::string subject, base::Duration wait) {
        if (wait.seconds > 0)
            put(next.cooling, model::Cooling{std::move(subject), ended, ended + wait},
                &model::Cooling::subject);
    };
    if (outcome == "failed" || outcome == "withdrawn")
        cool(model::digest(proposal.body.action).hex(), proposal.decision->cooldown);
    if (proposal.body.track == "emergency")
        cool(emergency_subject(proposal.body.action), proposal.decision->emergency->cooldown);
}

}  // namespace

void follow_up(Epoch& next, JsonValue const& releases, OpenProposal const& proposal,
               Evaluation const& evaluation) {
    auto const& outcome = evaluation.result.outcome;
    std::erase_if(next.continuing, [&](auto const& one) { return one.proposal == proposal.id; });
    if (evaluation.closes && outcome == "continues") {
        put(next.continuing, model::Continuation{proposal.id, proposal.stage + 1, *evaluation.closes},
            &model::Continuation::proposal);
        return;
    }
    if (outcome == "passed") note_measure(next, releases, proposal, evaluation.ended);
    note_cooling(next, proposal, evaluation);
}

std::string in_words(model::Measure const& measure) {
    auto const until = measure.ends ? " until " + measure.ends->text() + ", unless ratified" : std::string();
    auto const name = model::short_name(measure.proposal);
    if (measure.action == "network.pause")
        return "changes to network '" + measure.network + "' are paused by " + name + until;
    return "the release of network '" + measure.network + "' is the emergency's of " + name + until;
}

policy::Opening opening_of(Epoch const& epoch, std::string const& member, model::Proposal const& body,
                           base::Instant opened) {
    policy::Opening opening;
    opening.tier = epoch.member(member)->tier;
    opening.action = body.action.kind;
    opening.track = policy::track_from(body.track);
    opening.opened = opened;
    opening.closes = body.closes;
    opening.failed = closed_last(epoch, model::digest(body.action).hex());
    opening.emergency = closed_last(epoch, emergency_subject(body.action));
    return opening;
}

std::vector<Digest> ended_measures(Epoch const& current, base::Instant now) {
    std::vector<Digest> out;
    for (auto const& measure : current.measures)
        if (measure.ends && *measure.ends <= now) out.push_back(measure.proposal);
    return out;
}

model::Result lapse(Epoch& next, Digest const& measure) {
    auto const at = std::find_if(next.measures.begin(), next.measures.end(),
                                 [&](model::Measure const& one) { return one.proposal == measure; });
    if (at == next.measures.end() || !at->ends)
        throw base::Error(base::Code::refused, model::short_name(measure) + " is no measure that can lapse");
    model::Result result;
    result.proposal = measure;
    result.action = at->action;
    result.detail = JsonValue(Json{{"network", at->network}});
    result.outcome = "lapsed";
    result.reason = "it was in force until " + at->ends->text() + " and not ratified before";
    if (at->action == "release.upgrade") set_release(next, at->network, *at->before);
    next.measures.erase(at);
    return result;
}

void prune(Epoch& next, base::Instant last_end) {
    std::erase_if(next.cooling, [&](model::Cooling const& one) { return one.until <= last_end; });
}

model::Measure const* pause_of(Epoch const& epoch, std::string_view network) {
    for (auto const& measure : epoch.measures)
        if (measure.action == "network.pause" && measure.network == network) return &measure;
    return nullptr;
}

}  // namespace consortium::agreement
