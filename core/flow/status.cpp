#include "core/flow/status.h"

#include "core/base/error.h"
#include "core/flow/genesis.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace consortium::flow {

using base::Json;
using base::JsonValue;

namespace {

struct Line {
    std::string what;  // "waits for you", "expires", "wrong"
    std::string name;
    std::string words;
    std::string next;
};

constexpr std::size_t most = 20;  // lines a heading: the rest is one command away

std::string brief(std::string_view id) {
    return "p-" + std::string(id.substr(0, 6));
}

bool may_vote(State const& state) {
    auto const* member = state.epoch ? state.epoch->member(state.self.member) : nullptr;
    return member != nullptr && member->status == "active" && !state.self.officer.empty();
}

void add_proposals(State const& state, std::vector<Line>& lines) {
    if (!may_vote(state)) return;
    port::ObjectQuery query{.kind = "proposal", .state = "open"};
    query.limit = most;
    state.store.objects(query, [&](model::Object const& object) {
        auto const id = base::Digest::from_hex(object.name);
        if (object.due && *object.due <= state.now) return;
        if (!state.store.acts({.kind = "ballot", .subject = id, .member = state.self.member}).empty()) return;
        auto const due = object.due ? "closes " + object.due->text() : std::string();
        lines.push_back(
            {"waits for you", brief(object.name), due, "consortium vote cast " + brief(object.name)});
    });
}

void add_operations(State const& state, std::vector<Line>& lines) {
    port::ObjectQuery query{.kind = "operation", .state = "open"};
    query.limit = most;
    state.store.objects(query, [&](model::Object const& object) {
        lines.push_back({"waits for you", object.name, "begun, not finished",
                         "consortium operation resume " + object.name});
    });
}

struct Expiring {
    std::string_view kind;
    std::string_view state;
    std::string_view next;
};
constexpr Expiring expiring[] = {
    {"authority", "active", "consortium root rotate"},
    {"certificate", "valid", "consortium cert issue"},
    {"crl", "current", "consortium crl issue"},
};

void add_expiring(State const& state, base::Duration horizon, std::vector<Line>& lines) {
    for (auto const& kind : expiring) {
        port::ObjectQuery query{.kind = std::string(kind.kind), .state = std::string(kind.state)};
        query.due_before = state.now + horizon;
        query.limit = most;
        state.store.objects(query, [&](model::Object const& object) {
            bool const over = *object.due <= state.now;
            lines.push_back({over ? "wrong" : "expires", std::string(kind.kind) + " " + object.name,
                             (over ? "expired " : "") + base::relative(*object.due, state.now),
                             std::string(kind.next)});
        });
    }
}

void add_evidence(State const& state, std::vector<Line>& lines) {
    port::ObjectQuery query{.kind = "equivocation"};
    query.limit = most;
    state.store.objects(query, [&](model::Object const& object) {
        lines.push_back({"wrong", object.member, "signed two contents in one place",
                         "consortium audit show " + object.name.substr(0, 12)});
    });
}

std::string headline(State const& state) {
    auto const epoch = known_epoch(state.store);
    if (!epoch) return state.self.member + ": not in a consortium yet";
    auto const words = state.epoch ? "epoch " + std::to_string(epoch->number) + ", final"
                                   : std::string("founding, not signed by every founder yet");
    return fmt::format("{} in {} · {} · head {}", state.self.member, epoch->charter.name, words,
                       state.store.head().size);
}

Json items(std::vector<Line> const& lines) {
    Json out = Json::array();
    for (auto const& line : lines) {
        out.push_back(
            {{"heading", line.what}, {"name", line.name}, {"words", line.words}, {"next", line.next}});
    }
    return out;
}

}  // namespace

model::Outcome status(State const& state, base::Duration horizon) {
    std::vector<Line> lines;
    add_proposals(state, lines);
    add_operations(state, lines);
    add_expiring(state, horizon, lines);
    add_evidence(state, lines);
    auto const epoch = known_epoch(state.store);

    model::Outcome outcome;
    outcome.schema = "consortium.status/1";
    Json reference;
    if (state.epoch) {
        auto const latest = model::reference(*state.epoch);
        reference = {{"number", latest.number}, {"hash", latest.hash.hex()}};
    }
    outcome.data = JsonValue(Json{{"member", state.self.member},
                                  {"officer", state.self.officer},
                                  {"consortium", epoch ? Json(epoch->charter.name) : Json()},
                                  {"epoch", reference},
                                  {"head", state.store.head().size},
                                  {"items", items(lines)}});
    outcome.text.emplace_back(headline(state));
    model::Table table;
    table.when_empty = "nothing waits for you, nothing expires, nothing is wrong";
    for (auto const& line : lines)
        table.rows.push_back({line.what, line.name, line.words, "next: " + line.next});
    table.columns = {"", "", "", ""};
    outcome.text.emplace_back(std::move(table));
    return outcome;
}

}  // namespace consortium::flow
