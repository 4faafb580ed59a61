#include "core/agreement/dispute_stage.h"

#include "core/base/error.h"
#include "core/base/text.h"

#include <algorithm>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace consortium::agreement {

namespace {

using base::Code;
using base::Digest;
using base::Error;
using model::StoredAct;

StoredAct held(port::Evidence const& evidence, Digest const& id) {
    auto act = evidence.act(id);
    if (!act)
        throw Error(Code::not_found, "act " + id.brief() + " is not held here",
                    "run 'consortium exchange sync'");
    return *std::move(act);
}

/// The highest rung that earlier findings against the respondent took.
int highest_rung(port::Evidence const& evidence, model::Dispute const& complaint) {
    int highest = -1;
    for (auto const& id : complaint.prior)
        highest =
            std::max(highest, model::rung_of(model::close_from_json(*held(evidence, id).act.body).sanction));
    return highest;
}

/// Who sat on the panel whose ruling the appeal is from.
std::vector<std::string> sat_before(port::Evidence const& evidence, model::Act const& appeal) {
    for (auto const& id : appeal.refs)
        if (auto const act = held(evidence, id); act.act.kind == "assign") return panel_of(act);
    return {};
}

void read_opening(port::Evidence const& evidence, StoredAct const& first, Stage& out) {
    out.complaint = model::dispute_from_json(*first.act.body);
    out.parties = {first.act.member, out.complaint.respondent};
    out.commitment = out.complaint.commitment;
    out.base = evidence.epoch(first.act.epoch.number);
    if (!out.base || !out.base->charter.arbitration)
        throw Error(Code::refused, "the charter of epoch " + std::to_string(first.act.epoch.number) +
                                       " says nothing about arbitration");
    out.rule = *out.base->charter.arbitration;
    out.seats = out.rule.panel;
    out.highest = highest_rung(evidence, out.complaint);
}

std::string group_of(model::Epoch const& base, std::string const& member) {
    auto const* known = base.member(member);
    if (known == nullptr) return {};
    return known->control_group.empty() ? known->id : known->control_group;
}

// Who had to stay out of the vote does not decide it on the panel either.
void leave_out_recused(port::Evidence const& evidence, Stage& out) {
    if (!out.complaint.about) return;
    auto const recused = left_to_panel(evidence, *out.complaint.about, out.base->number);
    if (!recused) return;
    std::set<std::string> groups;
    for (auto const& member : *recused) groups.insert(group_of(*out.base, member));
    std::erase_if(out.candidates, [&](policy::Candidate const& one) { return groups.contains(one.group); });
}

std::string twice(std::string_view what) {
    return fmt::format("it refers to {} twice", what);
}

std::string add_by_party(Stage const& stage, StoredAct const& act,
                         std::array<std::optional<StoredAct>, 2>& into) {
    auto const party = stage.party(act.act.member);
    if (party < 0) return "'" + act.act.member + "' is no party of it";
    auto& place = into.at(static_cast<std::size_t>(party));
    if (place) return twice("a " + act.act.kind + " of '" + act.act.member + "'");
    place = act;
    return {};
}

std::vector<std::string> struck_by(StoredAct const& strike) {
    return model::strike_from_json(*strike.act.body).officers;
}

/// A second strike has a place where it contradicts the first.
std::string add_strike(Stage const& stage, StoredAct const& act, Pins& out) {
    auto const party = stage.party(act.act.member);
    bool const second = party >= 0 && out.strikes.at(static_cast<std::size_t>(party)) &&
                        struck_by(*out.strikes.at(static_cast<std::size_t>(party))) != struck_by(act);
    return add_by_party(stage, act, second ? out.contradicted : out.strikes);
}

/// On what its author holds that the time to rule or to appeal has passed: its own rule made sure of it.
Outcome outcome_held(port::Evidence const& evidence, Stage const& stage, StoredAct const& overdue) {
    Pins named;
    static_cast<void>(sort_pins(evidence, stage, std::span(overdue.act.refs).subspan(1), named));
    return outcome_of(evidence, named);
}

std::string add_overdue(port::Evidence const& evidence, Stage const& stage, StoredAct const& act, Pins& out) {
    auto const body = model::overdue_from_json(*act.act.body);
    auto const party = stage.party(act.act.member);
    bool fresh = false;
    if (party >= 0) {  // its own rule lets it say no more than that it does not appeal
        auto& waived = out.waived.at(static_cast<std::size_t>(party));
        fresh = waived.emplace(outcome_held(evidence, stage, act), act.id).second;
    } else {
        auto& by_group = body.party.empty() ? out.late[{body.step, outcome_held(evidence, stage, act)}]
                                            : out.overdue[{body.step, body.party}];
        fresh = by_group.emplace(group_of(*stage.base, act.act.member), act.id).second;
    }
    return fresh ? "" : twice("what one organization says");
}

std::string add_one(std::optional<StoredAct>& place, StoredAct const& act) {
    if (place) return twice("an act of kind '" + act.act.kind + "'");
    place = act;
    return {};
}

std::string add_ruling(StoredAct const& act, Pins& out) {
    if (!out.rulings.emplace(act.act.officer, act).second)
        return twice("a ruling of '" + act.act.officer + "'");
    return {};
}

std::string add_pin(port::Evidence const& evidence, Stage const& stage, StoredAct const& act, Pins& out) {
    auto const& kind = act.act.kind;
    if (model::subject_of(act.act) != stage.id) return "it refers to an act that is not of this dispute";
    if (kind == "reveal") return add_by_party(stage, act, out.reveals);
    if (kind == "strike") return add_strike(stage, act, out);
    if (kind == "overdue") return add_overdue(evidence, stage, act, out);
    if (kind == "assign") return add_one(out.assign, act);
    if (kind == "plea") return add_one(out.plea, act);
    if (kind == "appeal") return add_one(out.appeal, act);
    if (kind == "ruling") return add_ruling(act, out);
    return "an act of kind '" + kind + "' says nothing here";
}

std::string salt_of(StoredAct const& reveal) {
    return model::reveal_from_json(*reveal.act.body).salt;
}

/// What stands in the seed for a party that did not answer: others' words, which nobody could foresee when
/// the salt of the other was committed to.
std::string unanswered(std::span<Digest const> overdue) {
    std::vector<std::string> ids;
    ids.reserve(overdue.size());
    for (auto const& id : overdue) ids.push_back(id.hex());
    std::sort(ids.begin(), ids.end());
    return "overdue " + base::join(ids, " ");
}

/// What both put into the draw; a reason where that is not known.
std::string put_in(port::Evidence const& evidence, Stage const& stage, Pins const& pins, policy::Parties& out,
                   std::array<bool, 2>& lost) {
    auto const& [mine, theirs] = pins.reveals;
    out = {"-", "-"};
    if (mine) {
        out[0] = salt_of(*mine);
        auto const pinned = std::span(mine->act.refs).subspan(1);
        if (held(evidence, pinned.front()).act.kind == "overdue") {
            out[1] = unanswered(pinned);
            lost[1] = true;
            return theirs ? "'" + stage.parties[1] + "' revealed a salt that it had not committed to in time"
                          : "";
        }
    } else {
        if (!theirs || !pins.passed(stage, "reveal", stage.parties[0]))
            return "'" + stage.parties[0] + "' has not revealed its salt";
        lost[0] = true;
    }
    if (theirs) {
        out[1] = salt_of(*theirs);
        if (mine && mine->act.refs[1] != theirs->act.refs[1])
            return "the parties revealed under two different pleas of '" + stage.parties[1] + "'";
        return {};
    }
    lost[1] = true;
    return pins.passed(stage, "reveal", stage.parties[1])
               ? ""
               : "'" + stage.parties[1] + "' has not revealed its salt";
}

}  // namespace

