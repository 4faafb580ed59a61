#include "core/policy/tally.h"

#include "core/base/error.h"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <unordered_map>

namespace consortium::policy {

namespace {

using base::Rational;
using model::Decision;

bool contains(std::vector<std::string> const& list, std::string_view item) {
    return std::find(list.begin(), list.end(), item) != list.end();
}

/// Weights by choice: what every later rule (veto, classes) works on too.
struct Sums {
    std::int64_t eligible = 0;
    std::int64_t yes = 0, no = 0, abstain = 0;

    std::int64_t cast() const { return yes + no + abstain; }
    void add(std::string_view choice, std::int64_t weight) {
        if (choice == "yes") {
            yes += weight;
        } else if (choice == "no") {
            no += weight;
        } else if (choice == "abstain") {
            abstain += weight;
        } else {
            throw base::Error(base::Code::internal, fmt::format("a vote for '{}' reached the tally", choice));
        }
    }
};

struct Count {
    Sums sums;
    std::vector<std::string> missing;
};

/// Eligibility: only electors count, each once.
Count count(std::vector<Elector> const& electors, std::vector<Vote> const& votes) {
    std::unordered_map<std::string_view, std::string_view> choices;
    choices.reserve(votes.size());
    for (Vote const& vote : votes) {
        if (!choices.emplace(vote.member, vote.choice).second) {
            throw base::Error(base::Code::internal,
                              fmt::format("two votes of '{}' reached the tally", vote.member));
        }
    }
    Count out;
    for (Elector const& elector : electors) {
        out.sums.eligible += elector.weight;
        auto const choice = choices.find(elector.member);
        if (choice != choices.end()) {
            out.sums.add(choice->second, elector.weight);
        } else if (elector.weight > 0) {
            out.missing.push_back(elector.member);
        }
    }
    return out;
}

Rational share(std::int64_t part, std::int64_t whole) {
    return whole == 0 ? Rational(0) : Rational::of(part, whole);
}

std::int64_t quorum_weight(Decision const& decision, Sums const& sums) {
    std::int64_t weight = 0;
    if (contains(decision.quorum_counts, "yes")) weight += sums.yes;
    if (contains(decision.quorum_counts, "no")) weight += sums.no;
    if (contains(decision.quorum_counts, "abstain")) weight += sums.abstain;
    return weight;
}

std::int64_t pass_base(Decision const& decision, Sums const& sums) {
    if (decision.pass_of == "eligible") return sums.eligible;
    return decision.pass_of == "cast" ? sums.cast() : sums.yes + sums.no;
}

bool meets_quorum(Decision const& decision, Sums const& sums) {
    return decision.quorum.holds(share(quorum_weight(decision, sums), sums.eligible));
}

bool meets_threshold(Decision const& decision, Sums const& sums) {
    return sums.yes + sums.no > 0 && decision.pass.holds(share(sums.yes, pass_base(decision, sums)));
}

/// "4.67", "6": two decimals, none when they are zero.
std::string brief(Rational const& value) {
    std::string text = value.decimal(2);
    return text.ends_with(".00") ? text.substr(0, text.size() - 3) : text;
}

std::string in_words(Decision const& decision, Sums const& sums, Tally const& tally) {
    std::string const unit = decision.weight == "per_member" ? "eligible" : "eligible votes";
    std::string out = fmt::format("{}: {} of {} {} {}, {} for, {} against", tally.passed ? "passes" : "fails",
                                  sums.cast(), sums.eligible, unit,
                                  decision.weight == "per_member" ? "voted" : "cast", sums.yes, sums.no);
    if (sums.abstain > 0) out += fmt::format(", {} abstained", sums.abstain);
    out += fmt::format("; quorum {} of eligible = {}{}", decision.quorum.text(),
                       brief(decision.quorum.value * Rational(sums.eligible)),
                       tally.quorum_met ? "" : " not met");
    out += fmt::format("; needs {} of {} = {}", decision.pass.text(), decision.pass_of,
                       brief(decision.pass.value * Rational(pass_base(decision, sums))));
    if (!tally.threshold_met) out += sums.yes + sums.no == 0 ? ", nobody voted yes or no" : ", not reached";
    return out;
}

}  // namespace

std::int64_t weight_of(Decision const& decision, model::Tier const& tier, std::string const& member) {
    if (decision.weight == "per_member") return 1;
    if (decision.weight == "per_tier") return tier.weight;
    auto const found = decision.weights.find(member);
    return found == decision.weights.end() ? 0 : found->second;
}

std::vector<Elector> electorate(model::Epoch const& base, Decision const& decision) {
    std::vector<Elector> out;
    for (model::Member const* member : base.voting()) {
        model::Tier const* tier = base.charter.tier(member->tier);
        if (tier == nullptr || !contains(decision.electorate, tier->id)) continue;
        out.push_back({member->id, weight_of(decision, *tier, member->id)});
    }
    return out;
}

Tally tally(Decision const& decision, std::vector<Elector> const& electors, std::vector<Vote> const& votes) {
    Count counted = count(electors, votes);
    Sums const& sums = counted.sums;
    Tally out;
    out.eligible = sums.eligible;
    out.yes = sums.yes;
    out.no = sums.no;
    out.abstain = sums.abstain;
    out.missing = std::move(counted.missing);
    out.quorum_share = share(quorum_weight(decision, sums), sums.eligible);
    out.pass_share = share(sums.yes, pass_base(decision, sums));
    out.quorum_met = meets_quorum(decision, sums);
    out.threshold_met = meets_threshold(decision, sums);
    out.passed = out.quorum_met && out.threshold_met;
    out.words = in_words(decision, sums, out);
    return out;
}

bool settled(Decision const& decision, std::vector<Elector> const& electors, std::vector<Vote> const& votes) {
    Sums const now = count(electors, decision.ballot_change ? std::vector<Vote>{} : votes).sums;
    std::int64_t const open = now.eligible - now.cast();
    // Both rules are linear in what the open weight does, so their extremes are where all of it does the
    // same.
    std::array<Sums, 4> ends{now, now, now, now};
    ends[1].yes += open;
    ends[2].no += open;
    ends[3].abstain += open;
    bool can_fail = false, can_reach_quorum = false, can_reach_threshold = false;
    for (Sums const& end : ends) {
        bool const quorum = meets_quorum(decision, end);
        bool const threshold = meets_threshold(decision, end);
        can_fail = can_fail || !quorum || !threshold;
        can_reach_quorum = can_reach_quorum || quorum;
        can_reach_threshold = can_reach_threshold || threshold;
    }
    return !can_fail || !can_reach_quorum || !can_reach_threshold;
}

base::Json to_json(Tally const& tally) {
    return {{"passed", tally.passed},
            {"eligible", tally.eligible},
            {"yes", tally.yes},
            {"no", tally.no},
            {"abstain", tally.abstain},
            {"quorum_met", tally.quorum_met},
            {"threshold_met", tally.threshold_met},
            {"words", tally.words},
            {"missing", tally.missing}};
}

}  // namespace consortium::policy
