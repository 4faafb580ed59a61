#include "core/flow/epoch.h"

#include "core/agreement/follow_up.h"
#include "core/base/error.h"
#include "core/base/text.h"
#include "core/flow/epoch_words.h"

#include <charconv>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace consortium::flow {

using base::Code;
using base::Error;
using base::Json;
using base::JsonValue;

namespace {

std::uint64_t number_of(State const& state, model::Request const& request) {
    auto const& latest = state.joined();
    if (!request.arguments->contains("operand")) return latest.number;
    auto const text = request.arguments->at("operand").get<std::string>();
    std::uint64_t number = 0;
    auto const [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() || end != text.data() + text.size()) {
        throw Error(Code::usage, "'" + base::printable(text) + "' is not the number of an epoch",
                    "run 'consortium epoch list'");
    }
    if (number > latest.number) {
        throw Error(Code::not_found,
                    "there is no epoch " + text + " yet; the latest is " + std::to_string(latest.number),
                    "run 'consortium epoch list'");
    }
    return number;
}

Agreed agreed_here(State const& state, model::Epoch const& epoch) {
    auto const object = state.store.object("epoch", std::to_string(epoch.number));
    if (!object) return {};
    auto const& data = *object->data;
    std::vector<base::Digest> commits;
    for (auto const& id : data.value("commits", Json::array()))
        commits.push_back(base::Digest::from_hex(id.get<std::string>()));
    return agreed(state.store, epoch, data.value("attempt", std::int64_t{0}), commits);
}

Json members_of(model::Epoch const& epoch) {
    Json members = Json::array();
    for (auto const& member : epoch.members) {
        members.push_back(
            {{"id", member.id}, {"tier", member.tier}, {"status", member.status}, {"votes", member.votes}});
    }
    return members;
}

Json result_record(State const& state, model::Result const& result) {
    auto const by = deciders(state.store, result);
    Json choices = Json::object();
    for (auto const& [choice, members] : by.choices) choices[choice] = members;
    Json excluded = Json::object();
    for (auto const& [reason, count] : by.excluded) excluded[reason] = count;
    return {{"proposal", result.proposal.hex()},
            {"action", result.action},
            {"outcome", result.outcome},
            {"reason", result.reason},
            {"words", in_words(result)},
            {"proposer", by.proposer.empty() ? Json() : Json(by.proposer)},
            {"officer", by.officer.empty() ? Json() : Json(by.officer)},
            {"ballots", choices},
            {"left_out", excluded}};
}

Json changes_of(State const& state, model::Epoch const& epoch) {
    Json changes = Json::array();
    for (auto const& id : epoch.own_changes)
        changes.push_back({{"id", id.hex()}, {"words", change_in_words(state.store, id)}});
    return changes;
}

Json record(State const& state, model::Epoch const& epoch) {
    auto const hash = model::reference(epoch).hash;
    auto const object = state.store.object("epoch", std::to_string(epoch.number));
    auto const sizes = model::sizes(epoch);
    auto const by = agreed_here(state, epoch);
    Json results = Json::array();
    for (auto const& result : epoch.results) results.push_back(result_record(state, result));
    return {{"number", epoch.number},
            {"hash", hash.hex()},
            {"words", base::spoken(hash)},
            {"received", object ? object->data->at("received") : Json()},
            {"commits", object ? object->data->at("commits") : Json::array()},
            {"attempt", by.attempt},
            {"leader", by.leader.empty() ? Json() : Json(by.leader)},
            {"agreed_by", by.members},
            {"members", members_of(epoch)},
            {"quorum", {{"n", sizes.n}, {"f", sizes.f}, {"q", sizes.q}}},
            {"own_changes", epoch.own_changes.size()},
            {"changes", changes_of(state, epoch)},
            {"results", results}};
}

std::string what_happened(State const& state, model::Epoch const& epoch) {
    if (epoch.number == 0) return fmt::format("founded by {} members", epoch.members.size());
    std::vector<std::string> parts;
    parts.reserve(epoch.results.size() + epoch.own_changes.size());
    for (auto const& result : epoch.results) parts.push_back(in_words(result));
    for (auto const& id : epoch.own_changes) parts.push_back(change_in_words(state.store, id));
    return base::join(parts, "; ");
}

std::string by_whom(State const& state, model::Epoch const& epoch) {
    auto const by = agreed_here(state, epoch);
    if (epoch.number == 0 || by.members.empty()) return {};
    auto words = base::join(by.members, ", ");
    if (!by.leader.empty()) words += fmt::format("; led by {}", by.leader);
    if (by.attempt > 0) words += fmt::format(" in attempt {}", by.attempt);
    return words;
}

}  // namespace

model::Outcome epoch_list(State const& state, model::Request const&) {
    auto const last = state.joined().number;
    model::Table table;
    table.columns = {"epoch", "hash", "final here", "what it did", "agreed by"};
    Json items = Json::array();
    for (std::uint64_t number = 0; number <= last; ++number) {
        auto const epoch = state.store.epoch(number);
        auto data = record(state, *epoch);
        auto const received = data["received"].is_string() ? data["received"].get<std::string>() : "";
        table.rows.push_back({std::to_string(number), model::reference(*epoch).hash.brief(), received,
                              what_happened(state, *epoch), by_whom(state, *epoch)});
        items.push_back(std::move(data));
    }
    model::Outcome outcome;
    outcome.schema = "consortium.epochs/1";
    outcome.data = JsonValue(Json{{"items", items}});
    outcome.text.emplace_back(std::move(table));
    return outcome;
}

model::Outcome epoch_show(State const& state, model::Request const& request) {
    auto const epoch = state.store.epoch(number_of(state, request));
    auto const sizes = model::sizes(*epoch);
    auto const hash = model::reference(*epoch).hash;
    auto const genesis = model::reference(*state.store.epoch(0)).hash;
    std::vector<std::string> members;
    for (auto const& member : epoch->members) {
        members.push_back(member.votes ? member.id : member.id + " (no vote yet)");
    }
    model::Fields fields;
    fields.rows = {{"epoch", std::to_string(epoch->number)},
                   {"hash", hash.hex()},
                   {"read aloud", base::spoken(hash)},
                   {"genesis", genesis.hex()},
                   {"read aloud", base::spoken(genesis)},
                   {"members", base::join(members, ", ")},
                   {"agreement",
                    fmt::format("{} of {} seats make an epoch final; {} may lie", sizes.q, sizes.n, sizes.f)},
                   {"agreed by", by_whom(state, *epoch)}};
    if (epoch->number == 0) fields.rows.back() = {"what it did", what_happened(state, *epoch)};
    for (auto const& result : epoch->results) {
        fields.rows.emplace_back("decided", in_words(result));
        fields.rows.emplace_back("", in_words(deciders(state.store, result)));
    }
    for (auto const& id : epoch->own_changes)
        fields.rows.emplace_back("changed", change_in_words(state.store, id));
    for (auto const& measure : epoch->measures)
        fields.rows.emplace_back("in force", agreement::in_words(measure));
    model::Outcome outcome;
    outcome.schema = "consortium.epoch/1";
    outcome.data = JsonValue(record(state, *epoch));
    outcome.text.emplace_back(std::move(fields));
    return outcome;
}

}  // namespace consortium::flow
