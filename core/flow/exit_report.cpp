#include "core/flow/exit_report.h"

#include "core/account/statement.h"
#include "core/base/text.h"
#include "core/flow/cited_acts.h"
#include "core/flow/cost.h"

#include <algorithm>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace consortium::flow {

using base::Json;

namespace {

Json nullable(std::optional<base::Instant> const& instant) {
    return instant ? Json(instant->text()) : Json();
}

Json party(model::Epoch const& epoch, std::string const& id) {
    auto const* member = epoch.member(id);
    if (member == nullptr)
        return {{"id", id},
                {"name", id},
                {"tier", nullptr},
                {"status", "unknown"},
                {"joined_at", nullptr},
                {"left_at", nullptr}};
    return {{"id", id},
            {"name", member->name},
            {"tier", member->tier},
            {"status", member->status},
            {"joined_at", member->joined_at.text()},
            {"left_at", nullable(member->left_at)}};
}

Json others(model::Epoch const& epoch, std::string const& leaver) {
    Json out = Json::array();
    for (auto const& member : epoch.members)
        if (member.id != leaver)
            out.push_back({{"id", member.id}, {"name", member.name}, {"status", member.status}});
    return out;
}

Json trigger(ExitCase const& exit) {
    return {{"reason", exit.notice.reason},        {"given_by", exit.act.act.member},
            {"officer", exit.act.act.officer},     {"received", exit.act.received.text()},
            {"notice", exit.notice.notice.text()}, {"ends", (exit.act.received + exit.notice.notice).text()},
            {"settles", exit.notice.settles},      {"act", exit.act.id.hex()}};
}

Json decision(GateInput const& input, Citations& cited) {
    auto const proposal = exit_proposal(input.state, input.exit.notice);
    if (!proposal) return nullptr;
    auto const body = model::proposal_from_json(*input.state.store.act(proposal->id)->act.body);
    cited.emplace(proposal->id, "opens " + body.action.kind);
    Json out{{"proposal", proposal->id.hex()},
             {"name", model::short_name(proposal->id)},
             {"title", body.title},
             {"action", body.action.kind},
             {"outcome", proposal->state},
             {"epoch", nullptr},
             {"epoch_hash", nullptr},
             {"counted", 0},
             {"excluded", 0}};
    model::Result const* result = nullptr;
    auto const epoch = deciding_epoch(input.state, proposal->id, result);
    if (!epoch) return out;
    out["outcome"] = result->outcome;
    out["epoch"] = epoch->number;
    out["epoch_hash"] = model::reference(*epoch).hash.hex();
    out["counted"] = result->counted.size();
    out["excluded"] = result->excluded.size();
    for (auto const& ballot : result->counted) cited.emplace(ballot, "ballot, counted");
    for (auto const& statement : result->statements)
        cited.emplace(statement, "states which ballots were held");
    cite_commits(input.state, epoch->number, cited);
    return out;
}

/// Gates that a decision did without are named at the end of its title.
bool is_waived(Json const& decision, std::string const& gate) {
    if (decision.is_null()) return false;
    auto const title = decision["title"].get<std::string>();
    auto const at = title.find("; without the gates ");
    return at != std::string::npos && title.find(gate, at) != std::string::npos;
}

Json gates(GateInput const& input, Json const& decided, Citations& cited) {
    Json out = Json::array();
    for (auto const& gate : exit_gates(input)) {
        auto record = to_json(gate);
        record["waived"] = is_waived(decided, gate.id);
        for (auto const& evidence : gate.evidence)
            if (evidence.kind == "act") cited.emplace(evidence.digest, gate.id + ": " + evidence.words);
        out.push_back(std::move(record));
    }
    return out;
}

Json settlement(GateInput const& input) {
    Json out = Json::array();
    auto const& notice = input.exit.notice;
    for (auto const& held : held_allocations(input.state.store, notice.settles))
        for (auto const& invoice : account::statements(held.allocation, input.state.joined().charter.name))
            if (invoice.party.member == notice.member) out.push_back(to_json(invoice));
    return out;
}

/// Validator decisions about the member, so that the acts behind them are cited.
void cite_removals(GateInput const& input, Citations& cited) {
    for (auto const& act :
         input.state.store.acts({.kind = "proposal", .subject = {}, .epoch = {}, .member = {}})) {
        auto const action = model::proposal_from_json(*act.act.body).action;
        if (action.kind == "validator.remove" &&
            action.detail->value("member", std::string()) == input.exit.notice.member)
            cited.emplace(act.id, "opens validator.remove");
    }
}

Json residual(GateInput const& input) {
    auto const& member = input.exit.notice.member;
    Json out = Json::array();
    auto const add = [&](std::string what, std::string where, std::string why) {
        out.push_back({{"what", std::move(what)}, {"where", std::move(where)}, {"why", std::move(why)}});
    };
    auto const held =
        input.state.store.acts({.kind = {}, .subject = {}, .epoch = {}, .member = member}).size();
    add(fmt::format("{} acts signed by its officers and its seat", held), "the journals of all members",
        "epochs and decisions cannot be verified without them; they name officers by pseudonym");
    add("its record, officers' pseudonyms and public keys", "the documents of the epochs",
        "an enacted act stays valid and must stay checkable");
    add("its statements and the allocations that name it", "members' workspaces and the signed documents",
        "accounts of closed periods are kept, never recomputed");
    if (!input.state.joined().trust_bundle->is_null())
        add("its certificates and their revocations", "the issuing authority's journal and its lists",
            "revocation must stay visible until each certificate has expired");
    return out;
}

Json not_checked() {
    return {"what is on the ledgers: endorsement or collection policies, allowlists and contracts naming it",
            "tokens, accounts and roles at services outside the consortium",
            "return of data to it, and erasure at the other members, which can be attested, never proven",
            "payment of the settled amount, deposits and taxes",
            "retention periods: the charter names none",
            "that nothing was withheld: a journal proves what was committed and in which order"};
}

}  // namespace

Json exit_report(GateInput const& input) {
    auto const& epoch = input.state.joined();
    auto const& notice = input.exit.notice;
    auto const genesis = input.state.store.epoch(0);
    auto const head = input.state.store.head();
    Citations cited;
    auto const decided = decision(input, cited);
    auto const answered = gates(input, decided, cited);
    cite_removals(input, cited);
    bool const complete = party(epoch, notice.member)["status"] != "active";
    bool const passed = std::all_of(answered.begin(), answered.end(), [](Json const& gate) {
        return gate["ruling"] == "allowed" || gate["waived"] == true;
    });
    return {{"type", "consortium.exit-report/1"},
            {"consortium",
             {{"name", epoch.charter.name},
              {"id", genesis ? Json(model::reference(*genesis).hash.hex()) : Json()},
              {"rehearsal", epoch.rehearsal}}},
            {"epoch", {{"number", epoch.number}, {"hash", model::reference(epoch).hash.hex()}}},
            {"made",
             {{"at", input.state.now.text()},
              {"member", input.state.self.member},
              {"officer", input.state.self.officer}}},
            {"complete", complete},
            {"passed", passed},
            {"party", party(epoch, notice.member)},
            {"others", others(epoch, notice.member)},
            {"trigger", trigger(input.exit)},
            {"decision", decided},
            {"gates", answered},
            {"settlement", settlement(input)},
            {"residual", residual(input)},
            {"not_checked", not_checked()},
            {"acts", cited_acts(input.state.store, cited, head)},
            {"journal", journal_record(input.services, head)}};
}

}  // namespace consortium::flow
