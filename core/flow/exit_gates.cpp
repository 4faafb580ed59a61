#include "core/account/allocation.h"
#include "core/base/text.h"
#include "core/flow/cost.h"
#include "core/flow/exit_case.h"

#include <algorithm>
#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <set>

namespace consortium::flow {

using model::ExitGate;
using Ruling = model::Verdict::Ruling;

namespace {

std::string join(std::set<std::string> const& names) {
    std::vector<std::string> const parts(names.begin(), names.end());
    return base::join(parts, ", ");
}

/// What the member owes the others: proposals that it opened or must carry out.
std::vector<model::GateEvidence> open_duties(GateInput const& input) {
    std::vector<model::GateEvidence> out;
    auto const& member = input.exit.notice.member;
    auto const own = exit_proposal(input.state, input.exit.notice);
    port::ObjectQuery query;
    query.kind = "proposal";
    query.state = "open";
    input.state.store.objects(query, [&](model::Object const& object) {
        auto const id = base::Digest::from_hex(object.name);
        if (own && own->id == id) return;
        auto const act = input.state.store.act(id);
        if (!act) return;
        auto const proposal = model::proposal_from_json(*act->act.body);
        bool const executes = std::any_of(proposal.executor.begin(), proposal.executor.end(),
                                          [&](auto const& step) { return step.second == member; });
        if (act->act.member != member && !executes) return;
        out.push_back({"act", model::short_name(id) + " " + proposal.title, id, {}});
    });
    return out;
}

/// Who stands for the allocation: who stated it, and who approved its document.
std::set<std::string> signers_of(port::Store const& store, HeldAllocation const& held,
                                 std::vector<model::GateEvidence>& evidence) {
    std::set<std::string> members{held.issuer};
    for (auto const& act :
         store.acts({.kind = "approval", .subject = held.digest, .epoch = {}, .member = {}})) {
        members.insert(act.act.member);
        evidence.push_back({"act", "approved by " + act.act.officer + " of " + act.act.member, act.id, {}});
    }
    return members;
}

std::string owed(HeldAllocation const& held, std::string const& member) {
    std::int64_t sum = 0;
    for (auto const& line : held.allocation.lines)
        if (line.member == member) sum += line.minor;
    return base::Money{sum, held.allocation.inputs.currency}.text() + " " +
           held.allocation.inputs.currency.code;
}

}  // namespace

ExitGate notice_gate(GateInput const& input) {
    auto const& exit = input.exit;
    ExitGate gate{"notice", Ruling::allowed, {}, {}, {}};
    gate.evidence.push_back({"act",
                             fmt::format("notice by {} of {}", exit.act.act.officer, exit.act.act.member),
                             exit.act.id,
                             {}});
    auto const until = exit.act.received + exit.notice.notice;
    gate.words = fmt::format("{}, received {}", exit.notice.reason, exit.act.received.text());
    if (exit.notice.reason != "voluntary") return gate;
    gate.words += fmt::format("; the period of {} ends {}", exit.notice.notice.text(), until.text());
    if (input.state.now >= until) return gate;
    gate.ruling = Ruling::pending;
    gate.next = "consortium exit check " + exit.notice.member;
    return gate;
}

ExitGate obligations_gate(GateInput const& input) {
    ExitGate gate{"obligations", Ruling::allowed, "no proposal of it is open, and none waits for it", {}, {}};
    gate.evidence = open_duties(input);
    if (gate.evidence.empty()) return gate;
    gate.ruling = Ruling::pending;
    gate.words =
        fmt::format("{} open proposals are its own or are to be carried out by it", gate.evidence.size());
    gate.next = "consortium proposal list";
    return gate;
}

ExitGate settlement_gate(GateInput const& input) {
    auto const& notice = input.exit.notice;
    ExitGate gate{
        "settlement", Ruling::pending, {}, {}, "consortium cost allocate --month " + notice.settles};
    auto const held = held_allocations(input.state.store, notice.settles);
    if (held.empty()) {
        gate.words = "the costs of " + notice.settles + " are not allocated";
        return gate;
    }
    auto const& last = held.back();
    gate.evidence.push_back({"act", "stated by " + last.issuer, last.act, {}});
    gate.evidence.push_back({"file", "allocation of " + notice.settles, last.digest, {}});
    if (!account::differences(last.allocation).empty()) {
        gate.ruling = Ruling::refused;
        gate.words = "the allocation of " + notice.settles + " does not follow from its inputs";
        gate.next = "consortium cost verify " + notice.settles;
        return gate;
    }
    auto const signers = signers_of(input.state.store, last, gate.evidence);
    gate.words = fmt::format("{}: {} to pay, due {}, signed by {}", notice.settles, owed(last, notice.member),
                             last.allocation.inputs.due.text(), join(signers));
    bool const by_others = std::any_of(signers.begin(), signers.end(),
                                       [&](std::string const& one) { return one != notice.member; });
    gate.ruling = by_others ? Ruling::allowed : Ruling::pending;
    gate.next = by_others ? std::string() : "consortium approval sign " + last.digest.hex();
    return gate;
}

ExitGate quorum_gate(GateInput const& input) {
    auto const& epoch = input.state.joined();
    auto const before = model::sizes(epoch);
    auto const* member = epoch.member(input.exit.notice.member);
    bool const votes = member != nullptr && member->votes && member->status == "active";
    int const left = before.n - (votes ? 1 : 0);
    ExitGate gate{"quorum", Ruling::allowed, {}, {}, {}};
    gate.evidence.push_back(
        {"epoch", fmt::format("epoch {}", epoch.number), model::reference(epoch).hash, {}});
    if (left < 1) {
        gate.ruling = Ruling::refused;
        gate.words = "nobody would be left to decide";
        return gate;
    }
    auto const after = model::sizes(left, epoch.charter.raised_quorum);
    gate.words = fmt::format("{} voting members become {}; quorum {} becomes {}, {} may fail instead of {}",
                             before.n, after.n, before.q, after.q, after.f, before.f);
    if (!votes)
        gate.words = fmt::format("the {} voting members, quorum {}, of whom {} may fail, stay as they are",
                                 after.n, after.q, after.f);
    if (after.n >= 4 || !votes) return gate;
    gate.ruling = Ruling::refused;
    gate.words += ": with fewer than four, one cheat can fork the consortium";
    gate.next = "consortium exit complete " + input.exit.notice.member + " --waive quorum";
    return gate;
}

}  // namespace consortium::flow
