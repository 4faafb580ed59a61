#include "core/flow/proposal_look.h"

#include "core/agreement/result.h"
#include "core/base/text.h"
#include "core/flow/private_part.h"
#include "core/flow/proposal.h"
#include "core/model/ballot.h"
#include "core/policy/count.h"

#include <algorithm>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace consortium::flow {

namespace {

using base::Json;

MemberLook* find(std::vector<MemberLook>& all, std::string_view member) {
    auto const found =
        std::find_if(all.begin(), all.end(), [&](MemberLook const& one) { return one.member == member; });
    return found == all.end() ? nullptr : &*found;
}

void add_ballot(State const& state, model::StoredAct const& ballot, MemberLook& row) {
    auto const said = view_part(state, ballot);
    row.reason = said.text("reason");
    row.reason_state = said.state;
    row.time = ballot.act.time;
    row.officer = ballot.act.officer;
}

/// Choices that count, with what their acts say.
void add_ballots(State const& state, std::vector<base::Digest> const& counted, ProposalLook& out) {
    for (auto const& id : counted) {
        auto const held = state.store.act(id);
        auto* row = held ? find(out.members, held->act.member) : nullptr;
        if (row == nullptr || held->act.kind != "ballot") continue;
        auto const ballot = model::ballot_from_json(*held->act.body);
        row->choice = ballot.choice;
        add_ballot(state, *held, *row);
    }
}

/// Before the close: each member's vote, with the last of its ballots that says so.
void add_votes(State const& state, std::vector<policy::Vote> const& votes, ProposalLook& out) {
    for (auto const& vote : votes) {
        auto* row = find(out.members, vote.member);
        if (row == nullptr) continue;
        row->choice = vote.choice;
        std::int64_t latest = -1;
        for (auto const& held : state.store.acts(
                 {.kind = "ballot", .subject = out.proposal.id, .epoch = {}, .member = vote.member})) {
            auto const ballot = model::ballot_from_json(*held.act.body);
            if (ballot.revision <= latest || ballot.choice != vote.choice) continue;
            latest = ballot.revision;
            add_ballot(state, held, *row);
        }
    }
}

void add_delegations(std::vector<policy::Delegation> const& delegated, ProposalLook& out) {
    for (auto const& one : delegated) {
        auto* row = find(out.members, one.from);
        auto const* by = find(out.members, one.to);
        if (row == nullptr || by == nullptr || !row->choice.empty()) continue;
        row->choice = by->choice;
        row->by = one.to;
    }
}

void add_recused(std::vector<std::string> const& recused, ProposalLook& out) {
    for (auto const& member : recused)
        if (auto* row = find(out.members, member))
            *row = {member, row->weight, "recused", {}, {}, {}, {}, "none"};
}

void add_result(State const& state, model::Result const& result, ProposalLook& out) {
    add_ballots(state, result.counted, out);
    auto const& tally = *result.tally;
    if (!tally.is_object()) return;
    out.words = tally.value("words", std::string());
    std::vector<policy::Delegation> delegated;
    for (auto const& one : tally.value("delegated", Json::array()))
        delegated.push_back({one.at("from").get<std::string>(), one.at("to").get<std::string>()});
    add_delegations(delegated, out);
    add_recused(tally.value("recused", std::vector<std::string>{}), out);
}

void add_standing(State const& state, std::vector<policy::Elector> const& electors, ProposalLook& out) {
    auto const standing = agreement::standing(state.store, state.joined(), out.proposal);
    add_votes(state, standing.ballots.votes, out);
    add_delegations(standing.tally.delegated, out);
    add_recused(standing.tally.recused, out);
    out.words = standing.tally.words;
    out.steps = standing.tally.steps;
    out.prospect =
        policy::prospect(*out.proposal.decision, electors, standing.ballots.votes, standing.ballots.context);
}

/// What a rule needs of its whole: "2.67 of 4" is what ">2/3" of 4 comes to.
std::string need(policy::Step const& step) {
    auto const amount =
        base::Rational::of(step.whole * step.min.value.numerator(), step.min.value.denominator());
    return (step.min.strict ? "more than " : "") +
           (amount.denominator() == 1 ? amount.text() : amount.decimal(2));
}

std::string name_of(policy::Step const& step) {
    return step.tier.empty() ? step.rule : step.rule + " " + step.tier;
}

Json rules_json(std::vector<policy::Step> const& steps) {
    Json out = Json::array();
    for (auto const& step : steps)
        out.push_back({{"rule", step.rule},
                       {"tier", step.tier.empty() ? Json() : Json(step.tier)},
                       {"of", step.of},
                       {"min", step.min.text()},
                       {"have", base::to_text(step.part)},
                       {"need", need(step)},
                       {"whole", base::to_text(step.whole)},
                       {"holds", step.holds}});
    return out;
}

Json members_json(std::vector<MemberLook> const& members) {
    Json out = Json::array();
    for (auto const& one : members)
        out.push_back({{"member", one.member},
                       {"weight", one.weight},
                       {"choice", one.choice.empty() ? Json() : Json(one.choice)},
                       {"by", one.by.empty() ? Json() : Json(one.by)},
                       {"officer", one.officer.empty() ? Json() : Json(one.officer)},
                       {"time", one.time ? Json(one.time->text()) : Json()},
                       {"reason", one.reason_state == "held" ? Json(one.reason) : Json()},
                       {"reason_state", one.reason_state}});
    return out;
}

Json names_json(policy::Prospect::Members const& members) {
    return members ? Json(*members) : Json();
}

/// What those who have not voted can still do, in a sentence each.
std::string prospect_words(policy::Prospect const& prospect) {
    if (prospect.settled) return "nothing that anybody can still say changes this";
    auto const set = [](policy::Prospect::Members const& members, std::string_view with,
                        std::string_view already, std::string_view never) {
        if (!members) return std::string(never);
        if (members->empty()) return std::string(already);
        return fmt::format("{} {}{}", with, members->size() > 1 ? "all of " : "", base::join(*members, ", "));
    };
    return set(prospect.passing, "it would pass with a yes from", "it passes with what is here",
               "no yes of those who are missing can make it pass") +
           "; " +
           set(prospect.blocking, "it would be stopped by a no from", "it fails whatever they say",
               "nobody who is missing can stop it");
}

model::Table members_table(ProposalLook const& look) {
    model::Table table{{"member", "weight", "vote", "signed", "reason"}, {}, "nobody may vote on it"};
    for (auto const& one : look.members) {
        auto const vote = one.choice.empty() ? "-"
                          : one.by.empty()   ? one.choice
                                             : one.choice + ", by " + one.by;
        table.rows.push_back({one.member, std::to_string(one.weight), vote,
                              one.time ? one.time->text() : std::string(), base::printable(one.reason)});
    }
    return table;
}

model::Table rules_table(ProposalLook const& look) {
    model::Table table{{"rule", "have", "needs", "", ""}, {}, ""};
    for (auto const& step : look.steps)
        table.rows.push_back({name_of(step), base::to_text(step.part), need(step),
                              fmt::format("{} of {} {}", step.min.text(), base::to_text(step.whole), step.of),
                              step.holds ? "holds" : "missing"});
    return table;
}

std::string time_words(ProposalLook const& look, base::Instant now) {
    auto const& closes = look.proposal.body.closes;
    return closes.text() + " (" + base::relative(closes, now) + ")";
}

}  // namespace

