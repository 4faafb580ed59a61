#include "core/flow/agreement.h"

#include "core/agreement/equivocation.h"
#include "core/base/error.h"
#include "core/flow/dispute_step.h"
#include "core/flow/duty.h"
#include "core/flow/genesis.h"
#include "core/flow/invitation.h"
#include "core/flow/seat.h"
#include "core/flow/sign.h"
#include "core/flow/trust_follow.h"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace consortium::flow {

namespace {

using base::Digest;
using base::Json;
using base::JsonValue;

// The new state of a decided proposal; what else its object says stays.
std::optional<model::Object> decided_object(port::Store const& store, model::Result const& result,
                                            std::uint64_t number) {
    auto object = store.object("proposal", result.proposal.hex());
    if (!object) return std::nullopt;
    auto data = *object->data;
    data["decided"] = {{"epoch", number}, {"outcome", result.outcome}, {"reason", result.reason}};
    object->state = result.outcome;
    object->due.reset();
    object->data = JsonValue(std::move(data));
    return object;
}

// A vote that goes on stays open, and closes later.
std::optional<model::Object> continued_object(port::Store const& store, model::Continuation const& one) {
    auto object = store.object("proposal", one.proposal.hex());
    if (object) object->due = one.closes;
    return object;
}

/// What says for ever that an epoch has decided or enacted an act, held or not.
model::Object settled_object(Digest const& id, std::uint64_t number) {
    model::Object object;
    object.kind = "settled";
    object.name = id.hex();
    object.state = "final";
    object.data = JsonValue(Json{{"epoch", number}});
    return object;
}

void add_settled(port::Store const& store, model::Epoch const& epoch, Identity const& self,
                 model::Event& event) {
    for (auto& invitation : ended_invitations(store, epoch, event.time))
        event.writes.push_back(std::move(invitation));
    for (auto const& result : epoch.results) {
        if (auto const* one = epoch.continuation(result.proposal)) {
            if (auto open = continued_object(store, *one)) event.writes.push_back(*std::move(open));
            continue;
        }
        if (auto duty = duty_of(store, self, result)) event.writes.push_back(*std::move(duty));
        event.writes.push_back(settled_object(result.proposal, epoch.number));
        if (auto decided = decided_object(store, result, epoch.number))
            event.writes.push_back(*std::move(decided));
    }
    for (auto const& id : epoch.own_changes) {
        event.writes.push_back(settled_object(id, epoch.number));
        auto change = store.object("change", id.hex());
        if (!change) continue;
        change->state = "enacted";
        event.writes.push_back(*std::move(change));
    }
}

void journal_final(Services& services, agreement::Final const& found, Identity const& self) {
    auto const now = services.clock.now();
    Json commits = Json::array();
    for (auto const& id : found.commits) commits.push_back(id.hex());
    model::Object object;
    object.kind = "epoch";
    object.name = std::to_string(found.reference.number);
    object.state = "final";
    object.data = JsonValue(Json{{"hash", found.reference.hash.hex()},
                                 {"attempt", found.attempt},
                                 {"received", now.text()},
                                 {"commits", commits}});
    auto body = *object.data;
    body["number"] = found.reference.number;
    model::Event event{"epoch.final", now, JsonValue(std::move(body)), {object}};
    services.store.write([&](port::Transaction& transaction) {
        auto const latest = services.store.latest();
        if (!latest || latest->number + 1 != found.reference.number) return;  // another process was faster
        for (auto& duty : lapsed_duties(services.store, now)) event.writes.push_back(std::move(duty));
        add_settled(services.store, found.epoch, self, event);
        for (auto& object : followed_trust(services.store, found.epoch))
            event.writes.push_back(std::move(object));
        transaction.append_event(event);
    });
}

// A proposal that arrived after the epoch that decided it was folded as open: its object learns the result.
void close_decided(Services& services) {
    port::ObjectQuery late{.kind = "proposal", .state = "open"};
    late.due_before = services.clock.now();
    std::vector<Digest> ids;
    services.store.objects(
        late, [&](model::Object const& object) { ids.push_back(Digest::from_hex(object.name)); });
    model::Event event{"proposal.decided", services.clock.now(), JsonValue(Json::object()), {}};
    for (auto const& id : ids) {
        auto const number = services.store.settled(id);
        if (!number) continue;
        auto const epoch = services.store.epoch(*number);
        for (auto const& result : epoch->results)
            if (result.proposal == id)
                if (auto decided = decided_object(services.store, result, *number))
                    event.writes.push_back(*std::move(decided));
    }
    if (event.writes.empty()) return;
    services.store.write([&](port::Transaction& transaction) { transaction.append_event(event); });
}

void close_disputes(Services& services) {
    model::Event event{"dispute.closed", services.clock.now(), JsonValue(Json::object()), {}};
    event.writes = ended_disputes(services.store);
    if (event.writes.empty()) return;
    services.store.write([&](port::Transaction& transaction) { transaction.append_event(event); });
}

// Signed outside the lock, appended inside it only if the journal is still what the seat decided from: of two
// processes that sign for one seat at the same time, one signature is thrown away unseen. A free slot would
// not do: after a skip that another process has signed, a commit of that attempt must not follow.
bool journal_signature(Services& services, agreement::Sign const& sign_this, std::uint64_t decided_at,
                       Identity const& self) {
    auto const latest = services.store.latest();
    auto const act = sign(sign_this.draft, *latest, services, self);
    auto const content = model::act_from_text(model::envelope_from_text(act.envelope).payload);
    bool appended = false;
    services.store.write([&](port::Transaction& transaction) {
        if (services.store.head().size != decided_at) return;
        if (agreement::slot_taken(services.store, content)) return;
        if (model::reference(*services.store.latest()) != content.epoch) return;
        for (auto const& file : sign_this.files) transaction.put_file(file);
        transaction.append_act(act.envelope);
        appended = true;
    });
    return appended;
}

}  // namespace

