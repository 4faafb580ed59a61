#include "core/flow/exit_report.h"

#include "core/account/statement.h"
#include "core/base/text.h"
#include "core/flow/audit.h"
#include "core/flow/cost.h"
#include "core/journal/proof.h"
#include "core/journal/tile.h"

#include <algorithm>
#include <fmt/format.h>
#include <map>
#include <nlohmann/json.hpp>

namespace consortium::flow {

using base::Digest;
using base::Json;

namespace {

/// Acts by id with what they are cited for, each once.
using Citations = std::map<Digest, std::string>;

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

/// The final epoch that holds the result of a proposal.
std::shared_ptr<model::Epoch const> deciding_epoch(State const& state, Digest const& proposal,
                                                   model::Result const*& result) {
    for (auto number = state.joined().number + 1; number-- > 0;) {
        auto epoch = state.store.epoch(number);
        if (!epoch) break;
        for (auto const& one : epoch->results)
            if (one.proposal == proposal) {
                result = &one;
                return epoch;
            }
    }
    return nullptr;
}

void cite_commits(State const& state, std::uint64_t epoch, Citations& cited) {
    auto const object = state.store.object("epoch", std::to_string(epoch));
    if (!object) return;
    for (auto const& commit : object->data->value("commits", Json::array()))
        cited.emplace(Digest::from_hex(commit.get<std::string>()), fmt::format("commits to epoch {}", epoch));
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

journal::Proof prove(port::Store const& store, std::uint64_t index, port::Head const& head,
                     journal::SubtreeReader const& read) {
    return {store.entry(index).leaf, index, journal::inclusion_proof(index, head.size, read),
            head.checkpoint};
}

Json acts(GateInput const& input, Citations const& cited, port::Head const& head) {
    auto const& store = input.state.store;
    auto const read =
        journal::subtrees_of([&](int level, std::uint64_t number) { return store.tile(level, number); });
    std::vector<model::StoredAct> found;
    for (auto const& [id, why] : cited)
        if (auto act = store.act(id)) found.push_back(std::move(*act));
    std::sort(found.begin(), found.end(),
              [](auto const& left, auto const& right) { return left.index < right.index; });
    Json out = Json::array();
    for (auto const& act : found)
        out.push_back({{"id", act.id.hex()},
                       {"name", model::short_name(act.id)},
                       {"kind", act.act.kind},
                       {"member", act.act.member},
                       {"officer", act.act.officer},
                       {"received", act.received.text()},
                       {"index", act.index},
                       {"why", cited.at(act.id)},
                       {"file", fmt::format("proofs/{}.tlog-proof", act.index)},
                       {"proof", prove(store, act.index, head, read).text()}});
    return out;
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

Json journal_record(GateInput const& input, port::Head const& head) {
    auto const key = own_log_key(input.services);
    return {{"origin", key.name},
            {"size", head.size},
            {"root", head.root.hex()},
            {"checkpoint", head.checkpoint},
            {"vkey", key.vkey()}};
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
            {"acts", acts(input, cited, head)},
            {"journal", journal_record(input, head)}};
}

}  // namespace consortium::flow
