#include "core/base/error.h"
#include "core/base/text.h"
#include "core/flow/cost_input.h"
#include "core/flow/exit.h"
#include "core/flow/proposal.h"
#include "core/flow/steps.h"

#include <algorithm>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace consortium::flow {

using base::Code;
using base::Error;
using base::Json;
using model::ExitGate;
using model::Verdict;
using Ruling = model::Verdict::Ruling;

namespace {

std::vector<std::string> waived(model::Request const& request) {
    auto gates = request.arguments->value("waive", std::vector<std::string>{});
    for (auto const& gate : gates)
        if (!can_waive(gate))
            throw Error(Code::usage, "the gate '" + base::printable(gate) + "' cannot be waived",
                        "notice, obligations, settlement and quorum can, by the members' vote");
    return gates;
}

/// All gates as rules; those waived hold, in words that say so.
Verdict verdict_of(std::vector<ExitGate> const& gates, std::vector<std::string> const& waive) {
    Verdict verdict;
    int passed = 0;
    for (auto const& gate : gates) {
        bool const without = std::find(waive.begin(), waive.end(), gate.id) != waive.end();
        bool const holds = gate.ruling == Ruling::allowed || without;
        passed += holds ? 1 : 0;
        verdict.require(gate.id, holds, (without ? "waived: " : "") + gate.words, gate.ruling);
        if (holds) continue;
        verdict.missing.push_back(gate.id);
        if (verdict.next.empty()) verdict.next = gate.next;
    }
    verdict.state = fmt::format("{} of {} gates passed", passed, gates.size());
    return verdict;
}

std::string title_of(model::ExitNotice const& notice, model::Member const& member,
                     std::vector<std::string> const& waive) {
    auto title = fmt::format("{} {}: {}", notice.reason == "voluntary" ? "let go" : "remove", member.name,
                             notice.reason);
    if (!waive.empty()) title += "; without the gates " + base::join(waive, ", ");
    return title;
}

/// After the vote: what is left is to write it down.
model::Plan record_end(model::Plan plan, model::Member const& member, State const& state) {
    auto const known = state.store.object("exit", member.id);
    if (known && known->state == "complete") return plan;
    Json const data{{"member", member.id},
                    {"status", member.status},
                    {"left_at", member.left_at->text()},
                    {"epoch", state.joined().number}};
    plan.steps.push_back(
        event_step("exit.completed", data, {exit_object(member.id, "complete", data)}, member.id,
                   fmt::format("record that {} is no member since {}", member.id, member.left_at->text())));
    plan.verdict.next = "consortium exit report " + member.id + " -o DIR";
    return plan;
}

model::Plan wait_for_vote(model::Plan plan, ExitProposal const& proposal, model::ExitNotice const& notice) {
    auto const name = model::short_name(proposal.id);
    plan.verdict.require("decision", false, name + " is open: the members decide", Ruling::pending);
    plan.verdict.state = name + " is open";
    plan.verdict.missing = {"the decision on " + name};
    plan.verdict.next = "consortium exchange sync, then: consortium exit complete " + notice.member;
    return plan;
}

}  // namespace

model::Plan plan_exit_complete(State const& state, Services& services, model::Request const& request) {
    auto const exit = exit_case(state, text_argument(request, "operand"));
    auto const& epoch = state.joined();
    auto const* member = epoch.member(exit.notice.member);
    if (member == nullptr)
        throw Error(Code::not_found, "'" + exit.notice.member + "' is not a member",
                    "run 'consortium member list'");
    auto const waive = waived(request);

    model::Plan plan;
    plan.request = request;
    plan.epoch = model::reference(epoch);
    plan.danger = exit.notice.member;
    if (!member->belongs()) return record_end(plan, *member, state);
    auto const proposal = exit_proposal(state, exit.notice);
    if (proposal && proposal->state == "open") return wait_for_vote(plan, *proposal, exit.notice);
    plan.verdict = verdict_of(exit_gates({state, exit, services}), waive);
    if (!plan.verdict.allowed()) return plan;
    ProposalOptions options;
    options.title = title_of(exit.notice, *member, waive);
    plan.steps.push_back(propose(state, exit_action(exit.notice), options));
    plan.verdict.next = "consortium exchange sync";
    return plan;
}

}  // namespace consortium::flow
