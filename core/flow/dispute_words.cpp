#include "core/flow/dispute_words.h"

#include "core/base/text.h"
#include "core/flow/dispute_step.h"
#include "core/model/proposal.h"

#include <algorithm>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace consortium::flow {

using agreement::DisputeView;
using agreement::Phase;

namespace {

std::string exhibits_words(model::Claim const& claim) {
    std::vector<std::string> out;
    out.reserve(claim.exhibits.size());
    for (auto const& one : claim.exhibits)
        out.push_back(fmt::format("{} ({}{})", base::printable(one.name), one.digest.brief(),
                                  one.sealed ? ", sealed" : ""));
    return base::join(out, ", ");
}

std::string said(model::Claim const& claim) {
    auto out = base::printable(claim.text);
    if (auto const exhibits = exhibits_words(claim); !exhibits.empty())
        out += (out.empty() ? "exhibits: " : "; exhibits: ") + exhibits;
    return out;
}

std::string sanction_words(StageView const& part, std::string const& sanction) {
    if (sanction == "warn") return "a warning";
    if (sanction == "rotate_node") return "its node is rotated out";
    if (sanction == "expel") return "expulsion";
    if (sanction != "suspend_vote") return "no sanction";
    for (auto const& rung : part.stage.base->charter.sanctions)
        if (rung.step == sanction) return "its vote is suspended for " + rung.lasts.text();
    return "its vote is suspended";
}

std::string seat_words(StageView const& part, std::string const& officer) {
    auto const* known = part.stage.base->officer(officer);
    return known == nullptr ? officer : officer + " of " + known->member;
}

std::string people(StageView const& part, std::vector<std::string> const& officers) {
    std::vector<std::string> out;
    out.reserve(officers.size());
    for (auto const& officer : officers) out.push_back(seat_words(part, officer));
    return base::join(out, ", ");
}

void add_draw(StageView const& part, model::Fields& fields) {
    if (!part.drawn) return;
    if (part.stage.is_appeal()) fields.rows.emplace_back("id", part.stage.id.hex());
    for (std::size_t i = 0; i < 2; ++i)
        fields.rows.emplace_back("salt of " + part.stage.parties.at(i), part.drawn->put_in.at(i));
    fields.rows.emplace_back("seed", part.drawn->seed.hex());
    fields.rows.emplace_back("drawn", people(part, part.drawn->list.officers));
    for (std::size_t i = 0; i < 2; ++i) {
        auto const& strike = part.pins.strikes.at(i);
        auto const names =
            strike ? model::strike_from_json(*strike->act.body).officers : std::vector<std::string>{};
        if (!strike) continue;
        auto words = names.empty() ? std::string("nobody") : base::join(names, ", ");
        if (part.pins.contradicted.at(i)) words = "nobody: it said two different things";
        fields.rows.emplace_back(part.stage.parties.at(i) + " strikes", words);
    }
    if (!part.panel.empty()) fields.rows.emplace_back("panel", people(part, part.panel));
}

void add_rulings(StageView const& part, model::Fields& fields) {
    for (auto const& [officer, act] : part.pins.rulings) {
        auto const body = model::ruling_from_json(*act.act.body);
        auto words =
            body.finding + (body.finding == "upheld" ? ", " + sanction_words(part, body.sanction) : "");
        if (!body.recuse.empty()) words += "; not to vote on it: " + base::join(body.recuse, ", ");
        fields.rows.emplace_back("ruling of " + officer, words + ": " + said(body.reasons));
    }
    if (part.phase != Phase::ruled) return;
    auto words = policy::finding_of(part.sum.level);
    if (part.sum.level > 0) words += ", " + sanction_words(part, policy::sanction_of(part.sum.level));
    fields.rows.emplace_back("the panel", words);
    if (auto const out = agreement::recused(part.rulings, part.panel); !out.empty())
        fields.rows.emplace_back("do not vote on it", base::join(out, ", "));
}

model::Fields stage_fields(StageView const& part) {
    model::Fields fields;
    for (auto const& plea : part.pleas)
        fields.rows.emplace_back(plea.act.member + " says",
                                 said(model::plea_from_json(*plea.act.body).claim));
    add_draw(part, fields);
    add_rulings(part, fields);
    if (part.phase != Phase::ruled) {
        fields.rows.emplace_back("waits", waiting_words(part));
        if (part.deadline) fields.rows.emplace_back("until", part.deadline->text());
    }
    return fields;
}

model::Fields head(DisputeView const& view) {
    auto const& stage = view.first.stage;
    auto const& complaint = stage.complaint;
    model::Fields fields;
    fields.rows = {{"dispute", dispute_name(stage.id) + "  " + base::printable(complaint.title)},
                   {"id", stage.id.hex()},
                   {"by", stage.act.officer + " of " + stage.parties[0]},
                   {"against", stage.parties[1]},
                   {"says", said(complaint.claim)},
                   {"asks for", complaint.carry ? "the panel to decide what nobody was left to vote on"
                                                : sanction_words(view.first, complaint.sanction)},
                   {"rules of", fmt::format("the charter in epoch {}", stage.act.epoch.number)},
                   {"status", view.status()}};
    if (complaint.about) fields.rows.emplace_back("about", model::short_name(*complaint.about));
    if (view.appealable && !view.appeal && !view.close)
        fields.rows.emplace_back("appeal until", view.appealable->text());
    return fields;
}

/// The command that puts a sanction to the vote.
std::optional<std::string> execution(State const& state, DisputeView const& view) {
    auto const close = model::close_from_json(*view.close->act.body);
    auto const& member = view.first.stage.parties[1];
    auto const finding = " --finding " + dispute_name(view.first.stage.id);
    std::string const open = "consortium proposal open ";
    if (view.first.stage.complaint.carry && close.outcome == "upheld") {
        auto const earlier = state.store.act(*view.first.stage.complaint.about);
        auto const action = model::proposal_from_json(*earlier->act.body).action.kind;
        return open + (action + " …") + finding;
    }
    if (close.sanction == "expel")
        return open + ("member.remove --set member=" + member) + " --set 'reason=…'" + finding;
    if (close.sanction == "rotate_node")
        return open + ("validator.remove --set network=… --set address=… --set member=" + member) + finding;
    if (close.sanction != "suspend_vote") return std::nullopt;
    std::string until;
    for (auto const& rung : view.first.stage.base->charter.sanctions)
        if (rung.step == close.sanction) until = " --set until=" + (state.now + rung.lasts).text();
    return open + ("member.suspend --set member=" + member) + " --set 'reason=…'" + until + finding;
}

}  // namespace

