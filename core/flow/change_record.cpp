#include "core/flow/change_record.h"

#include "core/base/error.h"
#include "core/flow/epoch_words.h"
#include "core/flow/execution.h"
#include "core/flow/proposal.h"
#include "core/flow/proposal_look.h"

#include <algorithm>
#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <tuple>

namespace consortium::flow {

namespace {

using base::Digest;
using base::Json;

bool is_node_action(std::string_view kind) {
    auto const* action = model::find_action(kind);
    return action != nullptr && action->effect == model::Effect::nodes;
}

Json or_null(std::string const& text) {
    return text.empty() ? Json() : Json(text);
}

Json detail_of(model::Action const& action) {
    Json out = Json::array();
    for (auto const& [key, value] : action.detail->items())
        out.push_back({{"key", key}, {"value", value.is_string() ? value : Json(value.dump())}});
    return out;
}

Json what_of(agreement::OpenProposal const& proposal) {
    auto const& body = proposal.body;
    return {{"title", body.title},
            {"action", body.action.kind},
            {"detail", detail_of(body.action)},
            {"digest", model::digest(body.action).hex()}};
}

Json votes_of(ProposalLook const& look) {
    Json out = Json::array();
    for (auto const& one : look.members) {
        auto const said = one.choice.empty() ? "did not vote"
                          : one.by.empty()   ? one.choice
                                             : one.choice + ", through " + one.by;
        out.push_back({{"member", one.member},
                       {"vote", said},
                       {"officer", or_null(one.officer)},
                       {"time", one.time ? Json(one.time->text()) : Json()},
                       // A record is kept in files that nobody erases.
                       {"reason", one.reason_state == "none" ? Json() : Json("given, in private")}});
    }
    return out;
}

Json why_of(agreement::OpenProposal const& proposal) {
    return {{"proposal", proposal.id.hex()},        {"name", model::short_name(proposal.id)},
            {"member", proposal.act.member},        {"officer", proposal.act.officer},
            {"proposed", proposal.act.time.text()}, {"closed", proposal.body.closes.text()},
            {"rule", proposal.decision->id},        {"base", proposal.act.epoch.number}};
}

Json decision_of(State const& state, ProposalLook const& look, Decided const& done) {
    auto const epoch = state.store.epoch(done.epoch);
    auto const final = state.store.object("epoch", std::to_string(done.epoch));
    std::vector<Digest> commits;
    for (auto const& id : final->data->at("commits"))
        commits.push_back(Digest::from_hex(id.get<std::string>()));
    auto const by = agreed(state.store, *epoch, final->data->at("attempt").get<std::int64_t>(), commits);
    return {{"outcome", done.result.outcome},
            {"reason", done.result.reason},
            {"words", look.words},
            {"votes", votes_of(look)},
            {"epoch", done.epoch},
            {"hash", model::reference(*epoch).hash.hex()},
            {"committed", by.members},
            {"received", done.received.text()},
            {"earliest", done.earliest.text()},
            {"lapses", done.lapses.text()}};
}

std::string time_of(Json const& data, std::string_view state) {
    for (auto const& one : data.value("history", Json::array()))
        if (one.at("state") == state) return one.at("time").get<std::string>();
    return {};
}

std::string officer_of(Json const& data) {
    auto const history = data.value("history", Json::array());
    return history.empty() ? std::string() : history.back().at("officer").get<std::string>();
}

/// "block 123 (0x…), 4 seals of 3 needed".
std::string sealed_words(Json const& data) {
    auto const sealed = data.value("sealed", Json());
    if (!sealed.is_object()) return {};
    return fmt::format("block {} ({}), {} seals where {} are needed{}",
                       sealed.at("block").get<std::uint64_t>(), sealed.at("hash").get<std::string>(),
                       sealed.at("seals").get<int>(), sealed.at("quorum").get<int>(),
                       sealed.at("verified").get<bool>() ? ", recomputed here" : "");
}

Json witnesses_of(Json const& data) {
    Json out = Json::array();
    auto const outcome = data.value("outcome", Json());
    for (auto const& one : outcome.is_array() ? outcome : Json::array())
        out.push_back({{"node", one.at("name")}, {"holds", one.at("holds")}, {"words", one.at("words")}});
    return out;
}

Json execution_of(model::Object const& intent) {
    auto const& data = *intent.data;
    auto const& detail = data.at("detail");
    bool const back = detail.is_object() && detail.contains("rollback");
    return {{"intent", intent.name},
            {"node", data.at("node")},
            {"what", back ? "rollback" : data.at("kind").get<std::string>()},
            {"release", detail.is_object() ? detail.value("release", Json()) : Json()},
            {"version", detail.is_object() ? detail.value("version", Json()) : Json()},
            {"state", intent.state},
            {"member", intent.member},
            {"officer", officer_of(data)},
            {"subject", data.at("subject")},
            {"begun", or_null(time_of(data, "open"))},
            {"submitted", or_null(time_of(data, "submitted"))},
            {"finished", or_null(time_of(data, intent.state == "confirmed" ? "confirmed" : "abandoned"))},
            {"witnesses", witnesses_of(data)},
            {"sealed", or_null(sealed_words(data))}};
}

Json executions_of(State const& state, Digest const& proposal) {
    std::vector<Json> all;
    state.store.objects({.kind = "intent"}, [&](model::Object const& object) {
        if (object.data->at("proposal") == proposal.hex()) all.push_back(execution_of(object));
    });
    auto const key = [](Json const& one) {
        auto const& begun = one["begun"].is_null() ? one["finished"] : one["begun"];  // it held already
        // What was begun in the same second: there before back.
        return std::tuple(begun.is_null() ? std::string() : begun.get<std::string>(),
                          one["what"] == "rollback", one["node"].get<std::string>());
    };
    std::sort(all.begin(), all.end(), [&](Json const& a, Json const& b) { return key(a) < key(b); });
    return all;
}

/// What came of it on one's own nodes, in a sentence.
std::string outcome_words(Json const& executions, std::string const& decided) {
    if (decided != "passed") return "not to be carried out: " + decided;
    if (executions.empty()) return "not carried out on nodes of this workspace";
    std::size_t done = 0, back = 0, open = 0, abandoned = 0;
    for (auto const& one : executions) {
        auto const state = one["state"].get<std::string>();
        if (state == "abandoned")
            ++abandoned;
        else if (state != "confirmed")
            ++open;
        else
            ++(one["what"] == "rollback" ? back : done);
    }
    auto out = fmt::format("{} confirmed", done);
    if (back > 0) out += fmt::format(", {} rolled back", back);
    if (open > 0) out += fmt::format(", {} under way", open);
    if (abandoned > 0) out += fmt::format(", {} given up", abandoned);
    return out;
}

Json rollback_of(model::Proposal const& body) {
    if (!body.rollback) return nullptr;
    return {{"release", body.rollback->release}, {"digest", body.rollback->digest.hex()}};
}

}  // namespace

base::Json change_record(State const& state, agreement::OpenProposal const& proposal) {
    auto const done = decided(state, proposal);
    if (!done) {
        auto const name = model::short_name(proposal.id);
        throw base::Error(base::Code::refused,
                          "'" + name + "' is not decided yet: there is no change to record",
                          "run 'consortium proposal watch " + name + "'");
    }
    auto const executions = executions_of(state, proposal.id);
    return {{"name", model::short_name(proposal.id)},
            {"consortium", state.joined().charter.name},
            {"rehearsal", state.joined().rehearsal},
            {"member", state.self.member},
            {"what", what_of(proposal)},
            {"why", why_of(proposal)},
            {"decision", decision_of(state, look_at(state, proposal), *done)},
            {"executions", executions},
            {"outcome", outcome_words(executions, done->result.outcome)},
            {"rollback", rollback_of(proposal.body)}};
}

std::vector<base::Digest> changes(port::Store const& store) {
    std::vector<Digest> out;
    store.objects({.kind = "proposal", .state = "passed"}, [&](model::Object const& object) {
        auto const kind = object.data->at("body").at("action").at("kind").get<std::string>();
        if (is_node_action(kind)) out.push_back(Digest::from_hex(object.name));
    });
    return out;
}

}  // namespace consortium::flow
