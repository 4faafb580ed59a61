#include "core/flow/privacy.h"

#include "core/base/error.h"
#include "core/base/text.h"
#include "core/flow/privacy_order.h"
#include "core/flow/private_part.h"
#include "core/flow/proposal.h"
#include "core/port/vault.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

namespace consortium::flow {

using base::Code;
using base::Error;
using base::Json;
using base::JsonValue;

namespace {

constexpr char ordered_kind[] = "privacy.ordered";
constexpr char readmitted_kind[] = "privacy.readmitted";

/// What an erasure here does not reach; stands in its record.
constexpr std::array<std::string_view, 8> outside{
    "copies that were made otherwise than by 'workspace backup': snapshots, images of the disk, copies of "
    "private/",
    "files that say the words, also inside the workspace: those of 'vote prepare' (FILE.private, FILE.txt), "
    "those that -o and reports wrote, saved plans",
    "histories of shells, and what was swapped out",
    "a workspace restored from an earlier backup, which does not know of it: erase there again before "
    "anything is imported",
    "what was shown, exported, reported or sent before",
    "copies of other members and recipients: each erases its own",
    "history of git, mail and archives that such copies went through",
    "blocks that a disk or file system keeps of files that were overwritten",
};

std::string operand(model::Request const& request) {
    auto subject = request.arguments->at("operand").get<std::string>();
    base::check_name(subject, "person");
    return subject;
}

std::string state_of(port::Store const& store, std::string const& subject) {
    auto const erasure = store.object("erasure", subject);
    return erasure ? erasure->state : std::string();
}

bool is_person(State const& state, std::string const& subject) {
    auto const& officers = state.joined().officers;
    return std::any_of(officers.begin(), officers.end(),
                       [&](model::Officer const& officer) { return officer.person == subject; });
}

void require_known(State const& state, std::string const& subject) {
    if (!state.store.sealed_acts(subject).empty() || is_person(state, subject) ||
        !state_of(state.store, subject).empty())
        return;
    throw Error(Code::not_found, "nothing is known here about a person '" + subject + "'",
                "run 'consortium privacy list'");
}

void require_role(State const& state, model::Verdict& verdict) {
    auto const* officer = state.joined().officer(state.self.officer);
    bool const may = officer != nullptr && may_order(*officer, state.self.member, state.now);
    verdict.require("role", may,
                    "an active officer of this member with role legal or governance orders it; name one with "
                    "--as");
}

/// The decision that it rests on has passed.
std::string decision_of(State const& state, model::Request const& request, model::Verdict& verdict) {
    if (!request.arguments->contains("decision")) return {};
    auto const proposal = find_proposal(state, request.arguments->at("decision").get<std::string>());
    auto const done = decided(state, proposal);
    verdict.require("decision", done && done->result.outcome == "passed",
                    model::short_name(proposal.id) + " has passed");
    return proposal.id.hex();
}

model::Step order_step(State const& state, std::string const& subject, std::string const& reason,
                       std::string const& decision) {
    Json detail{{"subject", subject},
                {"reason", reason},
                {"decision", decision.empty() ? Json() : Json(decision)},
                {"officer", state.self.officer},
                {"member", state.self.member}};
    return {"privacy.order", subject, "journal that '" + state.self.officer + "' orders it: " + reason,
            JsonValue(std::move(detail))};
}

model::Step erase_step(State const& state, std::string const& subject) {
    auto const count = state.store.sealed_acts(subject).size();
    return {"privacy.erase", subject,
            "destroy the key of '" + subject + "' and what is sealed under it: the private parts of " +
                std::to_string(count) + (count == 1 ? " act" : " acts") + "; the acts themselves stay",
            JsonValue(Json{{"subject", subject}})};
}

/// One that a crash left open is gone on with as the operation that it is; where that was given up, what is
/// ordered is still to be done.
std::vector<model::Step> go_on(State const& state, std::string const& subject, model::Plan& plan) {
    auto const open = open_erasure(state.store, subject);
    if (!open) return {erase_step(state, subject)};
    if (open->data->at("request") != digest(plan.request).hex())
        throw Error(Code::conflict, "an erasure of '" + subject + "' was begun with other words",
                    "run 'consortium operation resume " + open->name + "'");
    plan.operation = open->name;
    return open_steps(*open);
}

JsonValue sign_erasure(model::Step const& step, Services& services, Identity const& self) {
    return JsonValue(sign_order(*step.detail, ordered_kind, services, self));
}

JsonValue append_order(model::Step const& step, JsonValue const& order, Services& services,
                       port::Transaction& transaction) {
    model::Object erasure;
    erasure.kind = "erasure";
    erasure.name = step.target;
    erasure.state = "begun";
    auto data = *step.detail;
    data["order"] = *order;
    data["outside"] = outside;
    erasure.member = data["member"].get<std::string>();
    erasure.data = JsonValue(data);
    model::Event event;
    event.kind = ordered_kind;
    event.time = services.clock.now();
    event.body = JsonValue(std::move(data));
    event.writes.push_back(std::move(erasure));
    return JsonValue(Json{{"index", transaction.append_event(event)}});
}

JsonValue sign_readmission(model::Step const& step, Services& services, Identity const& self) {
    return JsonValue(sign_order(*step.detail, readmitted_kind, services, self));
}

JsonValue append_readmission(model::Step const& step, JsonValue const& order, Services& services,
                             port::Transaction& transaction) {
    auto erasure = services.store.object("erasure", step.target);
    if (!erasure) throw Error(Code::internal, "a readmission without an erasure");
    erasure->state = "readmitted";
    auto body = *step.detail;
    body["order"] = *order;
    model::Event event;
    event.kind = readmitted_kind;
    event.time = services.clock.now();
    event.body = JsonValue(std::move(body));
    event.writes.push_back(*std::move(erasure));
    return JsonValue(Json{{"index", transaction.append_event(event)}});
}

/// Under the lock: nobody seals anything about this person meanwhile. The key goes first; without it the rest
/// says nothing, wherever it lies.
Json erase_now(std::string const& subject, Services& services, port::Transaction& transaction) {
    auto erasure = services.store.object("erasure", subject);
    if (!erasure || services.vault == nullptr) throw Error(Code::internal, "an erasure without an order");
    // Done before: the key went before that was said. What came in since, after a readmission, stays.
    if (erasure->state != "begun") return {{"subject", subject}, {"parts", erasure->data->value("parts", 0)}};
    services.vault->destroy(subject);
    auto const parts = transaction.erase_sealed(subject);
    auto data = *erasure->data;
    data["parts"] = parts;
    data["time"] = services.clock.now().text();
    erasure->state = "erased";
    erasure->data = JsonValue(std::move(data));
    model::Event event;
    event.kind = "privacy.erased";
    event.time = services.clock.now();
    event.body = JsonValue(Json{{"subject", subject}, {"parts", parts}, {"outside", outside}});
    event.writes.push_back(*erasure);
    transaction.append_event(event);
    return {{"subject", subject}, {"parts", parts}};
}

JsonValue erase(model::Step const& step, Services& services, Identity const&) {
    auto const subject = step.detail->at("subject").get<std::string>();
    Json result;
    services.store.write(
        [&](port::Transaction& transaction) { result = erase_now(subject, services, transaction); });
    return JsonValue(std::move(result));
}

}  // namespace

std::optional<model::Object> open_erasure(port::Store const& store, std::string const& subject) {
    std::optional<model::Object> found;
    store.objects({.kind = "operation", .state = "open"}, [&](model::Object const& object) {
        for (auto const& step : open_steps(object))
            if (step.action == "privacy.erase" && step.target == subject) found = object;
    });
    return found;
}

Applier const privacy_order_applier{.prepare = sign_erasure, .append = append_order};
Applier const privacy_erase_applier{.remote = erase};
Applier const privacy_readmit_applier{.prepare = sign_readmission, .append = append_readmission};

model::Plan plan_privacy_erase(State const& state, model::Request const& request) {
    auto const subject = operand(request);
    require_known(state, subject);
    model::Plan plan;
    plan.request = request;
    plan.epoch = model::reference(state.joined());
    plan.danger = subject;
    require_role(state, plan.verdict);
    auto const decision = decision_of(state, request, plan.verdict);
    auto const erasure = state.store.object("erasure", subject);
    plan.pins["erasure/" + subject] = erasure ? erasure->version : 0;
    auto const now = erasure ? erasure->state : std::string();
    if (now == "erased") {
        plan.warnings.push_back("'" + subject + "' was erased at " +
                                erasure->data->at("time").get<std::string>());
        return plan;
    }
    if (now == "begun") {
        plan.steps = go_on(state, subject, plan);
    } else {
        plan.steps.push_back(
            order_step(state, subject, request.arguments->at("reason").get<std::string>(), decision));
        plan.steps.push_back(erase_step(state, subject));
    }
    for (auto const& words : outside) plan.warnings.push_back("not reached: " + std::string(words));
    if (is_person(state, subject))
        plan.warnings.push_back("'" + subject +
                                "' still signs: what such acts say in private is refused here "
                                "until 'consortium privacy readmit " +
                                subject + "'");
    plan.verdict.next = "consortium privacy list";
    return plan;
}

model::Plan plan_privacy_readmit(State const& state, model::Request const& request) {
    auto const subject = operand(request);
    auto const erasure = state.store.object("erasure", subject);
    if (!erasure)
        throw Error(Code::not_found, "nothing about '" + subject + "' was erased here",
                    "run 'consortium privacy list'");
    model::Plan plan;
    plan.request = request;
    plan.epoch = model::reference(state.joined());
    plan.pins["erasure/" + subject] = erasure->version;
    require_role(state, plan.verdict);
    plan.verdict.require("erased", erasure->state != "begun", "the erasure is finished");
    if (erasure->state == "readmitted") return plan;
    Json detail{{"subject", subject}, {"officer", state.self.officer}, {"member", state.self.member}};
    plan.steps.push_back(
        {"privacy.readmit", subject,
         "journal that '" + state.self.officer + "' lets private parts about '" + subject + "' come in again",
         JsonValue(std::move(detail))});
    return plan;
}

}  // namespace consortium::flow
