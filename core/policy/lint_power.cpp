// What a charter means for these members: who can decide, who can stop, alone and together.

#include "core/base/text.h"
#include "core/policy/coalition.h"
#include "core/policy/count.h"
#include "core/policy/lint_parts.h"

#include <algorithm>
#include <fmt/format.h>
#include <map>
#include <set>

namespace consortium::policy {

std::vector<Elector> electors_of(model::Charter const& charter, model::Decision const& decision,
                                 std::vector<Party> const& parties) {
    std::vector<Elector> out;
    for (Party const& party : parties) {
        model::Tier const* tier = charter.tier(party.tier);
        if (tier != nullptr && contains(decision.electorate, tier->id))
            out.push_back({party.id, weight_of(decision, *tier, party.id), tier->id});
    }
    if (decision.weight_cap) apply_cap(*decision.weight_cap, out);
    return out;
}

}  // namespace consortium::policy

namespace consortium::policy::parts {

namespace {

using base::Rational;
using base::Wide;
using model::Charter;
using model::Decision;
using Names = std::vector<std::string>;

constexpr std::size_t most_named = 5;

std::string some_names(Names const& names) {
    if (names.size() <= most_named) return base::join(names, ", ");
    return fmt::format("{} and {} more", base::join(Names(names.begin(), names.begin() + most_named), ", "),
                       names.size() - most_named);
}

/// One member, or the members of one group: who votes as one.
struct Block {
    std::string name;
    std::set<std::string> members;
};

std::vector<Vote> votes_of(std::vector<Elector> const& electors, Block const& block, std::string_view theirs,
                           std::string_view others) {
    std::vector<Vote> out;
    out.reserve(electors.size());
    for (Elector const& elector : electors) {
        std::string_view const choice = block.members.contains(elector.member) ? theirs : others;
        if (!choice.empty()) out.push_back({elector.member, std::string(choice)});
    }
    return out;
}

/// What one block can do to a decision.
struct Power {
    bool decides = false, vetoes = false, blocks = false;
};

Power power_of(Decision const& decision, std::vector<Elector> const& electors, Block const& block) {
    auto const passes = [&](std::string_view theirs, std::string_view others) {
        return judge(decision, count(decision, electors, votes_of(electors, block, theirs, others), {}),
                     Track::ordinary)
            .passed;
    };
    bool const silent =
        judge(decision, count(decision, electors, votes_of(electors, block, "no", "no"), {}), Track::ordinary)
            .passed;
    std::string_view const against = decision.veto && decision.veto->by == "veto" ? "veto" : "no";
    return {!silent && passes("yes", "no"), !passes(against, "yes"), !passes("", "yes")};
}

void say_power(Decision const& decision, std::string_view who, std::string_view rule, std::string_view does,
               Findings& out) {
    out.push_back({Severity::warning, std::string(rule), place(decision, ""),
                   fmt::format(fmt::runtime(does), who, decision.id)});
}

/// Members of equal weight, class and say in ties can do the same, so each kind is looked at once, however
/// many members there are.
void look_at_members(Decision const& decision, std::vector<Elector> const& electors, Findings& out) {
    std::map<std::tuple<std::int64_t, std::string, bool>, Power> powers;
    Names deciders, vetoers, blockers;
    for (Elector const& elector : electors) {
        auto const [known, is_new] =
            powers.try_emplace({elector.weight, elector.tier, elector.member == decision.casting});
        if (is_new) known->second = power_of(decision, electors, {elector.member, {elector.member}});
        if (known->second.decides) deciders.push_back(elector.member);
        if (known->second.vetoes) vetoers.push_back(elector.member);
        if (known->second.blocks) blockers.push_back(elector.member);
    }
    auto const say = [&](Names const& who, std::string_view rule, std::string_view does) {
        if (who.empty()) return;
        say_power(decision, who.size() == electors.size() ? "any one member" : some_names(who), rule, does,
                  out);
    };
    say(deciders, "one-member-control", "{} decides '{}' alone, against all others");
    say(vetoers, "one-member-veto", "{} can stop '{}' by voting no");
    say(blockers, "one-member-quorum", "{} can stop '{}' by staying away");
}

void look_at_groups(Decision const& decision, std::vector<Elector> const& electors,
                    std::vector<Party> const& parties, Findings& out) {
    std::map<std::string, std::set<std::string>> groups;
    for (Party const& party : parties)
        if (!party.group.empty()) groups[party.group].insert(party.id);
    for (auto const& [group, members] : groups) {
        if (members.size() < 2) continue;
        Power const power = power_of(decision, electors, {group, members});
        std::string const who =
            fmt::format("the group '{}' ({})", group, some_names(Names(members.begin(), members.end())));
        if (power.decides)
            say_power(decision, who, "one-group-control", "{} decides '{}' alone, against all others", out);
        if (power.vetoes) say_power(decision, who, "one-group-veto", "{} can stop '{}' by voting no", out);
    }
}

void look_at_concentration(Decision const& decision, std::vector<Elector> const& electors, Findings& out) {
    if (electors.size() < 4) return;  // of three equal members each has a third
    Wide total = 0;
    for (Elector const& elector : electors) total += elector.weight;
    for (Elector const& elector : electors) {
        if (Wide{3} * elector.weight <= total) continue;
        out.push_back({Severity::warning, "power-concentration", place(decision, "/weight"),
                       fmt::format("'{}' has {} % of the votes on '{}'", elector.member,
                                   Rational::of(Wide{100} * elector.weight, total).decimal(0), decision.id)});
    }
}

void look_at_names(Decision const& decision, std::vector<Elector> const& electors, Findings& out) {
    auto const is_elector = [&](std::string const& member) {
        return std::any_of(electors.begin(), electors.end(),
                           [&](Elector const& one) { return one.member == member && one.weight > 0; });
    };
    auto const warn = [&](std::string rule, std::string_view part, std::string words) {
        out.push_back({Severity::warning, std::move(rule), place(decision, part), std::move(words)});
    };
    if (!decision.casting.empty() && !is_elector(decision.casting))
        warn("casting-unknown", "/ballot/casting",
             fmt::format("'{}' breaks ties on '{}' without a vote: a tie fails", decision.casting,
                         decision.id));
    Names strangers, silent;
    for (auto const& [member, weight] : decision.weights)
        if (!is_elector(member)) strangers.push_back(member);
    for (Elector const& elector : electors)
        if (elector.weight == 0) silent.push_back(elector.member);
    if (!strangers.empty())
        warn("weight-unknown", "/weight/members",
             fmt::format("{} have a weight in '{}', but no vote", some_names(strangers), decision.id));
    if (!silent.empty())
        warn("no-weight", "/weight/members",
             fmt::format("{} may vote on '{}', with no weight", some_names(silent), decision.id));
}

void look_at_classes(Decision const& decision, std::vector<Elector> const& electors, Findings& out) {
    for (model::ClassMajority const& one : decision.classes) {
        bool const asked = std::any_of(electors.begin(), electors.end(), [&](Elector const& elector) {
            return elector.tier == one.tier && elector.weight > 0;
        });
        if (asked) continue;
        out.push_back({Severity::warning, "class-empty", place(decision, "/classes"),
                       fmt::format("nobody is in the tier '{}': '{}' passes without its majority", one.tier,
                                   decision.id)});
    }
    if (!decision.weight_cap) return;
    Wide total = 0;
    std::int64_t top = 0;
    for (Elector const& elector : electors) {
        total += elector.weight;
        top = std::max(top, elector.weight);
    }
    if (Rational::of(top, total) > *decision.weight_cap)
        out.push_back({Severity::warning, "cap-unattainable", place(decision, "/weight/cap"),
                       fmt::format("{} members cannot all have {} of the votes or less", electors.size(),
                                   decision.weight_cap->text())});
}

/// "any 3", or "3 (acme, globex, initech)" where it matters who.
std::string so_many(Coalitions::Members const& members, std::vector<Elector> const& electors) {
    if (!members) return "nobody can";
    bool const equal = std::all_of(electors.begin(), electors.end(), [&](Elector const& one) {
        return one.weight == electors.front().weight && one.tier == electors.front().tier;
    });
    if (members->empty()) return "0 need";
    return equal ? fmt::format("any {}", members->size())
                 : fmt::format("{} ({})", members->size(), some_names(*members));
}

std::string coalition_words(Coalitions const& found, std::vector<Elector> const& electors) {
    std::string out = found.deciding && !found.deciding->empty()
                          ? fmt::format("{} of {} decide against all others",
                                        so_many(found.deciding, electors), electors.size())
                      : found.deciding ? std::string("passes without a yes")
                                       : std::string("nobody decides against all others");
    out += found.blocking ? fmt::format("; {} stop it by voting no", so_many(found.blocking, electors))
                          : "; no noes stop it";
    return out + (found.absent ? fmt::format("; {} stop it by staying away", so_many(found.absent, electors))
                               : "; no absence stops it");
}

/// Whoever can amend the charter can undo whatever it protects.
void look_at_amending(Charter const& charter,
                      std::vector<std::pair<Decision const*, std::size_t>> const& deciding, Findings& out) {
    Decision const* amendment = charter.decision_for("charter.amend");
    auto const own = std::find_if(deciding.begin(), deciding.end(),
                                  [&](auto const& one) { return one.first == amendment; });
    if (own == deciding.end()) return;
    for (auto const& [decision, count] : deciding) {
        if (count <= own->second || decision->optimistic) continue;
        out.push_back({Severity::warning, "amendment-cheaper", place(*amendment, ""),
                       fmt::format("{} of these members amend the charter against all others, '{}' takes {}",
                                   own->second, decision->id, count)});
    }
}

bool passes_with_all(Decision const& decision, std::vector<Elector> const& electors) {
    return judge(decision, count(decision, electors, votes_of(electors, {}, "", "yes"), {}), Track::ordinary)
        .passed;
}

bool is_reachable(Decision const& decision, std::vector<Elector> const& electors, Findings& out) {
    Wide weight = 0;
    for (Elector const& elector : electors) weight += elector.weight;
    if (weight > 0 && passes_with_all(decision, electors)) return true;
    out.push_back({Severity::refused, "unreachable", place(decision, "/electorate"),
                   weight == 0 ? fmt::format("no member may vote on '{}'", decision.id)
                               : fmt::format("'{}' does not pass even if all say yes", decision.id)});
    return false;
}

}  // namespace

std::string place(Decision const& decision, std::string_view part) {
    return fmt::format("/decision/{}{}", decision.id, part);
}

void look_at_decisions(Charter const& charter, std::vector<Party> const& parties, Findings& out) {
    std::map<std::string, Names> coalitions;  // decisions that take the same
    std::vector<std::pair<Decision const*, std::size_t>> deciding;
    for (Decision const& decision : charter.decisions) {
        std::vector<Elector> const electors = electors_of(charter, decision, parties);
        if (!is_reachable(decision, electors, out)) continue;
        look_at_names(decision, electors, out);
        look_at_classes(decision, electors, out);
        if (electors.size() < 2) continue;
        look_at_members(decision, electors, out);
        look_at_groups(decision, electors, parties, out);
        look_at_concentration(decision, electors, out);
        Coalitions const found = smallest_coalitions(decision, electors);
        coalitions[coalition_words(found, electors)].push_back(decision.id);
        if (found.deciding) deciding.emplace_back(&decision, found.deciding->size());
    }
    look_at_amending(charter, deciding, out);
    for (auto const& [words, decisions] : coalitions)
        out.push_back({Severity::note, "coalitions", "/decision/" + decisions.front(),
                       fmt::format("{}: {}", some_names(decisions), words)});
}

void look_at_arbitration(Charter const& charter, std::vector<Party> const& parties, Findings& out) {
    if (!charter.arbitration) return;
    model::Arbitration const& rule = *charter.arbitration;
    auto const able = std::count_if(parties.begin(), parties.end(),
                                    [&](Party const& party) { return contains(rule.tiers, party.tier); });
    int const left = static_cast<int>(able) - 2;
    int const needed = std::max(rule.panel, rule.appealed.value_or(rule.panel)) + 2 * rule.strikes;
    if (left >= needed) return;
    out.push_back({left < rule.panel ? Severity::refused : Severity::warning, "panel-too-large",
                   "/arbitration/panel",
                   fmt::format("two parties excluded, {} members are left for a panel of {}{}",
                               std::max(left, 0), rule.panel,
                               rule.strikes > 0 ? fmt::format(" with {} strikes each", rule.strikes) : "")});
}

}  // namespace consortium::policy::parts
