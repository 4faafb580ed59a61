#include "core/flow/seat.h"

#include "core/base/error.h"
#include "core/base/text.h"
#include "core/flow/apply.h"
#include "core/flow/sign.h"
#include "core/flow/steps.h"
#include "core/model/candidate.h"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace consortium::flow {

using base::Code;
using base::Digest;
using base::Error;
using base::Json;
using base::JsonValue;

namespace {

constexpr std::array<std::string_view, 5> seat_kinds{"seen", "candidate", "prepare", "commit", "skip"};

base::Instant final_here(port::Store const& store, std::uint64_t number) {
    auto const object = store.object("epoch", std::to_string(number));
    return object ? base::Instant::from_text(object->data->at("received").get<std::string>())
                  : base::Instant{};
}

bool is_silent(port::Store const& store, Digest const& key) {
    auto const object = store.object("seat", key.hex());
    return object && object->state == "silent";
}

model::Object seat_object(Digest const& key, std::string const& member, std::string state, Json data) {
    model::Object object;
    object.kind = "seat";
    object.name = key.hex();
    object.state = std::move(state);
    object.member = member;
    object.data = JsonValue(std::move(data));
    return object;
}

model::Plan plan_of(State const& state, model::Request const& request) {
    model::Plan plan;
    plan.request = request;
    plan.epoch = model::reference(state.joined());
    plan.danger = state.self.member;
    return plan;
}

/// The member's seat key in the latest epoch, by which its object is named.
Digest seat_key(State const& state) {
    auto const* member = state.joined().member(state.self.member);
    if (member == nullptr)
        throw Error(Code::refused, "'" + state.self.member + "' is not a member in epoch " +
                                       std::to_string(state.epoch->number));
    return member->seat;
}

JsonValue sign_skip(model::Step const& step, Services& services, Identity const& self) {
    model::Draft draft;
    draft.kind = "skip";
    draft.by_seat = true;
    draft.body = JsonValue(step.detail->at("body"));
    for (auto const& id : step.detail->at("refs"))
        draft.refs.push_back(Digest::from_hex(id.get<std::string>()));
    return JsonValue(Json{{"envelope", sign(draft, services, self).envelope}, {"member", self.member}});
}

/// Between planning and this, another process may have prepared or committed for the same seat.
JsonValue append_skip(model::Step const& step, JsonValue const& prepared, Services& services,
                      port::Transaction& transaction) {
    auto const member = prepared->at("member").get<std::string>();
    auto const now = agreement::early_skip(
        services.store, seat_of(services.store, *services.store.latest(), member), services.clock.now());
    if (!now || *now->draft.body != step.detail->at("body"))
        throw Error(Code::conflict, "the seat moved on while this was being decided",
                    "run the command again");
    auto const envelope = prepared->at("envelope").get<std::string>();
    append_own(services, transaction, envelope);
    return JsonValue(
        Json{{"id", model::act_id(model::envelope_from_text(envelope)).hex()}, {"kind", "skip"}});
}

}  // namespace

Applier const epoch_skip_applier{.prepare = sign_skip, .append = append_skip};

bool holds_seat(Services const& services, model::Epoch const& epoch, Identity const& self) {
    auto const* member = epoch.member(self.member);
    return self.seat && member != nullptr && member->belongs() && services.keys.has(member->seat);
}

agreement::Seat seat_of(port::Store const& store, model::Epoch const& epoch, std::string const& member) {
    agreement::Seat seat{member, final_here(store, epoch.number)};
    auto const* self = epoch.member(member);
    if (self != nullptr && is_silent(store, self->seat)) seat.silenced = self->seat;
    return seat;
}

bool note_restored(Services& services, Intake const& intake) {
    for (auto const& id : intake.accepted) {
        auto const held = services.store.act(id);
        if (!held || std::find(seat_kinds.begin(), seat_kinds.end(), held->act.kind) == seat_kinds.end())
            continue;
        auto const& key = held->act.key;
        if (!services.keys.has(key) || services.store.object("seat", key.hex())) continue;
        Json const data{{"act", id.hex()}, {"kind", held->act.kind}};
        model::Event const event{"seat.restored",
                                 services.clock.now(),
                                 JsonValue(data),
                                 {seat_object(key, held->act.member, "silent", data)}};
        services.store.write([&](port::Transaction& transaction) { transaction.append_event(event); });
        return true;
    }
    return false;
}

std::optional<model::Step> silence_step(State const& state) {
    auto const key = seat_key(state);
    if (!state.self.seat || is_silent(state.store, key)) return std::nullopt;
    Json const data{{"act", nullptr}, {"kind", "recovered"}};
    return event_step("seat.restored", data, {seat_object(key, state.self.member, "silent", data)},
                      "the seat", "let the seat be silent until a new key of it is enacted");
}

model::Plan plan_epoch_skip(State const& state, model::Request const& request) {
    auto plan = plan_of(state, request);
    auto const& epoch = state.joined();
    auto const key = seat_key(state);
    plan.verdict.require("seat", state.self.seat, "this workspace does not hold the member's seat");
    plan.verdict.require("silent", !is_silent(state.store, key),
                         "this seat was restored from a backup, and signs nothing");
    auto const skip =
        agreement::early_skip(state.store, seat_of(state.store, epoch, state.self.member), state.now);
    plan.verdict.require("attempt", skip.has_value(),
                         "this seat has no vote, or has left the attempt already");
    if (!skip || !plan.verdict.allowed()) return plan;
    auto const attempt = agreement::current_attempt(state.store, epoch);
    Json refs = Json::array();
    for (auto const& id : skip->draft.refs) refs.push_back(id.hex());
    auto const words = fmt::format("leave attempt {}, which '{}' leads; '{}' leads the next", attempt,
                                   agreement::leader(epoch, attempt), agreement::leader(epoch, attempt + 1));
    plan.steps.push_back({"epoch.skip", fmt::format("epoch {}", epoch.number + 1), words,
                          JsonValue(Json{{"body", *skip->draft.body}, {"refs", refs}})});
    plan.verdict.next = "consortium exchange sync";
    return plan;
}

model::Plan plan_epoch_resume(State const& state, model::Request const& request) {
    auto plan = plan_of(state, request);
    auto const& epoch = state.joined();
    auto const key = seat_key(state);
    auto const object = state.store.object("seat", key.hex());
    bool const silent = is_silent(state.store, key);
    plan.verdict.require("silent", silent, "this seat is not silent: there is nothing to resume");
    auto const sizes = model::sizes(epoch);
    plan.verdict.require(
        "needed", sizes.q == sizes.n,
        fmt::format("{} of {} seats can go on without this one, and may have: have a new seat "
                    "key enacted with 'consortium key replace seat'",
                    sizes.q, sizes.n));
    if (!plan.verdict.allowed()) return plan;
    plan.pins["seat/" + key.hex()] = object->version;
    std::vector<std::string> others;
    for (auto const* member : epoch.voting())
        if (member->id != state.self.member) others.push_back(member->id);
    if (!others.empty())
        plan.warnings.push_back(
            "only after each of these has handed over all that it holds of this seat, with "
            "'consortium exchange export', and it was imported here: " +
            base::join(others, ", "));
    plan.steps.push_back(event_step("seat.resumed", {{"key", key.hex()}},
                                    {seat_object(key, state.self.member, "resumed", *object->data)},
                                    "the seat", "let this seat sign again with the key that it had"));
    plan.verdict.next = "consortium exchange sync";
    return plan;
}

}  // namespace consortium::flow
