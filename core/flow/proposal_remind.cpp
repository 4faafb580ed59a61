#include "core/flow/proposal_remind.h"

#include "core/agreement/next_epoch.h"
#include "core/base/error.h"
#include "core/base/text.h"
#include "core/base/zone.h"
#include "core/flow/proposal.h"
#include "core/policy/permission.h"

#include <algorithm>
#include <fmt/format.h>
#include <map>
#include <nlohmann/json.hpp>

namespace consortium::flow {

namespace {

using base::Code;
using base::Duration;
using base::Error;
using base::Instant;
using base::Json;

constexpr Duration a_day{86'400}, two_hours{7200};

/// "2026-11-02 12:00": without the letters of RFC 3339, so that nothing adds a second reading to it.
std::string minutes(Instant instant) {
    auto const text = instant.text();
    return text.substr(0, 10) + " " + text.substr(11, 5);
}

/// In the charter's zone where this system knows it, and in UTC.
std::string both_times(Instant instant, std::string const& zone) {
    auto utc = minutes(instant) + " UTC";
    auto const known = zone == "UTC" ? std::nullopt : base::Zone::find(zone);
    if (!known) return utc;
    return fmt::format("{} {} ({})", minutes(instant + known->offset(instant)), zone, utc);
}

std::string title_of(ProposalLook const& look) {
    return model::short_name(look.proposal.id) + " " + base::printable(look.proposal.body.title);
}

std::string action_words(model::Action const& action) {
    std::vector<std::string> parts;
    for (auto const& [key, value] : action.detail->items())
        parts.push_back(key + " " + (value.is_string() ? value.get<std::string>() : value.dump()));
    return base::printable(action.kind + ": " + base::join(parts, ", "));
}

/// The command to vote, fit to be pasted, and what else may be said.
std::string vote_words(ProposalLook const& look) {
    std::vector<std::string> others;
    for (auto const& choice : model::choices(*look.proposal.decision))
        if (choice != "yes") others.push_back(choice);
    return fmt::format("consortium vote cast {} --choice yes   (or {})", model::short_name(look.proposal.id),
                       base::join(others, ", "));
}

struct Addressee {
    std::string id;
    bool has_ssh_key = false;
};

/// Officers of a member whose ballot would count.
std::vector<Addressee> addressees(ProposalLook const& look, std::string const& member, State const& state) {
    auto const& current = state.joined();
    auto const& action = look.proposal.body.action.kind;
    std::vector<Addressee> out;
    for (auto const& officer : current.officers) {
        if (officer.member != member ||
            !policy::may_vote(current, *look.proposal.base, officer.id, action, state.now).allowed())
            continue;
        auto const* key = current.key(officer.key);
        out.push_back({officer.id, key != nullptr && key->algorithm == "ssh"});
    }
    return out;
}

std::string body_text(ProposalLook const& look, std::string const& member, State const& state) {
    auto const& zone = state.joined().charter.time_zone;
    auto const now = state.now;
    auto const& proposal = look.proposal;
    auto const name = model::short_name(proposal.id);
    auto out = fmt::format(
        "{} has not voted yet on\n\n"
        "    {}\n"
        "    {}\n"
        "    proposed by {} of {}\n\n"
        "Voting ends {}, {}.\n"
        "If it closed now: {}\n\n"
        "What it would change:  consortium proposal show {}\n"
        "To vote:               {}\n"
        "To send the vote:      consortium exchange sync\n",
        member, title_of(look), action_words(proposal.body.action), proposal.act.officer, proposal.act.member,
        both_times(proposal.body.closes, zone), base::relative(proposal.body.closes, now), look.words, name,
        vote_words(look));
    for (auto const& one : addressees(look, member, state))
        if (one.has_ssh_key)
            out += fmt::format(
                "{} signs with an SSH key and needs no workspace: ask for the file that\n"
                "  consortium vote prepare {} --choice CHOICE --for {} --to ballot\nwrites.\n",
                one.id, name, one.id);
    return out;
}

/// One member's mail about all that it has not voted on.
Json mail(std::vector<ProposalLook const*> const& looks, std::string const& member, State const& state) {
    auto const& zone = state.joined().charter.time_zone;
    std::vector<std::string> officers, names;
    std::string text;
    for (auto const* look : looks) {
        for (auto const& one : addressees(*look, member, state))
            if (std::find(officers.begin(), officers.end(), one.id) == officers.end())
                officers.push_back(one.id);
        names.push_back(model::short_name(look->proposal.id));
        if (!text.empty()) text += '\n';
        text += body_text(*look, member, state);
    }
    auto const& first = *looks.front();
    auto const subject =
        looks.size() == 1
            ? fmt::format("{}: your vote on {} is missing, it ends {}", state.joined().charter.name,
                          title_of(first), both_times(first.proposal.body.closes, zone))
            : fmt::format("{}: {} votes of yours are missing, the first ends {}", state.joined().charter.name,
                          looks.size(), both_times(first.proposal.body.closes, zone));
    return {{"member", member},
            {"officers", officers},
            {"subject", subject},
            {"text", text},
            {"proposals", names}};
}

/// What is open, by its close; or the one that is named, whatever became of it.
std::vector<ProposalLook> looks_for(State const& state, model::Request const& request) {
    std::vector<ProposalLook> out;
    if (request.arguments->contains("operand")) {
        auto const name = request.arguments->at("operand").get<std::string>();
        out.push_back(look_at(state, find_proposal(state, name)));
        return out;
    }
    for (auto const& proposal : agreement::open_proposals(state.store))
        out.push_back(look_at(state, proposal));
    return out;
}

void check_addressee(State const& state, std::string const& member) {
    if (member.empty() || state.joined().member(member) != nullptr) return;
    std::vector<std::string> ids;
    for (auto const& one : state.joined().members) ids.push_back(one.id);
    auto const near = base::nearest(member, ids);
    throw Error(Code::not_found, "'" + base::printable(member) + "' is not a member",
                near.empty() ? "run 'consortium member list'" : "did you mean '" + near + "'?");
}

/// Members in their order, each with the open proposals on which it is missing.
Json mails(State const& state, std::vector<ProposalLook> const& looks, std::string const& to) {
    std::map<std::string, std::vector<ProposalLook const*>> missing;
    for (auto const& look : looks) {
        if (look.state != "open") continue;
        for (auto const& member : look.missing())
            if (to.empty() || to == member) missing[member].push_back(&look);
    }
    Json out = Json::array();
    for (auto const& [member, some] : missing) out.push_back(mail(some, member, state));
    return out;
}

model::CalendarEvent event_of(ProposalLook const& look, char const* what, Instant start) {
    model::CalendarEvent out;
    out.uid = look.proposal.id.hex() + "-" + what;
    out.stamp = look.proposal.act.time;
    out.start = start;
    out.sequence = look.proposal.stage;  // the vote went on, to a later close
    return out;
}

}  // namespace

std::vector<model::CalendarEvent> calendar_events(State const& state, ProposalLook const& look) {
    auto const& proposal = look.proposal;
    auto const done = decided(state, proposal);
    if (done && done->result.outcome != "passed") return {};
    auto const title = title_of(look);
    auto const name = model::short_name(proposal.id);
    std::vector<model::CalendarEvent> out;
    if (!done) {
        auto closes = event_of(look, "closes", proposal.body.closes);
        closes.summary = "Voting ends: " + title;
        closes.description = action_words(proposal.body.action) + '\n' + vote_words(look);
        closes.alarms = {a_day, two_hours};
        out.push_back(std::move(closes));
    }
    // Before it is decided the earliest that it could be: the true time follows from when it becomes final.
    auto const from =
        done ? done->earliest : proposal.body.closes + state.joined().charter.grace + proposal.body.timelock;
    auto execute = event_of(look, "timelock", from);
    execute.summary = "May be carried out: " + title;
    execute.description = done ? "consortium proposal execute " + name : "At the earliest, if it passes.";
    auto lapses = event_of(look, "lapses", proposal.body.lapses);
    lapses.summary = "Lapses: " + title;
    lapses.description = done ? "After this it cannot be carried out any more." : "If it passes.";
    if (done) lapses.alarms = {{7 * a_day.seconds}, a_day};
    for (auto* one : {&execute, &lapses}) {
        one->tentative = !done.has_value();
        if (done) ++one->sequence;
        if (done) one->stamp = done->received;
        out.push_back(*one);
    }
    return out;
}

Reminders remind(State const& state, model::Request const& request) {
    auto const to = request.arguments->value("to", std::string());
    check_addressee(state, to);
    auto const looks = looks_for(state, request);
    Reminders out;
    std::vector<model::CalendarEvent> events;
    for (auto const& look : looks)
        for (auto& event : calendar_events(state, look)) events.push_back(std::move(event));
    out.calendar = model::calendar_text(events);
    auto const items = mails(state, looks, to);
    out.outcome.schema = "consortium.reminders/1";
    for (auto const& one : items)
        out.outcome.text.emplace_back(
            fmt::format("{}To: {}\nSubject: {}\n\n{}", out.outcome.text.empty() ? "" : "\n----\n\n",
                        base::join(one["officers"].get<std::vector<std::string>>(), ", "),
                        one["subject"].get<std::string>(), one["text"].get<std::string>()));
    if (items.empty()) out.outcome.text.emplace_back("nobody has a vote to be reminded of");
    out.outcome.data = base::JsonValue(Json{{"items", items}, {"calendar", nullptr}});
    return out;
}

}  // namespace consortium::flow
