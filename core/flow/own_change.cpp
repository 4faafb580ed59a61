#include "core/flow/own_change.h"

#include "core/agreement/effect.h"
#include "core/agreement/next_epoch.h"
#include "core/base/error.h"
#include "core/base/file.h"
#include "core/flow/recover.h"
#include "core/flow/steps.h"
#include "core/model/public_key.h"
#include "core/policy/permission.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

namespace consortium::flow {

namespace {

constexpr std::size_t max_key_file = 65'536;

/// The last own change that will be enacted, else the last that was: what cannot be enacted blocks what
/// follows it.
std::vector<base::Digest> end_of_chain(State const& state) {
    std::vector<base::Digest> end;
    for (auto const& act : waiting_own(state))
        if (act.act.kind == "own") end = {act.id};
    if (!end.empty()) return end;
    auto held = state.store.acts({.kind = "own", .subject = {}, .epoch = {}, .member = state.self.member});
    std::erase_if(held, [&](model::StoredAct const& act) { return !state.store.settled(act.id); });
    std::set<base::Digest> followed;
    for (auto const& act : held)
        if (!act.act.refs.empty()) followed.insert(act.act.refs.front());
    for (auto const& act : held)
        if (!followed.contains(act.id)) end = {act.id};
    return end;
}

/// The first that follows none of the others: `own` along its chain, then the rest.
std::vector<model::StoredAct>::iterator first_of(std::vector<model::StoredAct>& waiting) {
    auto const follows = [&](model::StoredAct const& act) {
        return std::any_of(waiting.begin(), waiting.end(), [&](model::StoredAct const& other) {
            bool const before = !act.act.refs.empty() && act.act.refs.front() == other.id;
            return before || (act.act.kind != "own" && other.act.kind == "own");
        });
    };
    auto const first = std::find_if_not(waiting.begin(), waiting.end(), follows);
    return first == waiting.end() ? waiting.begin() : first;
}

/// Why the next epoch would pass the change over; empty: it would not.
std::string objection(State const& state, model::Draft const& draft) {
    auto next = with_own_changes(state);
    model::Act act;
    act.kind = draft.kind;
    act.member = state.self.member;
    act.officer = state.self.officer;
    act.key = state.joined().officer(state.self.officer)->key;
    act.time = state.now;
    act.refs = draft.refs;
    act.body = draft.body;
    return agreement::enact_own(next, state.joined(), act);
}

/// The log key names the journal: the new one is that of the origin which the journal has begun.
void take_new_log(State const& state, std::string const& file, model::OwnChange& change) {
    auto const begun = begun_origin(state);
    if (!begun || !file.empty())
        throw base::Error(base::Code::unsupported,
                          "the log key names the journal and is not replaced while it goes on",
                          begun ? "leave out --with: the new key is the one of the new origin"
                                : "where it was stolen, begin a new origin with 'consortium audit recover "
                                  "--cause compromise', then run this without --with");
    change.key = read_new_key(begun->key_file);
    if (begun->cause == "compromise") change.cause = begun->cause;
}

}  // namespace

model::NewKey read_new_key(std::string const& file) {
    auto const key = model::read_public_key(base::read_text(file, max_key_file));
    return {key.algorithm, key.bytes};
}

model::Draft own_change_draft(State const& state, model::OwnChange const& change) {
    model::Draft draft;
    draft.kind = "own";
    draft.refs = end_of_chain(state);
    draft.body = base::JsonValue(model::to_json(change));
    return draft;
}

std::vector<model::StoredAct> waiting_own(State const& state) {
    auto waiting = agreement::waiting_changes(state.store, state.joined());
    std::erase_if(waiting, [&](model::StoredAct const& act) { return act.act.member != state.self.member; });
    std::vector<model::StoredAct> ordered;
    while (!waiting.empty()) {
        auto const first = first_of(waiting);
        ordered.push_back(std::move(*first));
        waiting.erase(first);
    }
    return ordered;
}

model::Epoch with_own_changes(State const& state) {
    auto next = state.joined();
    ++next.number;
    for (auto const& act : waiting_own(state)) agreement::enact_own(next, state.joined(), act.act);
    return next;
}

model::Plan plan_own(State const& state, model::Request const& request, model::Draft const& draft,
                     std::string target, std::string summary, std::string const& about) {
    model::Plan plan;
    plan.request = request;
    plan.epoch = model::reference(state.joined());
    plan.verdict = policy::may_sign(state.joined(), state.self.officer, draft.kind, state.now);
    if (!plan.verdict.allowed()) return plan;
    auto const reason = objection(state, draft);
    plan.verdict.require("enactable", reason.empty(),
                         reason.empty() ? "the next epoch can make it true" : reason);
    PrivateDraft words;
    words.subject = about;
    words.words = private_words(request);
    plan.steps.push_back(act_step(draft, words, std::move(target), std::move(summary)));
    if (plan.verdict.allowed()) plan.verdict.next = "consortium exchange sync";
    return plan;
}

model::Plan plan_key_replace(State const& state, model::Request const& request) {
    auto const& arguments = *request.arguments;
    model::OwnChange change;
    change.kind = "key.replace";
    change.subject = arguments.at("operand").get<std::string>();
    change.cause = arguments.value("cause", std::string());
    auto const file = arguments.value("with", std::string());
    if (change.subject == "log") {
        take_new_log(state, file, change);
    } else {
        if (change.subject != "seat" && change.subject != "witness")
            throw base::Error(base::Code::usage, "only the keys 'seat', 'witness' and 'log' are replaced so",
                              "run 'consortium key replace seat --with FILE'");
        if (file.empty())
            throw base::Error(base::Code::usage, "the new key is not named",
                              "make one with 'consortium key create', then give its public part with --with");
        change.key = read_new_key(file);
    }
    return plan_own(state, request, own_change_draft(state, change), state.self.member,
                    "replace the " + change.subject + " key of '" + state.self.member + "' with " +
                        change.key->id().brief());
}

}  // namespace consortium::flow