int Stage::party(std::string_view member) const {
    if (member == parties[0]) return 0;
    return member == parties[1] ? 1 : -1;
}

std::optional<std::vector<std::string>> left_to_panel(port::Evidence const& evidence, Digest const& proposal,
                                                      std::uint64_t latest) {
    auto const number = evidence.settled(proposal);
    auto const epoch = number && *number <= latest ? evidence.epoch(*number) : nullptr;
    if (!epoch) return std::nullopt;
    for (auto const& result : epoch->results)
        if (result.proposal == proposal && result.outcome == "panel")
            return result.tally->value("recused", std::vector<std::string>());
    return std::nullopt;
}

Stage load_stage(port::Evidence const& evidence, Digest const& id) {
    return load_stage(evidence, held(evidence, id));
}

Stage load_stage(port::Evidence const& evidence, StoredAct const& opened) {
    Stage out;
    out.id = out.dispute = opened.id;
    out.act = opened.act;
    bool const appeal = opened.act.kind == "appeal";
    if (appeal) out.dispute = opened.act.refs.at(0);
    auto const first = appeal ? held(evidence, out.dispute) : opened;
    if (first.act.kind != "dispute")
        throw Error(Code::not_found, "act " + opened.id.brief() + " opens no dispute",
                    "run 'consortium dispute list'");
    read_opening(evidence, first, out);
    std::vector<std::string> sat;
    if (appeal) {
        if (out.act.member == out.parties[1]) std::swap(out.parties[0], out.parties[1]);
        out.commitment = model::appeal_from_json(*out.act.body).commitment;
        out.seats = out.rule.appealed.value_or(out.rule.panel);
        sat = sat_before(evidence, out.act);
    }
    out.candidates = policy::candidates(*out.base, out.rule, out.parties, sat);
    leave_out_recused(evidence, out);
    out.bystanders = policy::bystanders(*out.base, out.parties);
    out.witnesses = policy::witnesses_needed(*out.base, out.parties);
    return out;
}

