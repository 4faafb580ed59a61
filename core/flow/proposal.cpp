#include "core/flow/proposal.h"

#include "core/agreement/follow_up.h"
#include "core/base/error.h"
#include "core/base/text.h"
#include "core/flow/sign.h"
#include "core/policy/opening.h"
#include "core/policy/permission.h"
#include "core/policy/timelock.h"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace consortium::flow {

using base::Code;
using base::Digest;
using base::Error;
using base::Json;
using base::JsonValue;

namespace {

constexpr std::size_t fewest_digits = 4;

Json conditions_json(std::vector<model::Precondition> const& conditions) {
    Json out = Json::array();
    for (auto const& one : conditions) {
        out.push_back({{"kind", one.kind}, {"subject", one.subject}, {"value", one.value}});
    }
    return out;
}

Json executor_json(std::map<std::int64_t, std::string> const& executor) {
    Json out = Json::array();
    for (auto const& [step, member] : executor) out.push_back({{"step", step}, {"member", member}});
    return out;
}

void require_right(State const& state, std::string const& action) {
    auto const verdict = policy::may_propose(state.joined(), state.self.officer, action, state.now);
    if (verdict.allowed()) return;
    for (auto const& rule : verdict.rules) {
        if (!rule.holds) {
            throw Error(Code::not_authorized,
                        "'" + state.self.officer + "' may not propose '" + action + "': " + rule.words,
                        "run 'consortium charter show'", {{"rule", rule.name}});
        }
    }
}

/// Whole minutes: a closing instant is for people too.
base::Instant rounded_up(base::Instant instant) {
    return {(instant.seconds + 59) / 60 * 60};
}

int open_of_member(State const& state, model::Decision const& decision) {
    int count = 0;
    for (auto& act : state.store.waiting("proposal"))
        if (act.act.member == state.self.member &&
            agreement::load_proposal(state.store, std::move(act)).decision->id == decision.id)
            ++count;
    return count;
}

void require_opening(State const& state, model::Decision const& decision, model::Proposal const& body) {
    auto opening = agreement::opening_of(state.joined(), state.self.member, body, state.now);
    if (decision.proposer.max_open > 0) opening.open = open_of_member(state, decision);
    auto const verdict = policy::may_open(decision, opening);
    for (auto const& rule : verdict.rules)
        if (!rule.holds)
            throw Error(verdict.ruling == model::Verdict::Ruling::pending ? Code::pending : Code::refused,
                        "it may not be opened: " + rule.words,
                        "run 'consortium charter show' to read '" + decision.id + "'", {{"rule", rule.name}});
}

/// The body in full; the closing instant follows from the clock where the step leaves it open.
model::Proposal proposal_body(Json const& detail, base::Instant now) {
    constexpr base::Duration slack{2};  // the act's own time is taken a moment later
    auto const duration = [&](char const* key) {
        return base::Duration::from_text(detail.at(key).get<std::string>());
    };
    model::Proposal body;
    body.title = detail.at("title").get<std::string>();
    body.action = model::action_from_json(detail.at("action"));
    body.closes = detail.at("closes").is_null()
                      ? rounded_up(now + duration("window") + slack)
                      : base::Instant::from_text(detail.at("closes").get<std::string>());
    body.timelock = duration("timelock");
    body.lapses = body.closes + duration("lapses");
    for (auto const& one : detail.at("preconditions")) {
        body.preconditions.push_back({one.at("kind").get<std::string>(), one.at("subject").get<std::string>(),
                                      one.at("value").get<std::string>()});
    }
    for (auto const& one : detail.at("executor")) {
        body.executor[one.at("step").get<std::int64_t>()] = one.at("member").get<std::string>();
    }
    if (detail.contains("rollback"))
        body.rollback = model::Rollback{detail["rollback"].at("release").get<std::string>(),
                                        Digest::from_hex(detail["rollback"].at("digest").get<std::string>())};
    body.track = detail.at("track").get<std::string>();
    if (detail.at("ratifies").is_string())
        body.ratifies = Digest::from_hex(detail.at("ratifies").get<std::string>());
    if (detail.contains("finding")) body.finding = Digest::from_hex(detail.at("finding").get<std::string>());
    return body;
}

JsonValue sign_proposal(model::Step const& step, Services& services, Identity const& self) {
    open_officer_key(services, self);  // a person may be asked: the window is counted from the answer
    auto const body = proposal_body(*step.detail, services.clock.now());
    model::Draft draft;
    draft.kind = "proposal";
    draft.refs = model::named_acts(body.action);
    if (body.ratifies) draft.refs.push_back(*body.ratifies);
    draft.body = JsonValue(model::to_json(body));
    auto const act = sign(draft, services, self);
    return JsonValue(Json{{"id", act.id.hex()}, {"envelope", act.envelope}, {"closes", body.closes.text()}});
}

JsonValue append_proposal(model::Step const& step, JsonValue const& prepared, Services& services,
                          port::Transaction& transaction) {
    for (auto const& file : step.detail->at("files")) transaction.put_file(file.get<std::string>());
    append_own(services, transaction, prepared->at("envelope").get<std::string>());
    auto const id = Digest::from_hex(prepared->at("id").get<std::string>());
    return JsonValue(Json{{"id", id.hex()},
                          {"kind", "proposal"},
                          {"name", model::short_name(id)},
                          {"closes", prepared->at("closes")}});
}

/// The digits of "p-3fa9c1", "3fa9c1" or a whole id.
std::string digits_of(std::string_view name) {
    auto digits = std::string(name.starts_with("p-") ? name.substr(2) : name);
    bool const hexadecimal = std::all_of(digits.begin(), digits.end(), [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
    });
    if (!hexadecimal || digits.size() < fewest_digits || digits.size() > 64) {
        throw Error(Code::usage, "'" + base::printable(name) + "' does not name an act",
                    "acts are named 'p-' and the first digits of their id, see 'consortium proposal list'");
    }
    return digits;
}

Digest only_one(std::vector<Digest> const& found, std::string_view name, std::string const& list) {
    if (found.empty()) {
        throw Error(Code::not_found, "nothing held here is named '" + base::printable(name) + "'",
                    "run 'consortium exchange sync', then '" + list + "'");
    }
    if (found.size() == 1) return found.front();
    std::vector<std::string> names;
    names.reserve(found.size());
    for (auto const& id : found) names.push_back(model::short_name(id, 12));
    throw Error(Code::conflict, "'" + base::printable(name) + "' names more than one act",
                "name one of them with more digits", {{"fit", base::join(names, ", ")}});
}

constexpr std::size_t most_shown = 10;

}  // namespace

