// What a tally says of itself: one sentence for a governance officer, one record for programs.

#include "core/base/text.h"
#include "core/policy/count.h"

#include <algorithm>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace consortium::policy {

namespace {

using base::Json;
using base::Rational;
using base::to_text;
using base::Wide;
using model::Decision;

constexpr Wide max_json_integer = (Wide{1} << 53) - 1;

/// "4.67", "6": two decimals, none when they are zero.
std::string brief(Rational const& value) {
    std::string text = value.decimal(2);
    return text.ends_with(".00") ? text.substr(0, text.size() - 3) : text;
}

/// A bound of some votes, in votes.
std::string in_votes(model::Bound const& min, Wide whole) {
    return brief(min.value * Rational::of(whole, 1));
}

std::string demanded(Step const& step) {
    return fmt::format("{} of {} = {}", step.min.text(), step.of, in_votes(step.min, step.whole));
}

std::string_view heading(Tally const& tally) {
    if (tally.outcome == TallyOutcome::passed) return "passes";
    if (tally.outcome == TallyOutcome::panel) return "is for a panel";
    if (tally.outcome == TallyOutcome::continues) return "does not pass early, the vote goes on";
    return "fails";
}

std::string turnout(Decision const& decision, Sums const& sums, Tally const& tally) {
    bool const members = decision.weight == "per_member";
    std::string out =
        fmt::format("{}: {} of {} {} {}, {} for, {} against", heading(tally), to_text(sums.cast()),
                    to_text(sums.eligible), members ? "eligible" : "eligible votes",
                    members ? "voted" : "cast", to_text(sums.yes), to_text(sums.no));
    if (sums.veto > 0) out += fmt::format(" ({} with a veto)", to_text(sums.veto));
    if (sums.abstain > 0) out += fmt::format(", {} abstained", to_text(sums.abstain));
    if (!tally.recused.empty()) out += fmt::format(", {} recused", tally.recused.size());
    if (!tally.delegated.empty()) out += fmt::format(", {} by delegation", tally.delegated.size());
    return out;
}

std::string clause(Step const& step, Sums const& sums, Tally const& tally) {
    if (step.rule == "quorum")
        return fmt::format("quorum {}{}", demanded(step), step.holds ? "" : " not met");
    if (step.rule == "veto")
        return fmt::format("veto from {}: {}{}", demanded(step), to_text(step.part),
                           step.holds ? "" : ", vetoed");
    if (step.rule == "objections")
        return fmt::format("passes unless {} object{}", demanded(step), step.holds ? "" : ", which they do");
    if (step.rule == "class") {
        return step.whole == 0 && step.holds
                   ? fmt::format("no {} is asked", step.tier)
                   : fmt::format("{} {} of {}, needs {}{}", step.tier, to_text(step.part),
                                 to_text(step.whole), demanded(step), step.holds ? "" : ", not reached");
    }
    std::string out = fmt::format("needs {}", demanded(step));
    if (tally.cast) return out + ", a tie that the casting vote breaks";
    if (step.holds) return out;
    return out + (sums.yes + sums.no == 0 ? ", nobody voted yes or no" : ", not reached");
}

Json amount(Wide value) {
    return value > max_json_integer ? Json(to_text(value)) : Json(static_cast<std::int64_t>(value));
}

/// Steps that the first version of the language had say nothing that the other fields do not.
bool is_later(Step const& step) {
    return step.rule != "quorum" && step.rule != "threshold";
}

Json steps_json(std::vector<Step> const& steps) {
    Json out = Json::array();
    for (Step const& step : steps) {
        out.push_back({{"rule", step.rule},
                       {"tier", step.tier.empty() ? Json() : Json(step.tier)},
                       {"of", step.of},
                       {"part", amount(step.part)},
                       {"whole", amount(step.whole)},
                       {"min", step.min.text()},
                       {"holds", step.holds}});
    }
    return out;
}

Json delegated_json(std::vector<Delegation> const& delegated) {
    Json out = Json::array();
    for (Delegation const& one : delegated) out.push_back({{"from", one.from}, {"to", one.to}});
    return out;
}

}  // namespace

std::string in_words(Decision const& decision, Sums const& sums, Tally const& tally) {
    std::string out = turnout(decision, sums, tally);
    // Classes come last, as people ask for them last.
    for (bool const classes : {false, true})
        for (Step const& step : tally.steps)
            if ((step.rule == "class") == classes) out += "; " + clause(step, sums, tally);
    if (tally.steps.empty()) out += "; the charter has no such way to decide it";
    if (tally.forfeited && tally.outcome != TallyOutcome::continues) out += "; the deposit is lost";
    return out;
}

base::Json to_json(Tally const& tally) {
    Json out{{"passed", tally.passed},
             {"eligible", amount(tally.eligible)},
             {"yes", amount(tally.yes)},
             {"no", amount(tally.no)},
             {"abstain", amount(tally.abstain)},
             {"quorum_met", tally.quorum_met},
             {"threshold_met", tally.threshold_met},
             {"words", tally.words},
             {"missing", tally.missing}};
    bool const final = tally.outcome == TallyOutcome::passed || tally.outcome == TallyOutcome::failed;
    if (!final) out["outcome"] = name_of(tally.outcome);
    if (tally.track != Track::ordinary) out["track"] = name_of(tally.track);
    if (tally.veto > 0) out["veto"] = amount(tally.veto);
    if (!tally.recused.empty()) out["recused"] = tally.recused;
    if (!tally.delegated.empty()) out["delegated"] = delegated_json(tally.delegated);
    if (std::any_of(tally.steps.begin(), tally.steps.end(), is_later)) out["steps"] = steps_json(tally.steps);
    if (tally.cast) out["tie"] = "casting";
    if (tally.has_deposit && final) out["deposit"] = tally.forfeited ? "forfeited" : "returned";
    return out;
}

}  // namespace consortium::policy
