// How [decision.ID] is read.

#include "core/base/error.h"
#include "core/base/money.h"
#include "core/base/text.h"
#include "core/model/charter_read.h"
#include "core/model/proposal.h"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace consortium::model::reading {

namespace {

using base::Duration;
using base::JsonReader;
using base::Rational;

constexpr std::array<std::string_view, 3> known_choices{"yes", "no", "abstain"};
constexpr std::array<std::string_view, 3> known_weights{"per_member", "per_tier", "custom"};
constexpr std::array<std::string_view, 3> known_bases{"yes+no", "cast", "eligible"};
constexpr std::array<std::string_view, 2> known_quorum_bases{"eligible", "all"};
constexpr std::array<std::string_view, 2> known_vetoers{"no", "veto"};
constexpr std::array<std::string_view, 2> known_midvotes{"finish", "restart"};
constexpr std::array<std::string_view, 2> known_exits{"keep_cast", "void"};
constexpr std::array<std::string_view, 1> known_delegations{"depth1"};
constexpr std::array<std::string_view, 3> known_recusals{"declared", "ruled", "target"};
constexpr std::array<std::string_view, 2> known_ties{"fail", "casting"};
constexpr std::array<std::string_view, 3> known_forfeits{"no_quorum", "veto", "failed"};
constexpr std::array<std::string_view, 3> known_measures{"pause", "patch", "root"};

std::vector<std::string> known_actions() {
    std::vector<std::string> names;
    for (ActionKind const& kind : action_kinds()) names.emplace_back(kind.name);
    return names;
}

std::vector<std::string> tier_names(Charter const& charter) {
    std::vector<std::string> names;
    names.reserve(charter.tiers.size());
    for (Tier const& one : charter.tiers) names.push_back(one.id);
    return names;
}

Rational read_cap(JsonReader& in) {
    Rational cap;
    try {
        cap = Rational::from_text(in.text("cap"));
    } catch (base::Error const& error) {
        if (!error.details().empty()) throw;  // not a text: its place is named already
        in.fail("cap", error.message());
    }
    if (cap <= Rational(0) || cap >= Rational(1)) in.fail("cap", "a share between 0 and 1 expected");
    if (cap.denominator() > 1'000'000) in.fail("cap", "finer than one in a million");
    return cap;
}

void read_weight(JsonReader& in, Decision& decision) {
    if (!in.has("weight")) return;
    JsonReader part = in.object("weight");
    decision.weight = choice(part, "base", known_weights, "");
    if (part.has("members")) decision.weights = weights(part.object("members"));
    if ((decision.weight == "custom") == decision.weights.empty()) {
        part.fail("base", "the table 'members' belongs to base = \"custom\" and to no other");
    }
    if (part.has("cap")) decision.weight_cap = read_cap(part);
    part.done();
}

void read_thresholds(JsonReader& in, Decision& decision) {
    JsonReader quorum = in.object("quorum");
    decision.quorum_of = choice(quorum, "of", known_quorum_bases, "eligible");
    decision.quorum_counts = as_strings(known_choices);
    if (quorum.has("counts"))
        decision.quorum_counts = some_of(quorum, "counts", "choice", as_strings(known_choices));
    std::sort(decision.quorum_counts.begin(), decision.quorum_counts.end());
    decision.quorum = bound(quorum, "min");
    quorum.done();
    JsonReader pass = in.object("pass");
    decision.pass_of = choice(pass, "of", known_bases, "yes+no");
    decision.pass = bound(pass, "min");
    if (decision.pass.value == Rational(0)) {
        pass.fail("min", fmt::format("'{}' asks for no consent at all", decision.pass.text()));
    }
    pass.done();
}

void read_objections(JsonReader& in, Decision& decision) {
    if (in.has("veto")) {
        JsonReader part = in.object("veto");
        Veto veto;
        veto.of = choice(part, "of", known_bases, "cast");
        veto.by = choice(part, "by", known_vetoers, "no");
        veto.min = demand(part, "min");
        part.done();
        decision.veto = std::move(veto);
    }
    if (in.has("optimistic")) {
        JsonReader part = in.object("optimistic");
        decision.optimistic = Share{choice(part, "of", known_bases, "eligible"), demand(part, "min")};
        part.done();
    }
}

void read_classes(JsonReader& in, Decision& decision) {
    if (!in.has("classes")) return;
    in.objects("classes", [&](JsonReader& part) {
        ClassMajority one;
        one.tier =
            choice(part, "tier",
                   std::vector<std::string_view>(decision.electorate.begin(), decision.electorate.end()), "");
        one.of = choice(part, "of", known_bases, "yes+no");
        one.min = demand(part, "min");
        part.done();
        bool const twice = std::any_of(decision.classes.begin(), decision.classes.end(),
                                       [&](ClassMajority const& other) { return other.tier == one.tier; });
        if (twice) part.fail("tier", fmt::format("'{}' has a majority of its own already", one.tier));
        decision.classes.push_back(std::move(one));
    });
    std::sort(decision.classes.begin(), decision.classes.end(),
              [](ClassMajority const& left, ClassMajority const& right) { return left.tier < right.tier; });
}

void read_times(JsonReader& in, Decision& decision) {
    JsonReader time = in.object("time");
    decision.window = time.duration("window");
    decision.timelock = duration(time, "timelock", {});
    decision.lapses = duration(time, "lapses", {30 * 86'400});
    decision.notice = duration(time, "notice", {});
    decision.late_quorum = duration(time, "late_quorum", {});
    decision.cooldown = duration(time, "cooldown", {});
    if (time.has("earliest")) decision.earliest = time.duration("earliest");
    if (decision.window == Duration{}) time.fail("window", "a vote that closes at once");
    if (decision.lapses <= decision.timelock) {
        time.fail("lapses", "not longer than the timelock: what is decided could never be carried out");
    }
    if (decision.late_quorum > decision.window) time.fail("late_quorum", "longer than the window itself");
    if (decision.earliest && decision.earliest->seconds < decision.notice.seconds)
        time.fail("earliest", "within the notice: nothing is settled before the window opens");
    if (decision.earliest && decision.earliest->seconds >= decision.notice.seconds + decision.window.seconds)
        time.fail("earliest", "not before the window ends: leave it out");
    time.done();
}

void read_ballot(JsonReader& in, Decision& decision) {
    if (!in.has("ballot")) return;
    JsonReader ballot = in.object("ballot");
    decision.ballot_change = truth(ballot, "change", true);
    decision.delegation = !alternatives(ballot, "delegation", "delegation", known_delegations).empty();
    decision.recusal = alternatives(ballot, "recusal", "recusal", known_recusals);
    bool const cast = choice(ballot, "tie", known_ties, "fail") == "casting";
    if (cast != ballot.has("casting"))
        ballot.fail("casting", "the member that breaks a tie belongs to tie = \"casting\" and to no other");
    if (cast) decision.casting = ballot.name("casting");
    decision.reasoned_no = truth(ballot, "reasoned_no", false);
    ballot.done();
}

void read_deposit(JsonReader& in, ProposerRule& rule, Charter const& charter) {
    if (in.has("forfeit") && !in.has("deposit")) in.fail("forfeit", "there is no deposit to lose");
    if (!in.has("deposit")) return;
    try {
        auto const currency = base::Currency::from_code(charter.currency);
        auto const amount = base::Money::from_text(in.text("deposit", 32), currency);
        if (amount.minor <= 0) in.fail("deposit", "an amount above zero expected");
        rule.deposit = amount.text();
    } catch (base::Error const& error) {
        if (!error.details().empty()) throw;
        in.fail("deposit", error.message());
    }
    rule.forfeit = {"no_quorum", "veto"};
    if (in.has("forfeit")) rule.forfeit = subset(in, "forfeit", "loss", as_strings(known_forfeits));
}

void read_proposer(JsonReader& in, Decision& decision, Charter const& charter) {
    decision.proposers = {"governance"};
    if (in.has("proposers")) decision.proposers = some_of(in, "proposers", "role", as_strings(known_roles()));
    if (!in.has("proposer")) return;
    JsonReader part = in.object("proposer");
    if (part.has("tiers")) decision.proposer.tiers = some_of(part, "tiers", "tier", tier_names(charter));
    if (part.has("max_open")) decision.proposer.max_open = small(part, "max_open", 1, 10);
    read_deposit(part, decision.proposer, charter);
    part.done();
}

void read_midvote(JsonReader& in, Decision& decision) {
    if (!in.has("midvote")) return;
    JsonReader part = in.object("midvote");
    if (part.has("amend")) decision.midvote_amend = choice(part, "amend", known_midvotes, "");
    decision.midvote_exit = choice(part, "exit", known_exits, "keep_cast");
    part.done();
}

void read_expedited(JsonReader& in, Decision& decision) {
    if (!in.has("expedited")) return;
    JsonReader part = in.object("expedited");
    Expedited track;
    track.window = part.duration("window");
    track.timelock = duration(part, "timelock", {});
    if (part.has("quorum")) track.quorum = bound(part, "quorum");
    track.pass = demand(part, "pass");
    if (track.window == Duration{}) part.fail("window", "a vote that closes at once");
    if (track.window.seconds >= decision.notice.seconds + decision.window.seconds)
        part.fail("window", "not shorter than the ordinary vote, on which it falls back");
    if (track.pass.value < decision.pass.value)
        part.fail("pass", fmt::format("asks for less than the ordinary vote, '{}'", decision.pass.text()));
    part.done();
    decision.expedited = std::move(track);
}

void read_emergency(JsonReader& in, Decision& decision) {
    if (!in.has("emergency")) return;
    JsonReader part = in.object("emergency");
    Emergency rule;
    rule.min = demand(part, "min");
    rule.scope = some_of(part, "scope", "measure", as_strings(known_measures));
    rule.window = duration(part, "window", {86'400});
    rule.max_life = part.duration("max_life");
    rule.ratify = part.duration("ratify");
    rule.cooldown = duration(part, "cooldown", rule.ratify);
    if (rule.window == Duration{}) part.fail("window", "a vote that closes at once");
    if (rule.max_life == Duration{}) part.fail("max_life", "ends at once: nothing could be done");
    if (rule.ratify == Duration{}) part.fail("ratify", "no time to ratify: it would always lapse");
    part.done();
    decision.emergency = std::move(rule);
}

void read_electorate(JsonReader& in, Decision& decision, Charter const& charter) {
    decision.electorate = some_of(in, "electorate", "tier", tier_names(charter));
    for (std::string const& name : decision.electorate) {
        auto const& rights = charter.tier(name)->rights;
        if (std::find(rights.begin(), rights.end(), "vote") != rights.end()) continue;
        in.fail("electorate", fmt::format("the tier '{}' has no right to vote", name));
    }
}

}  // namespace

Decision decision(JsonReader& in, std::string const& id, Charter const& charter) {
    Decision out;
    out.id = id;
    out.actions = subset(in, "actions", "action", known_actions());
    read_electorate(in, out, charter);
    read_proposer(in, out, charter);
    read_weight(in, out);
    read_thresholds(in, out);
    read_objections(in, out);
    read_classes(in, out);
    read_times(in, out);
    read_ballot(in, out);
    read_midvote(in, out);
    read_expedited(in, out);
    read_emergency(in, out);
    out.finding = truth(in, "finding", false);
    for (std::string const& action : out.actions) {
        Decision const* other = charter.decision_for(action);
        if (other != nullptr)
            in.fail("actions", fmt::format("'{}' is decided by '{}' already", action, other->id));
    }
    return out;
}

}  // namespace consortium::model::reading