bool Pins::passed(Stage const& stage, std::string const& step, std::string const& party) const {
    auto const said = overdue.find({step, party});
    return said != overdue.end() && static_cast<int>(said->second.size()) >= stage.witnesses;
}

bool Pins::passed(Stage const& stage, std::string const& step, Outcome const& outcome) const {
    auto const said = late.find({step, outcome});
    return said != late.end() && static_cast<int>(said->second.size()) >= stage.witnesses;
}

bool Pins::unappealed(Stage const& stage, Outcome const& outcome) const {
    return (waived[0].contains(outcome) && waived[1].contains(outcome)) || passed(stage, "appeal", outcome);
}

std::string sort_pins(port::Evidence const& evidence, Stage const& stage, std::span<Digest const> ids,
                      Pins& out) {
    for (auto const& id : ids)
        if (auto reason = add_pin(evidence, stage, held(evidence, id), out); !reason.empty()) return reason;
    return {};
}

std::string draw_from(port::Evidence const& evidence, Stage const& stage, Pins const& pins, Drawn& out) {
    if (auto reason = put_in(evidence, stage, pins, out.put_in, out.lost); !reason.empty()) return reason;
    out.seed = policy::draw_seed(stage.id, out.put_in);
    out.list = policy::shortlist(policy::draw(stage.candidates, out.seed), stage.seats, stage.rule.strikes);
    return {};
}

bool is_under(port::Evidence const& evidence, Stage const& stage, StoredAct const& strike,
              Digest const& seed) {
    Pins basis;
    Drawn theirs;
    return sort_pins(evidence, stage, std::span(strike.act.refs).subspan(1), basis).empty() &&
           draw_from(evidence, stage, basis, theirs).empty() && theirs.seed == seed;
}

std::string seat_from(port::Evidence const& evidence, Stage const& stage, Pins const& pins,
                      model::Assign& out) {
    Drawn drawn;
    if (auto reason = draw_from(evidence, stage, pins, drawn); !reason.empty()) return reason;
    std::array<std::vector<std::string>, 2> struck;
    for (std::size_t i = 0; i < 2; ++i) {
        bool const asked = drawn.list.strikes > 0 && !drawn.lost.at(i);
        if (!asked) continue;
        auto const& party = stage.parties.at(i);
        auto const& strike = pins.strikes.at(i);
        auto const& second = pins.contradicted.at(i);
        if (!strike && !pins.passed(stage, "strike", party))
            return "'" + party + "' has not said whom it strikes";
        for (auto const* one : {&strike, &second})
            if (*one && !is_under(evidence, stage, **one, drawn.seed))
                return "the strikes of '" + party + "' are of another draw";
        if (strike && !second) struck.at(i) = struck_by(*strike);
    }
    out = {drawn.seed, drawn.list.officers, policy::seated(drawn.list, stage.seats, struck)};
    return {};
}

std::vector<std::string> panel_of(StoredAct const& assign) {
    return model::assign_from_json(*assign.act.body).panel;
}

std::vector<model::Ruling> rulings_under(port::Evidence const& evidence, Pins const& pins,
                                         std::vector<std::string> const& panel) {
    std::vector<model::Ruling> out;
    for (auto const& [officer, act] : pins.rulings) {
        bool const sits = std::find(panel.begin(), panel.end(), officer) != panel.end();
        if (sits && panel_of(held(evidence, act.act.refs.at(1))) == panel)
            out.push_back(model::ruling_from_json(*act.act.body));
    }
    return out;
}

Outcome outcome_of(port::Evidence const& evidence, Pins const& pins) {
    Outcome out;
    out.panel = panel_of(*pins.assign);
    auto const sum = count(rulings_under(evidence, pins, out.panel), out.panel);
    if (sum.reached) out.level = sum.level;
    return out;
}

policy::Majority count(std::vector<model::Ruling> const& rulings, std::vector<std::string> const& panel) {
    std::vector<int> levels;
    levels.reserve(rulings.size());
    for (auto const& ruling : rulings) levels.push_back(policy::level_of(ruling.finding, ruling.sanction));
    return policy::count_rulings(static_cast<int>(panel.size()), levels);
}

std::vector<std::string> recused(std::vector<model::Ruling> const& rulings,
                                 std::vector<std::string> const& panel) {
    std::map<std::string, std::size_t> wanted;
    for (auto const& ruling : rulings)
        for (auto const& member : ruling.recuse) ++wanted[member];
    std::vector<std::string> out;
    for (auto const& [member, votes] : wanted)
        if (votes > panel.size() / 2) out.push_back(member);
    return out;
}

bool in_force(port::Evidence const& evidence, Stage const& stage, Pins const& pins) {
    if (!pins.assign) return false;
    auto const panel = panel_of(*pins.assign);
    auto const sum = count(rulings_under(evidence, pins, panel), panel);
    return sum.reached && (sum.settled || pins.passed(stage, "ruling", Outcome{panel, sum.level}));
}

}  // namespace consortium::agreement
