#include "core/flow/epoch.h"

#include "core/base/error.h"
#include "core/base/text.h"
#include "core/model/proposal.h"

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

Json record(State const& state, model::Epoch const& epoch) {
    auto const hash = model::reference(epoch).hash;
    auto const object = state.store.object("epoch", std::to_string(epoch.number));
    auto const sizes = model::sizes(epoch);
    Json members = Json::array();
    for (auto const& member : epoch.members) {
        members.push_back(
            {{"id", member.id}, {"tier", member.tier}, {"status", member.status}, {"votes", member.votes}});
    }
    Json results = Json::array();
    for (auto const& result : epoch.results) {
        results.push_back({{"proposal", result.proposal.hex()},
                           {"action", result.action},
                           {"outcome", result.outcome},
                           {"words", in_words(result)}});
    }
    return {{"number", epoch.number},
            {"hash", hash.hex()},
            {"words", base::spoken(hash)},
            {"received", object ? object->data->at("received") : Json()},
            {"commits", object ? object->data->at("commits") : Json::array()},
            {"members", members},
            {"quorum", {{"n", sizes.n}, {"f", sizes.f}, {"q", sizes.q}}},
            {"own_changes", epoch.own_changes.size()},
            {"results", results}};
}

std::string what_happened(model::Epoch const& epoch) {
    if (epoch.number == 0) return fmt::format("founded by {} members", epoch.members.size());
    std::vector<std::string> parts;
    parts.reserve(epoch.results.size() + 1);
    for (auto const& result : epoch.results) parts.push_back(in_words(result));
    if (!epoch.own_changes.empty())
        parts.push_back(epoch.own_changes.size() == 1
                            ? "a member changed what is its own"
                            : fmt::format("members made {} changes of their own", epoch.own_changes.size()));
    return base::join(parts, "; ");
}

}  // namespace

std::string in_words(model::Result const& result) {
    auto const* kind = model::find_action(result.action);
    auto const what = kind != nullptr ? std::string(kind->summary) : result.action;
    auto words = fmt::format("{} {}: {}", model::short_name(result.proposal), result.outcome, what);
    for (auto const* key : {"member", "release", "network", "address"}) {
        auto const& detail = *result.detail;
        if (detail.is_object() && detail.contains(key) && detail[key].is_string()) {
            words += " " + base::printable(detail[key].get<std::string>());
        }
    }
    if (!result.reason.empty()) words += " (" + base::printable(result.reason) + ")";
    return words;
}

model::Outcome epoch_list(State const& state, model::Request const&) {
    auto const last = state.joined().number;
    model::Table table;
    table.columns = {"epoch", "hash", "final here", "what it did"};
    Json items = Json::array();
    for (std::uint64_t number = 0; number <= last; ++number) {
        auto const epoch = state.store.epoch(number);
        auto data = record(state, *epoch);
        auto const received = data["received"].is_string() ? data["received"].get<std::string>() : "";
        table.rows.push_back(
            {std::to_string(number), model::reference(*epoch).hash.brief(), received, what_happened(*epoch)});
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
                   {"what it did", what_happened(*epoch)}};
    model::Outcome outcome;
    outcome.schema = "consortium.epoch/1";
    outcome.data = JsonValue(record(state, *epoch));
    outcome.text.emplace_back(std::move(fields));
    return outcome;
}

}  // namespace consortium::flow
