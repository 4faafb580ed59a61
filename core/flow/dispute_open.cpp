// What the parties of a dispute do: open, answer, reveal, strike, appeal.

#include "core/base/error.h"
#include "core/base/text.h"
#include "core/flow/dispute_act.h"
#include "core/flow/proposal.h"

#include <algorithm>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace consortium::flow {

namespace {

using agreement::DisputeView;
using agreement::StageView;
using base::Code;
using base::Digest;
using base::Error;

std::string text_of(model::Request const& request, char const* key) {
    return request.arguments->value(key, std::string());
}

bool is_given(model::Request const& request, char const* key) {
    return request.arguments->contains(key);
}

/// One earlier finding against the member for each rung that was taken, so that the ladder goes on from
/// there.
std::vector<Digest> earlier_findings(State const& state, std::string const& member) {
    std::map<int, Digest> by_rung;
    for (auto const& id : agreement::disputes(state.store)) {
        auto const view = agreement::load_dispute(state.store, id);
        if (!view.close || view.first.stage.complaint.respondent != member) continue;
        auto const close = model::close_from_json(*view.close->act.body);
        if (close.outcome == "upheld" && !close.sanction.empty())
            by_rung.emplace(model::rung_of(close.sanction), view.close->id);
    }
    std::vector<Digest> out;
    out.reserve(by_rung.size());
    for (auto const& [rung, id] : by_rung) out.push_back(id);
    return out;
}

/// The party that this workspace's member is; throws where it is none.
std::size_t own_party(State const& state, StageView const& part) {
    int const party = part.stage.party(state.self.member);
    if (party < 0)
        throw Error(Code::not_authorized,
                    "'" + state.self.member + "' is no party of " + dispute_name(part.stage.dispute),
                    "run 'consortium dispute show " + dispute_name(part.stage.dispute) + "'");
    return static_cast<std::size_t>(party);
}

StageView const& open_part(DisputeView const& view) {
    if (view.close)
        throw Error(Code::conflict, dispute_name(view.first.stage.id) + " is " + view.status(),
                    "run 'consortium dispute show " + dispute_name(view.first.stage.id) + "'");
    return view.last();
}

std::optional<Digest> own_commitment(StageView const& part, std::string const& member) {
    for (auto const& plea : part.pleas)
        if (plea.act.member == member)
            if (auto commitment = model::plea_from_json(*plea.act.body).commitment) return commitment;
    return std::nullopt;
}

model::Plan plead(State const& state, model::Request const& request, StageView const& part) {
    auto said = read_said(request, "text");
    model::Plea body{said.claim, {}};
    bool const commits = own_party(state, part) == 1 && !own_commitment(part, state.self.member);
    if (commits) body.commitment = Digest{};  // a salt is drawn when it is signed
    auto const name = dispute_name(part.stage.dispute);
    return dispute_plan(
        state, request, {{dispute_draft("plea", {part.stage.id}, body), commits ? Salt::commit : Salt::none}},
        name, commits ? "answer " + name + ", and commit to a salt of the draw" : "say more in " + name,
        said.files);
}

/// Under what a reveal is made: the plea with the other's commitment, or as many as are relied on who say
/// that no answer came.
std::vector<Digest> counterpart(StageView const& part) {
    if (part.pins.plea) return {part.pins.plea->id};
    std::vector<Digest> out;
    auto const said = part.pins.overdue.find({"answer", part.stage.parties[1]});
    if (said == part.pins.overdue.end()) return out;
    for (auto const& [group, id] : said->second)
        if (static_cast<int>(out.size()) < part.stage.witnesses) out.push_back(id);
    return out;
}

model::Plan reveal(State const& state, model::Request const& request, StageView const& part) {
    auto const party = own_party(state, part);
    auto const name = dispute_name(part.stage.dispute);
    if (part.pins.reveals.at(party))
        throw Error(Code::conflict, "'" + state.self.member + "' revealed its salt already",
                    "run 'consortium dispute show " + name + "'");
    auto const commitment = party == 0       ? std::optional(part.stage.commitment)
                            : part.pins.plea ? model::plea_from_json(*part.pins.plea->act.body).commitment
                                             : std::nullopt;
    if (!commitment)
        throw Error(Code::refused, "'" + state.self.member + "' has not answered yet",
                    "run 'consortium dispute submit " + name + " --text …'");
    model::Draft draft{"reveal", after(part.stage, counterpart(part)),
                       base::JsonValue(base::Json{{"commitment", commitment->hex()}}), false};
    auto plan = dispute_plan(state, request, {{draft, Salt::reveal}}, name,
                             "reveal the salt of '" + state.self.member + "' in " + name);
    plan.verdict.require("salt", keeps_salt(state, *commitment),
                         "the salt that was committed to is kept in this workspace");
    return plan;
}

model::Plan strike(State const& state, model::Request const& request, StageView const& part) {
    auto const name = dispute_name(part.stage.dispute);
    static_cast<void>(own_party(state, part));
    if (!part.drawn)
        throw Error(Code::refused, "nobody was drawn yet in " + name,
                    "run 'consortium dispute show " + name + "'");
    model::Strike body{request.arguments->value("strike", std::vector<std::string>{})};
    std::sort(body.officers.begin(), body.officers.end());
    auto plan =
        dispute_plan(state, request, {{dispute_draft("strike", after(part.stage, part.basis()), body)}}, name,
                     body.officers.empty() ? "strike nobody of those drawn in " + name
                                           : "strike " + base::join(body.officers, ", ") + " in " + name);
    auto const party = own_party(state, part);
    plan.verdict.require("once", !part.pins.strikes.at(party), "a party says once whom it strikes");
    return plan;
}

}  // namespace

