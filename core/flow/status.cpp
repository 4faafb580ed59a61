#include "core/flow/status.h"

#include "core/base/error.h"
#include "core/base/text.h"
#include "core/flow/exchange_watch.h"
#include "core/flow/expiring.h"
#include "core/flow/genesis.h"
#include "core/flow/status_parts.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace consortium::flow {

using base::Json;
using base::JsonValue;

namespace {

using namespace status_parts;

constexpr std::size_t most = most_lines;

model::EpochOutline outline_of(port::Store const& store, base::Digest const& document, Identity const& self) {
    auto const text = store.file(document);
    return text ? model::outline(*text, self.member, self.officer) : model::EpochOutline{};
}

View look(port::Store const& store, Identity const& self, base::Instant now) {
    View view{store, self, now, store.latest_reference(), {}};
    if (view.epoch) {
        view.outline = outline_of(store, view.epoch->hash, self);
    } else if (auto const genesis = accepted_genesis(store)) {
        view.outline = outline_of(store, *genesis, self);
    }
    return view;
}

void add_operations(View const& view, std::vector<Line>& lines) {
    port::ObjectQuery query{.kind = "operation", .state = "open"};
    query.limit = most;
    view.store.objects(query, [&](model::Object const& object) {
        lines.push_back({"waits for you", object.name, "begun, not finished",
                         "consortium operation resume " + object.name});
    });
}

void add_expiring(View const& view, base::Duration horizon, std::vector<Line>& lines) {
    for (auto const& kind : expiring_kinds()) {
        port::ObjectQuery query{.kind = std::string(kind.kind), .state = std::string(kind.state)};
        query.due_before = view.now + horizon;
        query.limit = most;
        view.store.objects(query, [&](model::Object const& object) {
            bool const over = *object.due <= view.now;
            lines.push_back({over ? "wrong" : "expires", std::string(kind.kind) + " " + object.name,
                             (over ? "expired " : "") + base::relative(*object.due, view.now),
                             kind.command(object)});
        });
    }
}

void add_roles(View const& view, base::Duration horizon, std::vector<Line>& lines) {
    for (auto const& [officer, role, end] : view.outline.role_ends) {
        if (lines.size() >= 5 * most || end > view.now + horizon) continue;
        bool const over = end <= view.now;
        lines.push_back({over ? "wrong" : "expires", "role " + role,
                         officer + ", " + (over ? "ended " : "") + base::relative(end, view.now),
                         fmt::format("consortium role grant {} --role {}", officer, role)});
    }
}

void add_evidence(View const& view, std::vector<Line>& lines) {
    port::ObjectQuery query{.kind = "equivocation"};
    query.limit = most;
    view.store.objects(query, [&](model::Object const& object) {
        lines.push_back({"wrong", object.member, "signed two contents in one place",
                         "consortium epoch evidence " + object.name.substr(0, 12)});
    });
}

void add_silent_seats(View const& view, std::vector<Line>& lines) {
    port::ObjectQuery query{.kind = "seat", .state = "silent"};
    query.limit = most;
    view.store.objects(query, [&](model::Object const&) {
        lines.push_back({"wrong", "seat", "was restored from a backup, and signs nothing",
                         "consortium key replace seat, or consortium epoch resume"});
    });
}

void add_copy(View const& view, std::vector<Line>& lines) {
    auto const taken = view.store.note("restored");
    if (!taken || taken->empty()) return;
    lines.push_back({"wrong", "journal", "was restored from a backup of " + *taken + ", and is read-only",
                     "consortium audit recover"});
}

void add_exchange(View const& view, base::Duration alarm, std::vector<Line>& lines) {
    for (auto const& one : unreached(view.store)) {
        auto const members = one.members.empty() ? "" : " (" + base::join(one.members, ", ") + ")";
        lines.push_back({"wrong", base::printable(one.place),
                         fmt::format("not reached {}{}", base::relative(one.since, view.now), members),
                         "consortium exchange sync"});
    }
    for (auto const& one : silent_peers(view.store, view.self, view.now, alarm)) {
        lines.push_back(
            {"wrong", one.member,
             fmt::format("has published nothing since {}, though there was something to take note of {}",
                         one.renewed.text(), base::relative(one.expected, view.now)),
             "consortium exchange sync"});
    }
}

std::string headline(View const& view) {
    if (view.outline.consortium.empty()) return view.self.member + ": not in a consortium yet";
    auto const words = view.epoch ? "epoch " + std::to_string(view.epoch->number) + ", final"
                                  : std::string("founding, not signed by every founder yet");
    return fmt::format("{} in {} · {} · head {}", view.self.member, view.outline.consortium, words,
                       view.store.head().size);
}

Json items(std::vector<Line> const& lines) {
    Json out = Json::array();
    for (auto const& line : lines) {
        out.push_back(
            {{"heading", line.what}, {"name", line.name}, {"words", line.words}, {"next", line.next}});
    }
    return out;
}

model::Outcome report(View const& view, std::vector<Line> const& lines) {
    model::Outcome outcome;
    outcome.schema = "consortium.status/1";
    Json reference;
    if (view.epoch) reference = {{"number", view.epoch->number}, {"hash", view.epoch->hash.hex()}};
    auto const& name = view.outline.consortium;
    outcome.data = JsonValue(Json{{"member", view.self.member},
                                  {"officer", view.self.officer},
                                  {"consortium", name.empty() ? Json() : Json(name)},
                                  {"epoch", reference},
                                  {"head", view.store.head().size},
                                  {"items", items(lines)}});
    outcome.text.emplace_back(headline(view));
    model::Table table;
    table.when_empty = "nothing waits for you, nothing expires, nothing is wrong";
    for (auto const& line : lines)
        table.rows.push_back({line.what, line.name, line.words, "next: " + line.next});
    outcome.text.emplace_back(std::move(table));
    return outcome;
}

}  // namespace

model::Outcome status(port::Store const& store, Identity const& self, base::Instant now,
                      base::Duration horizon, base::Duration alarm) {
    model::Outcome outcome;
    store.read([&] {
        auto const view = look(store, self, now);
        std::vector<Line> lines;
        add_proposals(view, lines);
        add_measures(view, lines);
        add_disputes(view, lines);
        add_duties(view, lines);
        add_approvals(view, lines);
        add_pending_certificates(view, lines);
        add_applications(view, lines);
        add_shares(view, lines);
        add_operations(view, lines);
        add_expiring(view, horizon, lines);
        add_roles(view, horizon, lines);
        add_evidence(view, lines);
        add_silent_seats(view, lines);
        add_copy(view, lines);
        add_exchange(view, alarm, lines);
        outcome = report(view, lines);
    });
    return outcome;
}

}  // namespace consortium::flow
