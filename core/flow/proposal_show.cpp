#include "core/agreement/result.h"
#include "core/base/error.h"
#include "core/base/text.h"
#include "core/flow/dispute.h"
#include "core/flow/epoch_words.h"
#include "core/flow/proposal.h"
#include "core/flow/proposal_change.h"
#include "core/policy/tally.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace consortium::flow {

using base::Json;
using base::JsonValue;

namespace {

std::string operand(model::Request const& request) {
    return request.arguments->at("operand").get<std::string>();
}

std::string state_of(State const& state, agreement::OpenProposal const& proposal) {
    if (auto const done = decided(state, proposal)) return done->result.outcome;
    return state.now < proposal.body.closes ? "open" : "closed, being counted";
}

Json record(State const& state, agreement::OpenProposal const& proposal) {
    auto const done = decided(state, proposal);
    auto data = model::to_json(proposal.body);
    if (!data.contains("rollback")) data["rollback"] = nullptr;
    data["id"] = proposal.id.hex();
    data["name"] = model::short_name(proposal.id);
    data["member"] = proposal.act.member;
    data["officer"] = proposal.act.officer;
    data["base"] = proposal.act.epoch.number;
    data["finding"] = proposal.body.finding ? Json(proposal.body.finding->hex()) : Json();
    data["decision"] = proposal.decision->id;
    data["state"] = done ? done->result.outcome : state.now < proposal.body.closes ? "open" : "closed";
    data["epoch"] = done ? Json(done->epoch) : Json();
    data["earliest"] = done ? Json(done->earliest.text()) : Json();
    return data;
}

std::string detail_words(model::Action const& action) {
    std::vector<std::string> parts;
    for (auto const& [key, value] : action.detail->items()) {
        parts.push_back(key + " " +
                        (value.is_string() ? base::printable(value.get<std::string>()) : value.dump()));
    }
    return base::join(parts, ", ");
}

/// The dispute that was closed with this finding.
std::string finding_words(State const& state, base::Digest const& finding) {
    auto const closed = state.store.act(finding);
    if (!closed) return finding.hex();
    auto const stage = agreement::load_stage(state.store, model::subject_of(closed->act));
    return dispute_name(stage.dispute) + "  " + base::printable(stage.complaint.title);
}

model::Fields fields_of(State const& state, agreement::OpenProposal const& proposal) {
    auto const& body = proposal.body;
    model::Fields fields;
    fields.rows = {{"proposal", model::short_name(proposal.id) + "  " + base::printable(body.title)},
                   {"id", proposal.id.hex()},
                   {"by", proposal.act.officer + " of " + proposal.act.member},
                   {"action", body.action.kind + ": " + detail_words(body.action)},
                   {"digest", model::digest(body.action).hex()},
                   {"decided by", fmt::format("'{}' of the charter in epoch {}", proposal.decision->id,
                                              proposal.act.epoch.number)},
                   {"track", body.track},
                   {"closes", body.closes.text()},
                   {"state", state_of(state, proposal)}};
    if (body.rollback)
        fields.rows.emplace_back("way back",
                                 fmt::format("{}, SHA-256 {}", base::printable(body.rollback->release),
                                             body.rollback->digest.hex()));
    for (auto const& one : body.preconditions)
        fields.rows.emplace_back(
            "only if",
            base::printable(fmt::format(
                "{} is '{}'", one.subject.empty() ? one.kind : one.kind + " " + one.subject, one.value)));
    for (auto const& [step, member] : body.executor)
        fields.rows.emplace_back("executor", fmt::format("step {}: {}", step, member));
    if (proposal.body.finding)
        fields.rows.emplace_back("rests on", finding_words(state, *proposal.body.finding));
    if (auto const done = decided(state, proposal)) {
        fields.rows.emplace_back("decided in", "epoch " + std::to_string(done->epoch));
        if (done->result.outcome == "passed") {
            fields.rows.emplace_back("not before", done->earliest.text());
            fields.rows.emplace_back("lapses", done->lapses.text());
        }
        if (!done->result.reason.empty()) fields.rows.emplace_back("because", done->result.reason);
    }
    return fields;
}

/// The pinned tally once it is decided; before that, what the ballots held here would add up to.
std::pair<Json, std::string> tally_of(State const& state, agreement::OpenProposal const& proposal) {
    if (auto const done = decided(state, proposal)) {
        auto const& tally = *done->result.tally;
        return {tally, tally.is_object() ? tally.value("words", "") : "never counted"};
    }
    auto const standing = agreement::standing(state.store, state.joined(), proposal);
    return {policy::to_json(standing.tally), standing.tally.words};
}

std::vector<std::pair<std::string, std::string>> votes_of(State const& state,
                                                          agreement::OpenProposal const& proposal) {
    std::map<std::string, std::pair<std::int64_t, std::string>> last;
    for (auto const& held : state.store.acts({.kind = "ballot", .subject = proposal.id})) {
        auto const revision = held.act.body->at("revision").get<std::int64_t>();
        auto& kept = last[held.act.member];
        if (kept.second.empty() || revision > kept.first) {
            kept = {revision, held.act.body->at("choice").get<std::string>()};
        }
    }
    std::vector<std::pair<std::string, std::string>> out;
    out.reserve(last.size());
    for (auto const& [member, vote] : last) {
        out.emplace_back(member, vote.first == 0 ? vote.second : vote.second + " (changed)");
    }
    return out;
}

}  // namespace