model::Plan plan_dispute_open(State const& state, model::Request const& request) {
    static_cast<void>(state.joined());
    auto said = read_said(request, "text");
    model::Dispute body;
    body.respondent = text_of(request, "operand");
    body.title = text_of(request, "title");
    body.sanction = text_of(request, "sanction");
    if (is_given(request, "about")) body.about = find_proposal(state, text_of(request, "about")).id;
    body.carry = is_given(request, "carry");
    body.prior = earlier_findings(state, body.respondent);
    body.claim = said.claim;
    auto refs = body.prior;
    if (body.about) refs.insert(refs.begin(), *body.about);
    return dispute_plan(
        state, request, {{dispute_draft("dispute", refs, body), Salt::commit}}, body.respondent,
        "open a dispute with '" + body.respondent + "': " + base::printable(body.title), said.files);
}

model::Plan plan_dispute_submit(State const& state, model::Request const& request) {
    auto const view = find_dispute(state, text_of(request, "operand"));
    auto const& part = open_part(view);
    bool const pleads =
        is_given(request, "text") || is_given(request, "exhibit") || is_given(request, "sealed");
    bool const strikes = is_given(request, "strike") || is_given(request, "no-strike");
    if (pleads && strikes)
        throw Error(Code::usage, "an answer and strikes are two acts", "run the command twice");
    if (is_given(request, "strike") && is_given(request, "no-strike"))
        throw Error(Code::usage, "--strike and --no-strike exclude each other");
    if (pleads) return plead(state, request, part);
    if (strikes) return strike(state, request, part);
    return reveal(state, request, part);
}

model::Plan plan_dispute_appeal(State const& state, model::Request const& request) {
    auto const view = find_dispute(state, text_of(request, "operand"));
    static_cast<void>(open_part(view));
    auto const& first = view.first;
    auto const name = dispute_name(first.stage.id);
    if (view.appeal)
        throw Error(Code::conflict, "there is an appeal in " + name + " already",
                    "run 'consortium dispute show " + name + "'");
    auto said = read_said(request, "text");
    auto const refs = after(first.stage, in_force_by(first));
    auto plan = dispute_plan(state, request,
                             {{dispute_draft("appeal", refs, model::Appeal{said.claim, {}}), Salt::commit}},
                             name, "appeal from the ruling in " + name, said.files);
    int const party = first.stage.party(state.self.member);
    bool const waived =
        party >= 0 && first.pins.waived.at(static_cast<std::size_t>(party)).contains(first.outcome());
    plan.verdict.require("waived", !waived, "'" + state.self.member + "' said that it makes no appeal");
    plan.verdict.require("open", !first.pins.passed(first.stage, "appeal", first.outcome()),
                         "enough others say that the time for an appeal has passed");
    plan.verdict.require("in time", !view.appealable || state.now < *view.appealable,
                         view.appealable ? "the time for an appeal ended " + view.appealable->text() : "");
    return plan;
}

}  // namespace consortium::flow