Digest genesis_of(port::Store const& store) {
    if (auto const accepted = accepted_genesis(store)) return *accepted;
    if (auto const epoch = store.latest() ? store.epoch(0) : nullptr) return model::reference(*epoch).hash;
    throw base::Error(base::Code::refused, "this workspace knows no consortium yet",
                      "run 'consortium init' to found one, or 'consortium join'");
}

agreement::Ground ground(Services const& services) {
    return {services.store, services.verifier, genesis_of(services.store)};
}

SeatReport seat_step(Services& services, Identity const& self) {
    SeatReport report;
    if (settle_genesis(services)) report.finals.push_back(0);
    close_decided(services);
    close_disputes(services);
    constexpr int most = 10'000;  // more steps than any sync can need: a defect, not work
    for (int step = 0; step < most; ++step) {
        auto const latest = services.store.latest();
        if (!latest) break;
        auto const decided_at = services.store.head().size;
        auto const seat =
            seat_of(services.store, *latest, holds_seat(services, *latest, self) ? self.member : "");
        auto const next = agreement::next_action(services.store, seat, services.clock.now());
        if (auto const* found = std::get_if<agreement::Final>(&next)) {
            journal_final(services, *found, self);
            report.finals.push_back(found->reference.number);
        } else if (auto const* signature = std::get_if<agreement::Sign>(&next)) {
            if (journal_signature(services, *signature, decided_at, self))
                report.signatures.push_back(signature->words);
        } else {
            auto const& wait = std::get<agreement::Wait>(next);
            report.waits = wait.words;
            report.missing = wait.missing;
            report.until = wait.until;
            report.then = wait.then;
            report.needs_person = wait.needs_person;
            return report;
        }
    }
    if (report.waits.empty()) report.waits = "no epoch is final here yet";
    return report;
}

bool note_contradiction(Services& services, Digest const& id) {
    auto const act = services.store.act(id);
    if (!act) return false;
    // One is proof enough: a member that fills a slot ten thousand times does not make more work.
    auto const name = base::sha256(agreement::slot_of(act->act)).hex();
    if (services.store.object("equivocation", name)) return false;
    auto const found = agreement::contradiction(services.store, *act);
    if (!found) return false;
    auto const file = agreement::evidence_file(services.store, *found);
    model::Object object;
    object.kind = "equivocation";
    object.name = name;
    object.state = "open";
    object.member = found->member;
    object.data = JsonValue(Json{{"slot", found->slot},
                                 {"first", found->first.hex()},
                                 {"second", found->second.hex()},
                                 {"file", base::sha256(file).hex()}});
    model::Event const event{"equivocation.found", services.clock.now(), object.data, {object}};
    services.store.write([&](port::Transaction& transaction) {
        transaction.put_file(file);
        transaction.append_event(event);
    });
    return true;
}

std::optional<Digest> welcome(Services& services, Identity const& self, std::string const& nonce) {
    auto const latest = services.store.latest();
    if (!latest || !holds_seat(services, *latest, self)) return std::nullopt;
    auto const body = model::to_json(model::welcome_from_json(Json{{"nonce", nonce}}));
    for (auto const& held : services.store.acts(
             {.kind = "welcome", .subject = {}, .epoch = latest->number, .member = self.member}))
        if (*held.act.body == body) return std::nullopt;
    auto const act = sign({"welcome", {}, JsonValue(body), true}, *latest, services, self);
    services.store.write(
        [&](port::Transaction& transaction) { append_own(services, transaction, act.envelope); });
    return act.id;
}

}  // namespace consortium::flow