std::vector<DisputeSection> dispute_sections(DisputeView const& view) {
    std::vector<DisputeSection> out{{"Complaint", head(view)},
                                    {"Panel and ruling", stage_fields(view.first)}};
    if (!view.appeal) return out;
    auto const& stage = view.appeal->stage;
    DisputeSection appeal{"Appeal of " + stage.parties[0], stage_fields(*view.appeal)};
    auto const grounds = said(model::appeal_from_json(*stage.act.body).claim);
    appeal.fields.rows.insert(appeal.fields.rows.begin(), {stage.parties[0] + " appeals", grounds});
    out.push_back(std::move(appeal));
    return out;
}

std::string closing_words(DisputeView const& view) {
    if (!view.close) return {};
    auto const close = model::close_from_json(*view.close->act.body);
    auto const sanction = close.outcome == "upheld" ? ", " + sanction_words(view.first, close.sanction) : "";
    return "Closed: " + close.outcome + sanction + ".";
}

void add_dispute_words(State const& state, DisputeView const& view, model::Outcome& outcome) {
    for (auto& section : dispute_sections(view)) outcome.text.emplace_back(std::move(section.fields));
    if (view.close) outcome.text.emplace_back(closing_words(view));
    if (view.close) {
        if (auto const next = execution(state, view)) outcome.next.push_back(*next);
    } else if (auto const step = dispute_step(view, state.self, state.now)) {
        outcome.next.push_back(step->command);
    }
}

}  // namespace consortium::flow