Applier const propose_applier{.prepare = sign_proposal, .append = append_proposal};

model::Step propose(State const& state, model::Action const& action, ProposalOptions const& options) {
    require_right(state, action.kind);
    auto const* decision = state.joined().charter.decision_for(action.kind);
    auto const* kind = model::find_action(action.kind);
    auto const window = policy::shortest_vote(*decision, options.track);
    auto const timelock = options.timelock.value_or(policy::shortest_timelock(*decision, options.track));
    model::Proposal intended;
    intended.action = action;
    intended.track = policy::name_of(options.track);
    intended.closes = options.closes.value_or(state.now + window);
    require_opening(state, *decision, intended);
    auto const title = options.title.empty() ? std::string(kind->summary) : options.title;
    Json detail{{"action", model::to_json(action)},
                {"title", title},
                {"closes", options.closes ? Json(options.closes->text()) : Json()},
                {"window", window.text()},
                {"timelock", timelock.text()},
                {"lapses", options.lapses.value_or(decision->lapses).text()},
                {"preconditions", conditions_json(options.preconditions)},
                {"executor", executor_json(options.executor)},
                {"files", options.files},
                {"track", intended.track},
                {"ratifies", options.ratifies ? Json(options.ratifies->hex()) : Json()}};
    if (options.rollback)
        detail["rollback"] = {{"release", options.rollback->release},
                              {"digest", options.rollback->digest.hex()}};
    if (options.finding) detail["finding"] = options.finding->hex();
    auto const closes = options.closes ? "until " + options.closes->text() : "for " + window.text();
    return {"propose", action.kind, "put to the vote: " + title + ", open " + closes,
            JsonValue(std::move(detail))};
}

Digest find_act(State const& state, std::string_view name) {
    return only_one(state.store.act_ids(digits_of(name), most_shown), name, "consortium audit log");
}

agreement::OpenProposal load_proposal(State const& state, Digest const& id) {
    // Once it is decided, it stands as it did then: how long a vote went on is in the epoch before.
    auto const number = state.store.settled(id);
    if (!number || *number == 0) return agreement::load_proposal(state.store, id);
    return agreement::load_proposal(state.store, id, *state.store.epoch(*number - 1));
}

agreement::OpenProposal find_proposal(State const& state, std::string_view name) {
    std::vector<Digest> proposals;
    for (auto const& id : state.store.act_ids(digits_of(name), 1000)) {
        if (state.store.object("proposal", id.hex())) proposals.push_back(id);
    }
    return load_proposal(state, only_one(proposals, name, "consortium proposal list"));
}

std::optional<Decided> decided(State const& state, agreement::OpenProposal const& proposal) {
    auto const object = state.store.object("proposal", proposal.id.hex());
    if (!object || !object->data->contains("decided")) return std::nullopt;
    Decided out;
    out.epoch = object->data->at("decided").at("epoch").get<std::uint64_t>();
    auto const epoch = state.store.epoch(out.epoch);
    for (auto const& result : epoch->results) {
        if (result.proposal == proposal.id) out.result = result;
    }
    auto const final = state.store.object("epoch", std::to_string(out.epoch));
    out.received = base::Instant::from_text(final->data->at("received").get<std::string>());
    policy::Enacted enacted{out.received, {}, proposal.body.timelock, proposal.body.lapses};
    for (auto const& id : final->data->at("commits")) {
        auto const commit = state.store.act(Digest::from_hex(id.get<std::string>()));
        if (commit) enacted.committed.push_back(commit->act.time);
    }
    out.earliest = policy::executable_from(enacted);
    out.lapses = proposal.body.lapses;
    return out;
}

}  // namespace consortium::flow
