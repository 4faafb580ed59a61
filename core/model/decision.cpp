#include "core/model/decision.h"

#include "core/base/error.h"
#include "core/base/text.h"
#include "core/model/charter_read.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace consortium::model {

namespace {

using base::Duration;
using base::Json;

void add_time(Json& out, char const* key, Duration value) {
    if (value != Duration{}) out[key] = value.text();
}

Json share_json(std::string const& of, Bound const& min) {
    return {{"of", of}, {"min", min.text()}};
}

Json weight_part(Decision const& decision) {
    Json out{{"base", decision.weight}, {"members", reading::weights_json(decision.weights)}};
    if (decision.weight_cap) out["cap"] = decision.weight_cap->text();
    return out;
}

Json time_part(Decision const& decision) {
    Json out{{"window", decision.window.text()},
             {"timelock", decision.timelock.text()},
             {"lapses", decision.lapses.text()}};
    add_time(out, "notice", decision.notice);
    add_time(out, "late_quorum", decision.late_quorum);
    add_time(out, "cooldown", decision.cooldown);
    if (decision.earliest) out["earliest"] = decision.earliest->text();
    return out;
}

Json ballot_part(Decision const& decision) {
    Json out{{"change", decision.ballot_change}};
    if (decision.delegation) out["delegation"] = "depth1";
    if (!decision.recusal.empty()) out["recusal"] = base::join(decision.recusal, "|");
    if (!decision.casting.empty()) {
        out["tie"] = "casting";
        out["casting"] = decision.casting;
    }
    if (decision.reasoned_no) out["reasoned_no"] = true;
    return out;
}

Json proposer_part(ProposerRule const& rule) {
    Json out = Json::object();
    if (!rule.tiers.empty()) out["tiers"] = rule.tiers;
    if (rule.max_open != 0) out["max_open"] = rule.max_open;
    if (!rule.deposit.empty()) {
        out["deposit"] = rule.deposit;
        out["forfeit"] = rule.forfeit;
    }
    return out;
}

Json midvote_part(Decision const& decision) {
    Json out = Json::object();
    if (!decision.midvote_amend.empty()) out["amend"] = decision.midvote_amend;
    if (decision.midvote_exit != "keep_cast") out["exit"] = decision.midvote_exit;
    return out;
}

Json classes_part(std::vector<ClassMajority> const& classes) {
    Json out = Json::array();
    for (ClassMajority const& one : classes)
        out.push_back({{"tier", one.tier}, {"of", one.of}, {"min", one.min.text()}});
    return out;
}

Json expedited_part(Expedited const& track) {
    Json out{{"window", track.window.text()}, {"pass", track.pass.text()}};
    add_time(out, "timelock", track.timelock);
    if (track.quorum) out["quorum"] = track.quorum->text();
    return out;
}

Json emergency_part(Emergency const& rule) {
    Json out{{"min", rule.min.text()},       {"scope", rule.scope},
             {"window", rule.window.text()}, {"max_life", rule.max_life.text()},
             {"ratify", rule.ratify.text()}, {"cooldown", rule.cooldown.text()}};
    return out;
}

void add_part(Json& out, char const* key, Json part) {
    if (!part.empty()) out[key] = std::move(part);
}

}  // namespace

bool Bound::holds(base::Rational const& share) const {
    return strict ? share > value : share >= value;
}

std::string Bound::text() const {
    return (strict ? ">" : ">=") + value.text();
}

Bound Bound::from_text(std::string_view text) {
    Bound bound;
    std::string_view rest = text;
    if (!rest.starts_with('>')) {
        throw base::Error(base::Code::malformed,
                          fmt::format("'{}' is not a bound: write \">=2/3\" or \">1/2\"",
                                      base::printable(text.substr(0, 80))));
    }
    rest.remove_prefix(1);
    bound.strict = !rest.starts_with('=');
    if (!bound.strict) rest.remove_prefix(1);
    bound.value = base::Rational::from_text(base::trimmed(rest));
    return bound;
}

std::vector<std::string> choices(Decision const& decision) {
    std::vector<std::string> out{"yes", "no", "abstain"};
    if (decision.veto && decision.veto->by == "veto") out.emplace_back("veto");
    return out;
}

Json to_json(Decision const& decision) {
    Json out{
        {"actions", decision.actions},
        {"electorate", decision.electorate},
        {"proposers", decision.proposers},
        {"weight", weight_part(decision)},
        {"quorum",
         {{"of", decision.quorum_of}, {"counts", decision.quorum_counts}, {"min", decision.quorum.text()}}},
        {"pass", share_json(decision.pass_of, decision.pass)},
        {"time", time_part(decision)},
        {"ballot", ballot_part(decision)}};
    if (decision.veto) {
        out["veto"] = share_json(decision.veto->of, decision.veto->min);
        if (decision.veto->by != "no") out["veto"]["by"] = decision.veto->by;
    }
    add_part(out, "classes", classes_part(decision.classes));
    add_part(out, "proposer", proposer_part(decision.proposer));
    add_part(out, "midvote", midvote_part(decision));
    if (decision.finding) out["finding"] = true;
    if (decision.optimistic)
        out["optimistic"] = share_json(decision.optimistic->of, decision.optimistic->min);
    if (decision.expedited) out["expedited"] = expedited_part(*decision.expedited);
    if (decision.emergency) out["emergency"] = emergency_part(*decision.emergency);
    return out;
}

}  // namespace consortium::model
