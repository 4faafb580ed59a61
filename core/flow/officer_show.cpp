#include "core/agreement/next_epoch.h"
#include "core/base/text.h"
#include "core/flow/epoch_words.h"
#include "core/flow/officer.h"
#include "core/flow/officer_recovery.h"
#include "core/flow/private_part.h"
#include "core/model/ballot.h"
#include "core/model/own_change.h"
#include "core/policy/duties.h"

#include <map>
#include <nlohmann/json.hpp>

namespace consortium::flow {

namespace {

using base::Json;
using base::JsonValue;

/// What is signed about an officer and waits for an epoch, in words.
std::vector<std::string> waiting_for(State const& state, std::string const& officer) {
    std::vector<std::string> out;
    for (auto const& held : agreement::waiting_changes(state.store, state.joined())) {
        auto const& act = held.act;
        std::string subject;
        if (act.kind == "suspend") subject = model::suspension_from_json(*act.body).officer;
        if (act.kind == "own") {
            auto const change = model::own_change_from_json(*act.body);
            subject = change.officer ? change.officer->id : change.subject;
        }
        if (subject == officer) out.push_back(change_in_words(state.store, held.id));
    }
    return out;
}

Json record(State const& state, model::Officer const& officer) {
    auto const* key = state.joined().key(officer.key);
    Json ends = Json::object();
    for (auto const& [role, end] : officer.ends) ends[role] = end.text();
    return {{"id", officer.id},
            {"member", officer.member},
            {"person", officer.person},
            {"roles", officer.roles},
            {"ends", std::move(ends)},
            {"roles_now", officer.roles_at(state.now)},
            {"key", officer.key.hex()},
            {"algorithm", key == nullptr ? Json() : Json(key->algorithm)},
            {"since", key == nullptr ? Json() : Json(key->since)},
            {"status", officer.status}};
}

using Names = std::map<std::pair<std::string, std::string>, PrivateView>;  // by member and officer

/// What officers are called, from the changes that added them. Only those that an epoch has made true:
/// anybody can sign that an officer of any id is added.
Names names_of(State const& state, std::string const& member) {
    Names out;
    for (auto const& held : state.store.acts({.kind = "own", .subject = {}, .epoch = {}, .member = member})) {
        if (!held.act.private_part || !state.store.settled(held.id)) continue;
        auto const change = model::own_change_from_json(*held.act.body);
        if (change.officer)
            out.insert_or_assign({held.act.member, change.officer->id}, view_part(state, held));
    }
    return out;
}

PrivateView name_of(Names const& names, model::Officer const& officer) {
    auto const found = names.find({officer.member, officer.id});
    return found == names.end() ? PrivateView() : found->second;
}

Json held_or_null(PrivateView const& view, std::string_view field) {
    auto const found = view.words.find(field);
    return found == view.words.end() ? Json() : Json(found->second);
}

void add_name(Json& data, PrivateView const& view) {
    data["name"] = held_or_null(view, "name");
    data["contact"] = held_or_null(view, "contact");
    data["name_state"] = view.state;
}

std::string roles_in_words(State const& state, model::Officer const& officer) {
    std::vector<std::string> parts;
    for (auto const& role : officer.roles) {
        auto const end = officer.ends.find(role);
        if (end == officer.ends.end()) {
            parts.push_back(role);
        } else {
            parts.push_back(role + (end->second <= state.now ? " (ended " : " (until ") + end->second.text() +
                            ")");
        }
    }
    return base::join(parts, ", ");
}

}  // namespace

model::Outcome officer_list(State const& state, model::Request const& request) {
    auto const wanted = request.arguments->value("member", std::string());
    model::Outcome outcome;
    outcome.schema = "consortium.officer.list/1";
    outcome.is_private = true;
    Json items = Json::array();
    model::Table table{{"officer", "member", "person", "name", "roles", "key", "status"}, {}, "no officers"};
    auto const names = names_of(state, wanted);
    for (auto const& officer : state.joined().officers) {
        if (!wanted.empty() && officer.member != wanted) continue;
        auto item = record(state, officer);
        auto const name = name_of(names, officer);
        add_name(item, name);
        items.push_back(std::move(item));
        table.rows.push_back({officer.id, officer.member, officer.person, base::printable(name.text("name")),
                              base::join(officer.roles, ", "), officer.key.hex().substr(0, 12),
                              officer.status});
    }
    for (auto const& finding : policy::duty_findings(state.joined()))
        if (finding.rule == "person") outcome.warnings.push_back(finding.words);
    outcome.data = JsonValue(Json{{"items", std::move(items)}});
    outcome.text = {table};
    return outcome;
}

model::Outcome officer_show(State const& state, model::Request const& request) {
    auto const& officer = find_officer(state.joined(), request.arguments->at("operand").get<std::string>());
    auto const waiting = waiting_for(state, officer.id);
    auto const name = name_of(names_of(state, officer.member), officer);
    auto data = record(state, officer);
    add_name(data, name);
    data["waits"] = waiting;
    model::Fields fields;
    fields.rows = {{"officer", officer.id},    {"member", officer.member},
                   {"person", officer.person}, {"roles", roles_in_words(state, officer)},
                   {"key", officer.key.hex()}, {"status", officer.status}};
    if (!data["algorithm"].is_null())
        fields.rows.emplace_back("algorithm", data["algorithm"].get<std::string>() + ", since epoch " +
                                                  std::to_string(data["since"].get<std::uint64_t>()));
    for (auto const* field : {"name", "contact"})
        if (auto const words = name.text(field); !words.empty())
            fields.rows.emplace_back(field, base::printable(words));
    for (auto const& words : waiting) fields.rows.emplace_back("waits", words);
    auto const recovery = key_recovery(state, officer);
    data["recovery"] = {{"by", recovery.by},
                        {"fellows", recovery.fellows},
                        {"words", recovery.words},
                        {"steps", recovery.steps}};
    fields.rows.emplace_back("if it is lost", recovery.words);
    for (auto const& step : recovery.steps) fields.rows.emplace_back("", step);
    model::Outcome outcome;
    outcome.schema = "consortium.officer/1";
    outcome.is_private = true;
    outcome.data = JsonValue(std::move(data));
    outcome.text = {fields};
    return outcome;
}

}  // namespace consortium::flow
