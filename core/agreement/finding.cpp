// What follows from a ruling outside its dispute: who is kept from a vote, and which proposals it carries.

#include "core/agreement/ballots.h"
#include "core/agreement/dispute.h"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace consortium::agreement {

namespace {

using base::Digest;
using model::StoredAct;

/// The stages of the disputes about a proposal, each with its appeals after it: the respondent's first, then
/// by id, in whatever order they came.
std::vector<std::vector<Stage>> stages_about(port::Evidence const& evidence, Digest const& proposal) {
    std::vector<std::vector<Stage>> out;
    for (auto const& act :
         evidence.acts({.kind = "dispute", .subject = proposal, .epoch = {}, .member = {}})) {
        out.push_back({load_stage(evidence, act)});
        if (out.back().front().complaint.about != proposal) {
            out.pop_back();
            continue;
        }
        for (auto const& appeal :
             evidence.acts({.kind = "appeal", .subject = act.id, .epoch = {}, .member = {}}))
            out.back().push_back(load_stage(evidence, appeal));
        auto const& respondent = out.back().front().complaint.respondent;
        std::sort(out.back().begin() + 1, out.back().end(), [&](Stage const& left, Stage const& right) {
            return std::pair(left.act.member != respondent, left.id) <
                   std::pair(right.act.member != respondent, right.id);
        });
    }
    return out;
}

std::vector<StoredAct> rulings_of(port::Evidence const& evidence, Stage const& stage) {
    return evidence.acts({.kind = "ruling", .subject = stage.id, .epoch = {}, .member = {}});
}

/// Whom the timely rulings of a stage keep from voting; none: its panel has not ruled in time.
std::optional<std::vector<std::string>> recused_by(port::Evidence const& evidence,
                                                   model::Epoch const& current, Stage const& stage,
                                                   std::set<Digest> const& timely) {
    std::map<std::vector<std::string>, Pins> panels;
    for (auto const& act : rulings_of(evidence, stage)) {
        if (!timely.contains(act.id) || removed_for_cause(current, act.act.key)) continue;
        auto const panel = panel_of(*evidence.act(act.act.refs.at(1)));
        auto& rulings = panels[panel].rulings;
        auto const place = rulings.find(act.act.officer);
        if (place == rulings.end() || act.id < place->second.id)
            rulings.insert_or_assign(act.act.officer, act);
    }
    for (auto const& [panel, pins] : panels) {
        auto const rulings = rulings_under(evidence, pins, panel);
        if (count(rulings, panel).reached) return recused(rulings, panel);
    }
    return std::nullopt;
}

bool is_action_of(port::Evidence const& evidence, Digest const& earlier, model::Proposal const& proposal) {
    auto const before = model::proposal_from_json(*evidence.act(earlier)->act.body);
    return model::digest(before.action) == model::digest(proposal.action);
}

/// Whether what somebody signed counts no more in an epoch.
bool is_revoked(model::Epoch const& epoch, model::Act const& act) {
    auto const* member = epoch.member(act.member);
    return removed_for_cause(epoch, act.key) || (member != nullptr && member->status == "expelled");
}

/// Why a closed dispute carries nothing in this epoch, whatever was found.
std::string outlived(port::Evidence const& evidence, model::Epoch const& epoch, Stage const& stage,
                     StoredAct const& closed) {
    auto const& then = stage.base->charter;
    if (then.arbitration != epoch.charter.arbitration || then.sanctions != epoch.charter.sanctions)
        return "its dispute was opened under an arbitration that is no longer in force";
    auto acts = std::vector{closed};
    for (auto const& id : closed.act.refs)
        if (auto const act = evidence.act(id); act->act.kind == "ruling" || act->act.kind == "overdue")
            acts.push_back(*act);
    for (auto const& act : acts)
        if (is_revoked(epoch, act.act))
            return "its finding rests on the " + act.act.kind + " of '" + act.act.officer +
                   "', whose key was removed for cause, or whose member was expelled";
    return {};
}

}  // namespace

std::vector<StoredAct> recusing_rulings(port::Evidence const& evidence, Digest const& proposal) {
    std::vector<StoredAct> out;
    for (auto const& stages : stages_about(evidence, proposal))
        for (auto const& stage : stages)
            for (auto& act : rulings_of(evidence, stage)) out.push_back(std::move(act));
    return out;
}

std::vector<std::string> ruled_recusals(port::Evidence const& evidence, model::Epoch const& current,
                                        Digest const& proposal, std::set<Digest> const& timely) {
    std::set<std::string> out;
    for (auto const& stages : stages_about(evidence, proposal)) {
        std::optional<std::vector<std::string>> stands;
        for (std::size_t i = 1; i < stages.size() && !stands; ++i)
            stands = recused_by(evidence, current, stages[i], timely);
        if (!stands) stands = recused_by(evidence, current, stages.front(), timely);
        if (stands) out.insert(stands->begin(), stands->end());
    }
    return {out.begin(), out.end()};
}

bool panel_carries(port::Evidence const& evidence, model::Proposal const& proposal) {
    auto const closed = proposal.finding ? evidence.act(*proposal.finding) : std::nullopt;
    if (!closed || model::close_from_json(*closed->act.body).outcome != "upheld") return false;
    auto const stage = load_stage(evidence, model::subject_of(closed->act));
    return stage.complaint.carry && left_to_panel(evidence, *stage.complaint.about, stage.base->number) &&
           is_action_of(evidence, *stage.complaint.about, proposal);
}

int rung_of_action(std::string_view action) {
    if (action == "member.suspend") return model::rung_of("suspend_vote");
    if (action == "validator.remove") return model::rung_of("rotate_node");
    return action == "member.remove" ? model::rung_of("expel") : -1;
}

std::string check_finding(port::Evidence const& evidence, model::Epoch const& epoch,
                          model::Proposal const& proposal, model::Decision const& decision) {
    if (!proposal.finding)
        return decision.finding ? "the charter asks for a finding of the arbitration panel first" : "";
    auto const closed = evidence.act(*proposal.finding);
    if (closed->act.kind != "close") return "its finding is no closed dispute";
    auto const found = model::close_from_json(*closed->act.body);
    if (found.outcome != "upheld") return "the dispute that it relies on was " + found.outcome;
    auto const stage = load_stage(evidence, model::subject_of(closed->act));
    if (auto reason = outlived(evidence, epoch, stage, *closed); !reason.empty()) return reason;
    if (stage.complaint.carry)  // its respondent is who speaks against it, not whom it is about
        return is_action_of(evidence, *stage.complaint.about, proposal)
                   ? ""
                   : "the finding carries another action";
    auto const target = model::target_of(proposal.action);
    if (!target.empty() && target != stage.complaint.respondent)
        return "the finding is against '" + stage.complaint.respondent + "', not '" + target + "'";
    if (model::rung_of(found.sanction) < rung_of_action(proposal.action.kind))
        return "the panel's sanction, '" + (found.sanction.empty() ? "none" : found.sanction) +
               "', does not go as far as '" + proposal.action.kind + "'";
    return {};
}

}  // namespace consortium::agreement