std::vector<std::string> ProposalLook::missing() const {
    std::vector<std::string> out;
    for (auto const& one : members)
        if (one.choice.empty()) out.push_back(one.member);
    return out;
}

ProposalLook look_at(State const& state, agreement::OpenProposal const& proposal) {
    ProposalLook out;
    out.proposal = proposal;
    auto const electors = policy::electorate(*proposal.base, *proposal.decision);
    for (auto const& one : electors)
        out.members.push_back({one.member, one.weight, {}, {}, {}, {}, {}, "none"});
    if (auto const done = decided(state, proposal)) {
        out.state = done->result.outcome;
        out.epoch = done->epoch;
        add_result(state, done->result, out);
    } else {
        out.state = state.now < proposal.body.closes ? "open" : "closed";
        add_standing(state, electors, out);
    }
    return out;
}

base::Json to_json(ProposalLook const& look, base::Instant now) {
    auto const& body = look.proposal.body;
    bool const open = look.state == "open";
    return {{"proposal", look.proposal.id.hex()},
            {"name", model::short_name(look.proposal.id)},
            {"title", body.title},
            {"action", body.action.kind},
            {"decision", look.proposal.decision->id},
            {"state", look.state},
            {"closes", body.closes.text()},
            {"left", open ? Json((body.closes - now).seconds) : Json()},
            {"epoch", look.epoch ? Json(*look.epoch) : Json()},
            {"words", look.words},
            {"passes", look.is_decided() ? look.state == "passed" : look.prospect.passes},
            {"settled", look.is_decided() || look.prospect.settled},
            {"rules", rules_json(look.steps)},
            {"members", members_json(look.members)},
            {"missing", look.missing()},
            {"would_pass", names_json(look.prospect.passing)},
            {"would_block", names_json(look.prospect.blocking)}};
}

std::vector<model::Paragraph> in_words(ProposalLook const& look, base::Instant now) {
    std::vector<model::Paragraph> out;
    auto const& proposal = look.proposal;
    model::Fields head;
    head.rows = {{"proposal", model::short_name(proposal.id) + "  " + base::printable(proposal.body.title)},
                 {"decided by", "'" + proposal.decision->id + "'"},
                 {"closes", time_words(look, now)},
                 {"state", look.is_decided()      ? fmt::format("{}, in epoch {}", look.state, *look.epoch)
                           : look.state == "open" ? "open"
                                                  : "closed, being counted"}};
    if (!look.words.empty())
        head.rows.emplace_back(look.is_decided() ? "tally" : "if it closed now", look.words);
    if (!look.is_decided()) {
        auto const missing = look.missing();
        head.rows.emplace_back("missing", missing.empty() ? "nobody" : base::join(missing, ", "));
        head.rows.emplace_back("prospect", prospect_words(look.prospect));
    }
    out.emplace_back(std::move(head));
    if (!look.steps.empty()) out.emplace_back(rules_table(look));
    out.emplace_back(members_table(look));
    return out;
}

std::vector<std::string> news(ProposalLook const& before, ProposalLook const& now) {
    std::vector<std::string> out;
    for (std::size_t i = 0; i < now.members.size() && i < before.members.size(); ++i) {
        auto const& was = before.members[i];
        auto const& is = now.members[i];
        if (was.choice == is.choice && was.by == is.by) continue;
        if (is.choice.empty()) {
            out.push_back("what " + is.member + " said does not count");
        } else if (is.choice == "recused") {
            out.push_back(is.member + " takes no part");
        } else {
            out.push_back(fmt::format("{} votes {}{}{}", is.member, is.choice,
                                      is.by.empty() ? "" : " through " + is.by,
                                      was.choice.empty() ? "" : ", before " + was.choice));
        }
    }
    if (before.state != now.state)
        out.push_back(now.is_decided() ? fmt::format("epoch {} decided it: {}", *now.epoch, now.state)
                                       : "it is " + now.state);
    else if (before.prospect.settled != now.prospect.settled)
        out.emplace_back(now.prospect.settled ? "it is settled" : "it is open again");
    return out;
}

}  // namespace consortium::flow
