#include "core/base/error.h"
#include "core/base/text.h"
#include "core/flow/dispute.h"
#include "core/flow/dispute_step.h"
#include "core/flow/dispute_words.h"
#include "core/flow/proposal.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace consortium::flow {

using base::Code;
using base::Digest;
using base::Error;
using base::Json;
using base::JsonValue;

namespace {

Json text_or_null(std::optional<base::Instant> const& instant) {
    return instant ? Json(instant->text()) : Json();
}

Json exhibits_json(model::Claim const& claim) {
    Json out = Json::array();
    for (auto const& one : claim.exhibits)
        out.push_back({{"name", one.name}, {"digest", one.digest.hex()}, {"sealed", one.sealed}});
    return out;
}

Json rulings_json(StageView const& part) {
    Json out = Json::array();
    for (auto const& [officer, act] : part.pins.rulings) {
        auto const body = model::ruling_from_json(*act.act.body);
        out.push_back({{"officer", officer},
                       {"member", act.act.member},
                       {"act", act.id.hex()},
                       {"finding", body.finding},
                       {"sanction", body.sanction},
                       {"recuse", body.recuse},
                       {"reasons", body.reasons.text},
                       {"exhibits", exhibits_json(body.reasons)}});
    }
    return out;
}

Json pleas_json(StageView const& part) {
    Json out = Json::array();
    for (auto const& act : part.pleas) {
        auto const body = model::plea_from_json(*act.act.body);
        out.push_back({{"member", act.act.member},
                       {"act", act.id.hex()},
                       {"received", act.received.text()},
                       {"text", body.claim.text},
                       {"exhibits", exhibits_json(body.claim)}});
    }
    return out;
}

Json draw_json(StageView const& part) {
    if (!part.drawn) return {};
    return {{"put_in", part.drawn->put_in},
            {"seed", part.drawn->seed.hex()},
            {"drawn", part.drawn->list.officers},
            {"strikes", part.drawn->list.strikes}};
}

Json stage_json(StageView const& part) {
    return {{"id", part.stage.id.hex()},
            {"by", part.stage.parties[0]},
            {"against", part.stage.parties[1]},
            {"seats", part.stage.seats},
            {"waits_for", waits_for(part)},
            {"missing", part.missing},
            {"deadline", text_or_null(part.deadline)},
            {"pleas", pleas_json(part)},
            {"draw", draw_json(part)},
            {"panel", part.panel},
            {"rulings", rulings_json(part)},
            {"finding", part.sum.reached ? Json(policy::finding_of(part.sum.level)) : Json()},
            {"sanction", policy::sanction_of(part.sum.level)},
            {"in_force", part.phase == agreement::Phase::ruled}};
}

Json close_json(agreement::DisputeView const& view) {
    if (!view.close) return {};
    auto const body = model::close_from_json(*view.close->act.body);
    return {{"act", view.close->id.hex()}, {"outcome", body.outcome}, {"sanction", body.sanction}};
}

Json record(agreement::DisputeView const& view) {
    auto const& complaint = view.first.stage.complaint;
    return {{"id", view.first.stage.dispute.hex()},
            {"name", dispute_name(view.first.stage.dispute)},
            {"by", view.first.stage.parties[0]},
            {"respondent", complaint.respondent},
            {"title", complaint.title},
            {"text", complaint.claim.text},
            {"exhibits", exhibits_json(complaint.claim)},
            {"sanction_asked", complaint.sanction},
            {"about", complaint.about ? Json(complaint.about->hex()) : Json()},
            {"carry", complaint.carry},
            {"base", view.first.stage.act.epoch.number},
            {"status", view.status()},
            {"appealable_until", text_or_null(view.appealable)},
            {"first", stage_json(view.first)},
            {"appeal", view.appeal ? stage_json(*view.appeal) : Json()},
            {"close", close_json(view)}};
}

/// The dispute that an act opened or belongs to as an appeal; none for any other.
std::optional<Digest> dispute_of(State const& state, Digest const& id) {
    auto const act = state.store.act(id);
    if (act->act.kind == "dispute") return id;
    return act->act.kind == "appeal" ? std::optional(act->act.refs.at(0)) : std::nullopt;
}

std::string digits_of(std::string_view name) {
    auto digits = std::string(name.starts_with("d-") ? name.substr(2) : name);
    bool const hexadecimal = digits.find_first_not_of("0123456789abcdef") == std::string::npos;
    if (!hexadecimal || digits.size() < 4 || digits.size() > 64)
        throw Error(
            Code::usage, "'" + base::printable(name) + "' does not name a dispute",
            "disputes are named 'd-' and the first digits of their id, see 'consortium dispute list'");
    return digits;
}

std::vector<agreement::DisputeView> every_dispute(port::Store const& store) {
    std::vector<agreement::DisputeView> out;
    for (auto const& id : agreement::disputes(store)) out.push_back(agreement::load_dispute(store, id));
    return out;
}

}  // namespace

agreement::DisputeView find_dispute(State const& state, std::string_view name) {
    static_cast<void>(state.joined());
    std::set<Digest> found;
    for (auto const& id : state.store.act_ids(digits_of(name), 1000))
        if (auto const dispute = dispute_of(state, id)) found.insert(*dispute);
    if (found.empty())
        throw Error(Code::not_found, "no dispute held here is named '" + base::printable(name) + "'",
                    "run 'consortium exchange sync', then 'consortium dispute list'");
    if (found.size() > 1)
        throw Error(Code::conflict, "'" + base::printable(name) + "' names more than one dispute",
                    "name one of them with more digits");
    return agreement::load_dispute(state.store, *found.begin());
}

Digest find_finding(State const& state, std::string_view name) {
    auto const view = find_dispute(state, name);
    if (!view.close)
        throw Error(Code::refused,
                    "there is no finding yet: " + dispute_name(view.first.stage.id) + " is " + view.status(),
                    "run 'consortium dispute show " + dispute_name(view.first.stage.id) + "'");
    return view.close->id;
}

model::Outcome dispute_list(State const& state, model::Request const& request) {
    static_cast<void>(state.joined());
    bool const all = request.arguments->value("all", false);
    model::Table table;
    table.columns = {"dispute", "by", "against", "status", "waits for", "until", "title"};
    table.when_empty = all ? "there was never a dispute" : "no dispute is open; --all shows what was";
    Json items = Json::array();
    for (auto const& view : all ? every_dispute(state.store) : open_disputes(state.store)) {
        auto const& part = view.last();
        items.push_back(record(view));
        table.rows.push_back({dispute_name(view.first.stage.id), view.first.stage.parties[0],
                              view.first.stage.parties[1], view.status(),
                              view.close ? "" : base::join(part.missing, ", "),
                              view.close || !part.deadline ? "" : part.deadline->text(),
                              base::printable(view.first.stage.complaint.title)});
    }
    model::Outcome outcome;
    outcome.schema = "consortium.disputes/1";
    outcome.data = JsonValue(Json{{"items", items}});
    outcome.text.emplace_back(std::move(table));
    return outcome;
}

model::Outcome dispute_show(State const& state, model::Request const& request) {
    auto const view = find_dispute(state, request.arguments->at("operand").get<std::string>());
    model::Outcome outcome;
    outcome.schema = "consortium.dispute/1";
    outcome.data = JsonValue(record(view));
    add_dispute_words(state, view, outcome);
    return outcome;
}

}  // namespace consortium::flow
