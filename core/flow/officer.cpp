#include "core/flow/officer.h"

#include "core/agreement/effect.h"
#include "core/base/error.h"
#include "core/base/text.h"
#include "core/flow/own_change.h"
#include "core/model/ballot.h"
#include "core/policy/duties.h"

#include <algorithm>
#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <set>

namespace consortium::flow {

namespace {

using base::Code;
using base::Error;

std::string text_of(model::Request const& request, char const* name) {
    return request.arguments->at(name).get<std::string>();
}

std::string cause_of(model::Request const& request) {
    return request.arguments->value("cause", std::string());
}

std::vector<std::string> wanted_roles(model::Request const& request) {
    auto const named = request.arguments->value("role", std::vector<std::string>{});
    std::set<std::string> const roles(named.begin(), named.end());
    return {roles.begin(), roles.end()};
}

model::NewOfficer new_officer(State const& state, model::Request const& request) {
    model::NewOfficer officer;
    officer.id = text_of(request, "operand");
    base::check_name(officer.id, "officer");
    officer.person = request.arguments->value("person", officer.id);
    base::check_name(officer.person, "person");
    officer.roles = wanted_roles(request);
    officer.key = read_new_key(text_of(request, "key"));
    for (auto const& role : officer.roles)
        if (auto const end = end_of_grant(state, request, role)) officer.ends[role] = *end;
    return officer;
}

std::string until(model::RoleEnds const& ends, std::string const& role) {
    auto const end = ends.find(role);
    return end == ends.end() ? role : role + " until " + end->second.text();
}

std::string in_words(model::NewOfficer const& officer) {
    std::vector<std::string> roles;
    roles.reserve(officer.roles.size());
    for (auto const& role : officer.roles) roles.push_back(until(officer.ends, role));
    return base::join(roles, ", ");
}

/// What a key that is not to be relied on any more leaves behind.
void warn_of_cause(std::string const& cause, std::string const& id, model::Plan& plan) {
    if (cause.empty()) return;
    plan.warnings.push_back("what '" + id +
                            "' has signed and no epoch has enacted yet does not count any more, open ballots "
                            "included; what was enacted stands");
}

/// Whole minutes, of a week and more whole days: so a plan stays the same for as long.
base::Instant after(base::Instant now, base::Duration lasts) {
    constexpr std::int64_t minute = 60, day = 86'400;
    auto const unit = lasts.seconds < 7 * day ? minute : day;
    return {(now + lasts).seconds / unit * unit};
}

std::set<std::string> words_of(std::vector<policy::DutyFinding> const& findings) {
    std::set<std::string> out;
    for (auto const& finding : findings) out.insert(finding.words);
    return out;
}

}  // namespace

model::Officer const& find_officer(model::Epoch const& epoch, std::string_view id) {
    if (auto const* officer = epoch.officer(id)) return *officer;
    std::vector<std::string> ids;
    ids.reserve(epoch.officers.size());
    for (auto const& officer : epoch.officers) ids.push_back(officer.id);
    auto const near = base::nearest(id, ids);
    throw Error(Code::not_found,
                "no officer '" + base::printable(id) + "' in epoch " + std::to_string(epoch.number),
                near.empty() ? "run 'consortium officer list'" : "did you mean '" + near + "'?");
}

model::Officer own_officer(State const& state, model::Epoch const& next, std::string_view id) {
    auto const& officer = next.officer(id) != nullptr ? *next.officer(id) : find_officer(state.joined(), id);
    if (officer.member != state.self.member)
        throw Error(
            Code::refused,
            "'" + officer.id + "' is an officer of '" + officer.member + "': each member changes its own",
            "where its key is lost, 'consortium officer show " + officer.id +
                "' says who gives it a new one");
    return officer;
}

std::optional<base::Instant> end_of_grant(State const& state, model::Request const& request,
                                          std::string_view role) {
    auto const& arguments = *request.arguments;
    if (arguments.contains("until") && arguments.contains("for"))
        throw Error(Code::usage, "--until and --for are two ways to say the same", "give one of them");
    if (arguments.contains("until")) return base::Instant::from_typed(arguments["until"].get<std::string>());
    if (arguments.contains("for"))
        return after(state.now, base::Duration::from_text(arguments["for"].get<std::string>()));
    auto const* rule = state.joined().charter.role(role);
    if (rule == nullptr || rule->term.seconds == 0) return std::nullopt;
    return after(state.now, rule->term);
}

void warn_of_duties(State const& state, model::Draft const& draft, model::Plan& plan) {
    if (!plan.verdict.allowed()) return;
    auto next = with_own_changes(state);
    auto const before = words_of(policy::duty_findings(next));
    model::Act act;
    act.kind = draft.kind;
    act.member = state.self.member;
    act.officer = state.self.officer;
    act.key = state.joined().officer(state.self.officer)->key;
    act.time = state.now;
    act.body = draft.body;
    if (!agreement::enact_own(next, state.joined(), act).empty()) return;
    for (auto const& words : words_of(policy::duty_findings(next)))
        if (!before.contains(words)) plan.warnings.push_back(words);
}

model::Plan plan_officer_add(State const& state, model::Request const& request) {
    model::OwnChange change;
    change.kind = "officer.add";
    change.officer = new_officer(state, request);
    auto const& officer = *change.officer;
    auto const draft = own_change_draft(state, change);
    auto plan = plan_own(state, request, draft, officer.id,
                         fmt::format("add the officer '{}' ({}) with key {}: {}", officer.id, officer.person,
                                     officer.key.id().brief(), in_words(officer)),
                         officer.person);
    warn_of_duties(state, draft, plan);
    return plan;
}

model::Plan plan_officer_rotate(State const& state, model::Request const& request) {
    auto const officer = own_officer(state, with_own_changes(state), text_of(request, "operand"));
    model::OwnChange change;
    change.kind = "officer.rotate";
    change.subject = officer.id;
    change.key = read_new_key(text_of(request, "key"));
    change.cause = cause_of(request);
    auto plan = plan_own(
        state, request, own_change_draft(state, change), officer.id,
        fmt::format("replace the key of '{}', {}, with {}{}", officer.id, officer.key.brief(),
                    change.key->id().brief(), officer.status == "suspended" ? ", and let it act again" : ""));
    warn_of_cause(change.cause, officer.id, plan);
    if (!plan.verdict.allowed() && state.joined().charter.rekey == "decision")
        plan.verdict.next = "consortium officer show " + officer.id;
    if (plan.verdict.allowed() && change.cause.empty() && officer.id != state.self.officer)
        plan.warnings.push_back(
            "the old key of '" + officer.id +
            "' is retired, and what it signed stands, open ballots and approvals included; "
            "where it was lost or stolen, add --cause compromise");
    return plan;
}

model::Plan plan_officer_suspend(State const& state, model::Request const& request) {
    // The rule of the act looks at the epoch that it names: what waits does not matter yet.
    auto const officer = own_officer(state, state.joined(), text_of(request, "operand"));
    model::Suspension const suspension{officer.id, officer.key};
    model::Draft draft;
    draft.kind = "suspend";
    draft.body = base::JsonValue(model::to_json(suspension));
    auto plan = plan_own(state, request, draft, officer.id,
                         fmt::format("suspend '{}' and its key {} at once", officer.id, officer.key.brief()),
                         officer.person);
    plan.verdict.require("fellow", officer.id != state.self.officer,
                         "a fellow officer suspends a key, not its owner");
    if (!plan.verdict.allowed()) return plan;
    plan.warnings.emplace_back(
        "a ballot of that key does not count where enough seats hold this before the "
        "vote closes: run 'consortium exchange sync' now");
    plan.warnings.push_back("'" + officer.id + "' acts again with a new key: 'consortium officer rotate " +
                            officer.id + "'");
    warn_of_duties(state, draft, plan);
    return plan;
}

model::Plan plan_officer_remove(State const& state, model::Request const& request) {
    auto const officer = own_officer(state, with_own_changes(state), text_of(request, "operand"));
    model::OwnChange change;
    change.kind = "officer.remove";
    change.subject = officer.id;
    change.cause = cause_of(request);
    auto const draft = own_change_draft(state, change);
    auto plan = plan_own(state, request, draft, officer.id,
                         "remove the officer '" + officer.id + "'; its id is not given again");
    plan.danger = officer.id;
    warn_of_cause(change.cause, officer.id, plan);
    warn_of_duties(state, draft, plan);
    return plan;
}

}  // namespace consortium::flow
