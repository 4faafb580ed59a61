// The rules of what is signed to settle a dispute. A rule sees what the act refers to, and nothing else: what
// was missing is shown by those who say that its time has passed.

#include "core/agreement/dispute_stage.h"
#include "core/agreement/rule.h"

#include <algorithm>
#include <fmt/format.h>

namespace consortium::agreement {

namespace {

using base::Digest;

/// The stage that an act speaks in, and what else it refers to.
struct Place {
    Stage stage;
    Pins pins;
    std::string reason;  // why it has no place; empty: it has
};

Place place_of(RuleInput const& in) {
    Place out;
    if (in.act.refs.empty()) return {{}, {}, "it refers to no dispute"};
    auto const opened = in.evidence.act(in.act.refs.front());
    if (opened->act.kind != "dispute" && opened->act.kind != "appeal")
        return {{}, {}, "its first reference opens no dispute"};
    out.stage = load_stage(in.evidence, *opened);
    if (in.act.epoch.number < opened->act.epoch.number) {
        out.reason = "it names an epoch before its dispute's";
        return out;
    }
    out.reason = sort_pins(in.evidence, out.stage, std::span(in.act.refs).subspan(1), out.pins);
    return out;
}

std::string no_party(RuleInput const& in) {
    return "'" + in.act.member + "' is no party of it";
}

bool takes_part(model::Epoch const& epoch, std::string const& id) {
    auto const* member = epoch.member(id);
    return member != nullptr && (member->status == "active" || member->status == "suspended");
}

std::string check_seats(Stage const& stage) {
    int const able = policy::organizations(stage.candidates);
    if (able >= stage.seats && !stage.bystanders.empty()) return {};
    return fmt::format(
        "the charter asks for a panel of {}, and only {} organizations that are no party can sit",
        stage.seats, able);
}

std::string check_prior(RuleInput const& in, model::Dispute const& body) {
    for (auto const& id : body.prior) {
        auto const prior = in.evidence.act(id);
        if (prior->act.kind != "close") return "an earlier finding that it relies on is none";
        auto const stage = load_stage(in.evidence, model::subject_of(prior->act));
        if (model::close_from_json(*prior->act.body).outcome != "upheld" ||
            stage.complaint.respondent != body.respondent)
            return "an earlier finding that it relies on was not against '" + body.respondent + "'";
    }
    return {};
}

std::string check_about(RuleInput const& in, model::Dispute const& body) {
    std::vector<Digest> expected;
    if (body.about) expected.push_back(*body.about);
    expected.insert(expected.end(), body.prior.begin(), body.prior.end());
    if (in.act.refs != expected) return "it refers to something else than what it is about and relies on";
    if (body.about && in.evidence.act(*body.about)->act.kind != "proposal") return "it is about no proposal";
    return check_prior(in, body);
}

/// The panel decides in the place of a vote only what a vote left to it, and punishes nobody by that.
std::string check_carry(RuleInput const& in, Stage const& stage) {
    auto const& complaint = stage.complaint;
    auto const& about = complaint.about;
    if (!complaint.carry) return {};
    if (!about || !left_to_panel(in.evidence, *about, stage.base->number))
        return "it asks the panel to carry what no vote left to it";
    return complaint.sanction.empty()
               ? ""
               : "a dispute that asks the panel to carry a proposal asks for no sanction";
}

std::string check_sanction(Stage const& stage, std::string const& sanction) {
    if (policy::may_sanction(stage.base->charter.sanctions, stage.highest, sanction)) return {};
    return "the charter's ladder does not let '" + sanction + "' follow now";
}

/// The commitment that a reveal of who opened the stage is made under: the other's, or enough others who say
/// that there is none.
std::string check_counterpart(RuleInput const& in, Place const& place) {
    auto const& [stage, pins, unused] = place;
    bool const answered = pins.plea && in.act.refs.size() == 2 && pins.plea->act.member == stage.parties[1] &&
                          model::plea_from_json(*pins.plea->act.body).commitment;
    auto const said = pins.overdue.find({"answer", stage.parties[1]});
    bool const unanswered = said != pins.overdue.end() &&
                            said->second.size() == static_cast<std::size_t>(stage.witnesses) &&
                            in.act.refs.size() == said->second.size() + 1;
    if (answered || unanswered) return {};
    return fmt::format(
        "it is revealed before '{}' has committed to a salt, or {} others say that it does not",
        stage.parties[1], stage.witnesses);
}

std::string check_salt(std::string const& salt, std::optional<Digest> const& commitment) {
    return commitment && model::salt_commitment(salt) == *commitment
               ? ""
               : "its salt is not the one that was committed to";
}

/// Whether its author may give away what a party has: others of its officers speak of what is late only.
std::string check_concedes(RuleInput const& in) {
    auto const* officer = in.epoch.officer(in.act.officer);
    auto const roles = officer == nullptr ? std::vector<std::string>{} : officer->roles_at(in.act.time);
    bool const may = std::any_of(roles.begin(), roles.end(), [](std::string const& role) {
        return role == "governance" || role == "legal";
    });
    return may ? "" : "'" + in.act.officer + "' has no role that concedes for a party: governance or legal";
}

std::string check_witness(RuleInput const& in, Stage const& stage, std::string const& step) {
    if (stage.party(in.act.member) >= 0)
        return step == "appeal" ? check_concedes(in)
                                : "a party does not say that the other's time has passed";
    auto const* member = stage.base->member(in.act.member);
    auto const group = member == nullptr               ? std::string()
                       : member->control_group.empty() ? member->id
                                                       : member->control_group;
    auto const& able = stage.bystanders;
    if (std::find(able.begin(), able.end(), group) != able.end()) return {};
    return "'" + in.act.member + "' is no independent member of the dispute's epoch";
}

std::string check_appealable(Stage const& stage) {
    if (stage.is_appeal()) return "a ruling on an appeal is not appealed from";
    return stage.rule.appeal == base::Duration{} ? "the charter provides for no appeal" : "";
}

/// What says that the time to rule or to appeal has passed says it of the rulings that it names.
std::string check_outcome(RuleInput const& in, Place const& place, std::string const& step) {
    auto const& pins = place.pins;
    if (!pins.assign) return "it refers to no panel";
    if (in.act.refs.size() != pins.rulings.size() + 2 ||
        rulings_under(in.evidence, pins, panel_of(*pins.assign)).size() != pins.rulings.size())
        return "it refers to more than its panel and what this ruled";
    if (step == "ruling") return {};
    if (outcome_of(in.evidence, pins).level < 0) return "it refers to no ruling of a majority";
    return check_appealable(place.stage);
}

}  // namespace

std::string dispute_rule(RuleInput const& in) {
    auto const body = model::dispute_from_json(*in.act.body);
    if (!in.epoch.charter.arbitration) return "the charter says nothing about arbitration";
    for (auto const* party : {&in.act.member, &body.respondent})
        if (!takes_part(in.epoch, *party)) return "'" + *party + "' is not a member";
    if (body.respondent == in.act.member) return "nobody disputes with itself";
    if (auto reason = check_about(in, body); !reason.empty()) return reason;
    model::StoredAct opened;
    opened.act = in.act;
    auto const stage = load_stage(in.evidence, opened);
    if (auto reason = check_carry(in, stage); !reason.empty()) return reason;
    if (auto reason = check_sanction(stage, body.sanction); !reason.empty()) return reason;
    return check_seats(stage);
}

std::string plea_rule(RuleInput const& in) {
    auto const place = place_of(in);
    if (!place.reason.empty()) return place.reason;
    if (in.act.refs.size() != 1) return "a plea refers to its dispute only";
    int const party = place.stage.party(in.act.member);
    if (party < 0) return no_party(in);
    if (party == 0 && model::plea_from_json(*in.act.body).commitment)
        return "'" + in.act.member + "' committed to its salt when it opened this";
    return {};
}

std::string reveal_rule(RuleInput const& in) {
    auto const place = place_of(in);
    if (!place.reason.empty()) return place.reason;
    auto const salt = model::reveal_from_json(*in.act.body).salt;
    auto const& plea = place.pins.plea;
    switch (place.stage.party(in.act.member)) {
        case 0:
            if (auto reason = check_salt(salt, place.stage.commitment); !reason.empty()) return reason;
            return check_counterpart(in, place);
        case 1:
            if (!plea || plea->act.member != in.act.member || in.act.refs.size() != 2)
                return "it refers to something else than its dispute and the plea with its commitment";
            return check_salt(salt, model::plea_from_json(*plea->act.body).commitment);
        default:
            return no_party(in);
    }
}

std::string strike_rule(RuleInput const& in) {
    auto const place = place_of(in);
    if (!place.reason.empty()) return place.reason;
    int const party = place.stage.party(in.act.member);
    if (party < 0) return no_party(in);
    Drawn drawn;
    if (auto reason = draw_from(in.evidence, place.stage, place.pins, drawn); !reason.empty()) return reason;
    if (drawn.lost.at(static_cast<std::size_t>(party)))
        return "'" + in.act.member + "' put no salt into the draw, and so strikes nobody";
    auto const struck = model::strike_from_json(*in.act.body).officers;
    if (struck.size() > static_cast<std::size_t>(drawn.list.strikes))
        return fmt::format("it strikes {} where {} may be struck", struck.size(), drawn.list.strikes);
    auto const& list = drawn.list.officers;
    for (auto const& officer : struck)
        if (std::find(list.begin(), list.end(), officer) == list.end())
            return "'" + officer + "' was not drawn";
    return {};
}

std::string overdue_rule(RuleInput const& in) {
    auto const place = place_of(in);
    if (!place.reason.empty()) return place.reason;
    auto const body = model::overdue_from_json(*in.act.body);
    auto const& stage = place.stage;
    if (auto reason = check_witness(in, stage, body.step); !reason.empty()) return reason;
    if (body.party.empty()) return check_outcome(in, place, body.step);
    if (in.act.refs.size() != 1) return "it refers to more than its dispute";
    bool const asked = body.step == "answer" ? body.party == stage.parties[1] : stage.party(body.party) >= 0;
    return asked ? "" : "'" + body.party + "' has no time for that";
}

std::string assign_rule(RuleInput const& in) {
    auto const place = place_of(in);
    if (!place.reason.empty()) return place.reason;
    auto const body = model::assign_from_json(*in.act.body);
    model::Assign drawn;
    if (auto reason = seat_from(in.evidence, place.stage, place.pins, drawn); !reason.empty()) return reason;
    bool const equal = body.seed == drawn.seed && body.drawn == drawn.drawn && body.panel == drawn.panel;
    return equal ? "" : "it states another panel than follows from what it refers to";
}

std::string ruling_rule(RuleInput const& in) {
    auto const place = place_of(in);
    if (!place.reason.empty()) return place.reason;
    auto const& stage = place.stage;
    if (!place.pins.assign || in.act.refs.size() != 2) return "it refers to no panel";
    auto const panel = panel_of(*place.pins.assign);
    if (std::find(panel.begin(), panel.end(), in.act.officer) == panel.end())
        return "'" + in.act.officer + "' does not sit on the panel";
    auto const body = model::ruling_from_json(*in.act.body);
    if (!body.recuse.empty() && !stage.complaint.about)
        return "the dispute is about no proposal that somebody could be kept from voting on";
    if (stage.complaint.carry && !body.sanction.empty())
        return "the panel is asked to carry a proposal, and for no sanction";
    for (auto const& member : body.recuse)
        if (stage.base->member(member) == nullptr) return "'" + member + "' is not a member";
    return check_sanction(stage, body.sanction);
}

std::string appeal_rule(RuleInput const& in) {
    auto const place = place_of(in);
    if (!place.reason.empty()) return place.reason;
    if (auto reason = check_appealable(place.stage); !reason.empty()) return reason;
    if (place.stage.party(in.act.member) < 0) return no_party(in);
    if (!in_force(in.evidence, place.stage, place.pins)) return "it refers to no ruling in force";
    model::StoredAct opened;
    opened.act = in.act;
    return check_seats(load_stage(in.evidence, opened));
}

std::string close_rule(RuleInput const& in) {
    auto const place = place_of(in);
    if (!place.reason.empty()) return place.reason;
    auto const& [stage, pins, unused] = place;
    auto const body = model::close_from_json(*in.act.body);
    if (body.outcome == "withdrawn") {
        bool const may = !stage.is_appeal() && in.act.member == stage.parties[0] && in.act.refs.size() == 1;
        return may ? check_concedes(in) : "only who opened a dispute withdraws it";
    }
    if (!in_force(in.evidence, stage, pins)) return "it refers to no ruling in force";
    auto const outcome = outcome_of(in.evidence, pins);
    if (check_appealable(stage).empty() && !pins.unappealed(stage, outcome))
        return "the time for an appeal has not passed, as far as it shows";
    auto const level = outcome.level;
    bool const equal =
        body.outcome == policy::finding_of(level) && body.sanction == policy::sanction_of(level);
    return equal ? "" : "it states something else than the panel ruled";
}

}  // namespace consortium::agreement
