#include "core/flow/exit.h"

#include "core/base/error.h"
#include "core/base/text.h"
#include "core/flow/cost_input.h"
#include "core/flow/steps.h"

#include <algorithm>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace consortium::flow {

using base::Code;
using base::Error;
using base::Json;
using base::JsonValue;
using model::ExitGate;
using Ruling = model::Verdict::Ruling;

namespace {

std::string month_before(base::Instant now) {
    auto const first = base::Month::from_text(base::Day::of(now).text().substr(0, 7)).begin;
    return base::Day{first.number - 1}.text().substr(0, 7);
}

model::Member const& active_member(State const& state, std::string const& id) {
    auto const* member = state.joined().member(id);
    if (member == nullptr)
        throw Error(Code::not_found, "'" + base::printable(id) + "' is not a member",
                    "run 'consortium member list'");
    if (!member->belongs())
        throw Error(Code::conflict, "'" + id + "' is no member any more: " + member->status,
                    "run 'consortium exit report " + id + " -o DIR'");
    return *member;
}

void check_author(std::string const& member, std::string const& reason, State const& state) {
    bool const own = member == state.self.member;
    if (own && reason != "voluntary")
        throw Error(Code::refused, "a member cannot be " + reason + " by itself",
                    "use --reason voluntary, or let another member open it");
    if (!own && reason == "voluntary")
        throw Error(Code::refused, "only '" + member + "' can leave voluntarily",
                    "use --reason expelled or insolvent, or let its own officer open it");
}

void check_unopened(std::string const& member, State const& state) {
    for (auto const& one : exit_cases(state.store))
        if (one.notice.member == member)
            throw Error(Code::conflict,
                        "notice that '" + member + "' leaves was given on " + one.act.received.text(),
                        "run 'consortium exit check " + member + "'");
}

Json items_of(std::vector<ExitGate> const& gates) {
    Json out = Json::array();
    for (auto const& gate : gates) out.push_back(to_json(gate));
    return out;
}

std::vector<std::string> not_passed(std::vector<ExitGate> const& gates) {
    std::vector<std::string> out;
    for (auto const& gate : gates)
        if (gate.ruling != Ruling::allowed) out.push_back(gate.id);
    return out;
}

Ruling overall(std::vector<ExitGate> const& gates) {
    Ruling out = Ruling::allowed;
    for (auto const& gate : gates) {
        if (gate.ruling == Ruling::refused) return Ruling::refused;
        if (gate.ruling == Ruling::pending) out = Ruling::pending;
    }
    return out;
}

}  // namespace

std::string leaver(State const& state, model::Request const& request) {
    return optional_argument(request, "operand").value_or(state.self.member);
}

model::Object exit_object(std::string const& member, std::string state, Json data) {
    model::Object object{"exit", member, std::move(state), member, {}, {}, 0};
    object.data = JsonValue(std::move(data));
    return object;
}

model::Plan plan_exit_open(State const& state, model::Request const& request) {
    auto const member = optional_argument(request, "member").value_or(state.self.member);
    model::ExitNotice notice{member, text_argument(request, "reason"),
                             optional_argument(request, "settles").value_or(month_before(state.now)),
                             state.joined().charter.exit_notice};
    auto const& name = active_member(state, member).name;
    check_author(member, notice.reason, state);
    check_unopened(member, state);

    model::Plan plan;
    plan.request = request;
    plan.epoch = model::reference(state.joined());
    auto const body = to_json(notice);
    plan.steps.push_back(act_step({"exit", {}, JsonValue(body), false}, member,
                                  fmt::format("give notice: {} leaves ({}), settled by {}, after {}", name,
                                              notice.reason, notice.settles, notice.notice.text())));
    plan.steps.push_back(
        event_step("exit.opened", body, {exit_object(member, "open", body)}, member, "record the exit"));
    plan.verdict.next = "consortium exit check " + member;
    return plan;
}

model::Outcome exit_list(State const& state, model::Request const&) {
    model::Outcome outcome;
    outcome.schema = "consortium.exit-list/1";
    Json items = Json::array();
    model::Table table;
    table.columns = {"member", "reason", "notice", "settles", "status"};
    table.when_empty = "nobody leaves";
    for (auto const& one : exit_cases(state.store)) {
        auto const* member = state.epoch ? state.epoch->member(one.notice.member) : nullptr;
        auto const status = member == nullptr ? std::string("unknown") : member->status;
        items.push_back({{"member", one.notice.member},
                         {"reason", one.notice.reason},
                         {"notice", one.act.received.text()},
                         {"settles", one.notice.settles},
                         {"status", status},
                         {"act", one.act.id.hex()}});
        table.rows.push_back(
            {one.notice.member, one.notice.reason, one.act.received.text(), one.notice.settles, status});
    }
    outcome.data = JsonValue(Json{{"items", items}});
    outcome.text.emplace_back(std::move(table));
    return outcome;
}

model::Outcome exit_check(State const& state, Services& services, model::Request const& request) {
    auto const exit = exit_case(state, leaver(state, request));
    auto const gates = exit_gates({state, exit, services});
    auto const missing = not_passed(gates);
    auto const ruling = overall(gates);

    model::Outcome outcome;
    outcome.schema = "consortium.exit-check/1";
    outcome.data = JsonValue(Json{{"member", exit.notice.member},
                                  {"reason", exit.notice.reason},
                                  {"notice", exit.act.id.hex()},
                                  {"ruling", std::string(model::ruling_text(ruling))},
                                  {"missing", missing},
                                  {"gates", items_of(gates)}});
    model::Fields block;
    block.rows.emplace_back(
        "state", fmt::format("{} of {} gates passed", gates.size() - missing.size(), gates.size()));
    if (!missing.empty()) block.rows.emplace_back("missing", base::join(missing, ", "));
    outcome.text.emplace_back("exit of " + exit.notice.member + ", " + exit.notice.reason);
    outcome.text.emplace_back(std::move(block));
    model::Table table;
    table.columns = {"gate", "answer", "found"};
    for (auto const& gate : gates) {
        table.rows.push_back({gate.id, std::string(model::ruling_text(gate.ruling)), gate.words});
        if (!gate.next.empty()) outcome.next.push_back(gate.next);
    }
    outcome.text.emplace_back(std::move(table));
    if (missing.empty()) outcome.next.push_back("consortium exit complete " + exit.notice.member);
    if (ruling == Ruling::refused) outcome.status = Code::refused;
    if (ruling == Ruling::pending) outcome.status = Code::pending;
    return outcome;
}

model::Plan plan_exit_report(State const& state, model::Request const& request) {
    auto const exit = exit_case(state, leaver(state, request));
    auto const folder = text_argument(request, "out");
    model::Plan plan;
    plan.request = request;
    plan.epoch = model::reference(state.joined());
    plan.steps.push_back({"exit.report", folder,
                          fmt::format("write the report on the exit of {} to {}", exit.notice.member, folder),
                          JsonValue(Json{{"member", exit.notice.member}, {"folder", folder}})});
    return plan;
}

}  // namespace consortium::flow
