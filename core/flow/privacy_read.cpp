#include "core/base/error.h"
#include "core/base/text.h"
#include "core/flow/privacy.h"
#include "core/flow/private_part.h"
#include "core/port/vault.h"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>

namespace consortium::flow {

using base::Json;
using base::JsonValue;

namespace {

/// One person, as this workspace knows them.
struct Known {
    port::SealedCount count;
    std::size_t closed = 0;  // of those held, sealed under a key that is not here
    std::string erasure;     // its state; empty: none
};

/// After a restore: a key that was made since opens nothing of before.
std::size_t closed_parts(State const& state, std::string const& subject) {
    std::size_t out = 0;
    for (auto const& id : state.store.sealed_acts(subject)) {
        auto const part = state.store.sealed(id);
        if (part && !part->sealed.empty() &&
            (state.vault == nullptr || !state.vault->has_key_of(subject, part->sealed)))
            ++out;
    }
    return out;
}

std::map<std::string, Known> known_persons(State const& state) {
    std::map<std::string, Known> out;
    for (auto const& count : state.store.sealed_counts()) out[count.subject].count = count;
    for (auto& [subject, known] : out) known.closed = closed_parts(state, subject);
    if (state.vault != nullptr)
        for (auto const& subject : state.vault->subjects()) out.try_emplace(subject);
    state.store.objects({.kind = "erasure"},
                        [&](model::Object const& object) { out[object.name].erasure = object.state; });
    return out;
}

std::vector<std::string> officers_of(State const& state, std::string const& person) {
    std::vector<std::string> out;
    if (state.epoch)
        for (auto const& officer : state.epoch->officers)
            if (officer.person == person) out.push_back(officer.id);
    return out;
}

std::string state_of(Known const& known) {
    if (known.erasure == "begun" || known.erasure == "erased") return known.erasure;
    if (known.closed > 0) return "key missing";
    return known.erasure.empty() ? "held" : known.erasure;
}

Json record(State const& state, std::string const& person, Known const& known) {
    return {{"subject", person},
            {"officers", officers_of(state, person)},
            {"held", known.count.held - known.closed},
            {"key_missing", known.closed},
            {"erased", known.count.erased},
            {"state", state_of(known)}};
}

/// What one act says about the person, as far as it is to be had.
Json said(State const& state, base::Digest const& id, model::Table& table) {
    auto const act = state.store.act(id);
    if (!act) return {{"id", id.hex()}, {"kind", nullptr}, {"time", nullptr}, {"private", nullptr}};
    auto const view = view_part(state, *act);
    auto const row = [&](std::string const& name, std::string const& words) {
        table.rows.push_back({act->act.kind, act->act.time.text(), act->act.officer, name, words});
    };
    for (auto const& [name, words] : view.words) row(name, base::printable(words));
    if (view.words.empty()) row("", view.text({}));
    return {{"id", id.hex()},
            {"kind", act->act.kind},
            {"time", act->act.time.text()},
            {"officer", act->act.officer},
            {"private", view.record()}};
}

/// What finishes an erasure: its operation, or, where that was given up, the command as it was ordered.
std::string next_of(State const& state, std::string const& person) {
    if (auto const open = open_erasure(state.store, person))
        return "consortium operation resume " + open->name;
    auto const erasure = state.store.object("erasure", person);
    auto command =
        "consortium privacy erase " + person + " --reason " + erasure->data->at("reason").get<std::string>();
    if (auto const& decision = erasure->data->at("decision"); decision.is_string())
        command += " --decision " + decision.get<std::string>();
    return command;
}

}  // namespace

model::Outcome privacy_list(State const& state, model::Request const&) {
    model::Outcome outcome;
    outcome.schema = "consortium.privacy.list/1";
    model::Table table{{"person", "officers", "held", "key missing", "erased", "state"},
                       {},
                       "no private parts are kept here"};
    Json items = Json::array();
    for (auto const& [person, known] : known_persons(state)) {
        items.push_back(record(state, person, known));
        table.rows.push_back({person, base::join(officers_of(state, person), ", "),
                              std::to_string(known.count.held - known.closed), std::to_string(known.closed),
                              std::to_string(known.count.erased), state_of(known)});
        if (known.erasure == "begun") outcome.next.push_back(next_of(state, person));
    }
    outcome.data = JsonValue(Json{{"items", std::move(items)}});
    outcome.text.emplace_back(std::move(table));
    return outcome;
}

model::Outcome privacy_show(State const& state, model::Request const& request) {
    auto const person = request.arguments->at("operand").get<std::string>();
    auto const persons = known_persons(state);
    auto const found = persons.find(person);
    if (found == persons.end()) {
        std::vector<std::string> names;
        names.reserve(persons.size());
        for (auto const& [name, known] : persons) names.push_back(name);
        auto const near = base::nearest(person, names);
        throw base::Error(base::Code::not_found,
                          "nothing is kept here about '" + base::printable(person) + "'",
                          near.empty() ? "run 'consortium privacy list'" : "did you mean '" + near + "'?");
    }
    model::Outcome outcome;
    outcome.schema = "consortium.privacy/1";
    outcome.is_private = true;
    auto data = record(state, person, found->second);
    model::Table table{{"act", "time", "signed by", "what", "words"}, {}, "no acts"};
    Json acts = Json::array();
    for (auto const& id : state.store.sealed_acts(person)) acts.push_back(said(state, id, table));
    data["acts"] = std::move(acts);
    auto const erasure = state.store.object("erasure", person);
    data["erasure"] = erasure ? *erasure->data : Json();
    outcome.data = JsonValue(std::move(data));
    outcome.text.emplace_back(model::Fields{{{"person", person},
                                             {"officers", base::join(officers_of(state, person), ", ")},
                                             {"state", state_of(found->second)}}});
    outcome.text.emplace_back(std::move(table));
    return outcome;
}

}  // namespace consortium::flow