model::Outcome proposal_list(State const& state, model::Request const& request) {
    static_cast<void>(state.joined());
    port::ObjectQuery query;
    query.kind = "proposal";
    if (!request.arguments->value("all", false)) query.state = "open";
    model::Table table;
    table.columns = {"proposal", "action", "by", "closes", "state", "title"};
    table.when_empty =
        query.state.empty() ? "nothing was ever proposed" : "nothing is open; --all shows what was";
    Json items = Json::array();
    state.store.objects(query, [&](model::Object const& object) {
        auto const proposal = load_proposal(state, base::Digest::from_hex(object.name));
        items.push_back(record(state, proposal));
        table.rows.push_back({model::short_name(proposal.id), proposal.body.action.kind, proposal.act.member,
                              proposal.body.closes.text(), state_of(state, proposal),
                              base::printable(proposal.body.title)});
    });
    model::Outcome outcome;
    outcome.schema = "consortium.proposals/1";
    outcome.data = JsonValue(Json{{"items", items}});
    outcome.text.emplace_back(std::move(table));
    return outcome;
}

model::Outcome proposal_show(State const& state, port::Certifier const& certifier,
                             model::Request const& request) {
    auto const proposal = find_proposal(state, operand(request));
    auto const change = change_of(state, certifier, proposal);
    model::Outcome outcome;
    outcome.schema = "consortium.proposal/1";
    auto data = record(state, proposal);
    data["change"] = to_json(change);
    outcome.data = JsonValue(std::move(data));
    outcome.text.emplace_back(fields_of(state, proposal));
    for (auto& paragraph : in_words(change)) outcome.text.push_back(std::move(paragraph));
    if (state_of(state, proposal) == "open") {
        outcome.next = {"consortium vote cast " + model::short_name(proposal.id) + " --choice yes"};
    }
    return outcome;
}

model::Outcome proposal_tally(State const& state, model::Request const& request) {
    auto const proposal = find_proposal(state, operand(request));
    auto const [tally, words] = tally_of(state, proposal);
    auto const votes = votes_of(state, proposal);
    model::Table table;
    table.columns = {"member", "vote"};
    table.when_empty = "nobody has voted yet";
    Json ballots = Json::array();
    for (auto const& [member, vote] : votes) {
        table.rows.push_back({member, vote});
        ballots.push_back({{"member", member}, {"choice", vote}});
    }
    model::Outcome outcome;
    outcome.schema = "consortium.tally/1";
    outcome.data = JsonValue(Json{{"proposal", proposal.id.hex()},
                                  {"state", state_of(state, proposal)},
                                  {"closes", proposal.body.closes.text()},
                                  {"tally", tally},
                                  {"ballots", ballots}});
    auto const done = decided(state, proposal);
    outcome.text.emplace_back(done ? words : "if it closed now: " + words);
    outcome.text.emplace_back(std::move(table));
    return outcome;
}

model::Outcome proposal_execute(State const& state, model::Request const& request) {
    auto const proposal = find_proposal(state, operand(request));
    auto const done = decided(state, proposal);
    model::Outcome outcome;
    outcome.schema = "consortium.execution/1";
    outcome.data = JsonValue(record(state, proposal));
    if (!done) {
        outcome.text.emplace_back("not decided yet: it closes " + proposal.body.closes.text());
        outcome.status = base::Code::pending;
        outcome.next = {"consortium exchange sync"};
    } else if (done->result.outcome != "passed") {
        outcome.text.emplace_back(in_words(done->result));
        outcome.status = base::Code::refused;
    } else {
        outcome.text.emplace_back(fmt::format("epoch {} has enacted it; nothing is left to do", done->epoch));
    }
    return outcome;
}

}  // namespace consortium::flow
