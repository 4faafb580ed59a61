#include "core/flow/role.h"

#include "core/base/error.h"
#include "core/base/text.h"
#include "core/flow/officer.h"
#include "core/flow/own_change.h"
#include "core/policy/duties.h"

#include <algorithm>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace consortium::flow {

namespace {

using base::Code;
using base::Error;
using base::Json;
using base::JsonValue;

bool has(model::Officer const& officer, std::string const& role) {
    return std::find(officer.roles.begin(), officer.roles.end(), role) != officer.roles.end();
}

/// All that an officer's roles are to be from now on.
model::OwnChange roles_of(model::Officer const& officer) {
    model::OwnChange change;
    change.kind = "officer.roles";
    change.subject = officer.id;
    change.roles = officer.roles;
    change.ends = officer.ends;
    return change;
}

model::Plan plan_roles(State const& state, model::Request const& request, model::OwnChange const& change,
                       std::string summary) {
    auto const draft = own_change_draft(state, change);
    auto plan = plan_own(state, request, draft, change.subject, std::move(summary));
    warn_of_duties(state, draft, plan);
    return plan;
}

Json end_of(model::Officer const& officer, std::string const& role) {
    auto const end = officer.ends.find(role);
    return end == officer.ends.end() ? Json() : Json(end->second.text());
}

std::string state_of(State const& state, model::Officer const& officer, std::string const& role) {
    if (officer.status != "active") return officer.status;
    auto const end = officer.ends.find(role);
    return end != officer.ends.end() && end->second <= state.now ? "ended" : "active";
}

std::string rule_in_words(model::RoleRule const& rule) {
    std::vector<std::string> parts;
    if (!rule.apart.empty()) parts.push_back("apart from " + base::join(rule.apart, ", "));
    if (rule.term.seconds > 0) parts.push_back("granted for at most " + rule.term.text());
    if (rule.least > 0) parts.push_back(fmt::format("at least {} officers where there is any", rule.least));
    if (rule.most > 0) parts.push_back(fmt::format("at most {} officers of a member", rule.most));
    return base::join(parts, "; ");
}

Json grants(State const& state, std::string const& wanted, model::Table& table) {
    Json items = Json::array();
    for (auto const& officer : state.joined().officers) {
        if (officer.status == "removed" || (!wanted.empty() && officer.member != wanted)) continue;
        for (auto const& role : officer.roles) {
            auto const end = end_of(officer, role);
            auto const status = state_of(state, officer, role);
            items.push_back({{"role", role},
                             {"officer", officer.id},
                             {"member", officer.member},
                             {"person", officer.person},
                             {"ends", end},
                             {"status", status}});
            table.rows.push_back(
                {role, officer.id, officer.member, end.is_null() ? "" : end.get<std::string>(), status});
        }
    }
    return items;
}

}  // namespace

model::Plan plan_role_grant(State const& state, model::Request const& request) {
    auto const officer =
        own_officer(state, with_own_changes(state), request.arguments->at("operand").get<std::string>());
    auto const role = request.arguments->at("role").get<std::string>();
    auto const end = end_of_grant(state, request, role);
    if (end && *end <= state.now)
        throw Error(Code::usage, "a grant that ends " + end->text() + " has ended already",
                    "to take a role away, run 'consortium role revoke'");
    auto change = roles_of(officer);
    if (!has(officer, role)) {
        change.roles.push_back(role);
        std::sort(change.roles.begin(), change.roles.end());
    }
    change.ends.erase(role);
    if (end) change.ends[role] = *end;
    auto plan = plan_roles(state, request, change,
                           fmt::format("grant '{}' the role {}{}", officer.id, role,
                                       end ? " until " + end->text() : std::string()));
    if (change.roles == officer.roles && change.ends == officer.ends) plan.steps.clear();  // so it is already
    return plan;
}

model::Plan plan_role_revoke(State const& state, model::Request const& request) {
    auto const officer =
        own_officer(state, with_own_changes(state), request.arguments->at("operand").get<std::string>());
    auto const role = request.arguments->at("role").get<std::string>();
    if (!has(officer, role))
        throw Error(Code::not_found, "'" + officer.id + "' does not have the role " + role,
                    "run 'consortium role list --member " + officer.member + "'");
    if (officer.roles.size() == 1)
        throw Error(Code::refused, role + " is the only role of '" + officer.id + "'",
                    "run 'consortium officer remove " + officer.id + "', or grant another role first");
    auto change = roles_of(officer);
    std::erase(change.roles, role);
    change.ends.erase(role);
    return plan_roles(state, request, change, fmt::format("revoke the role {} of '{}'", role, officer.id));
}

model::Outcome role_list(State const& state, model::Request const& request) {
    auto const& epoch = state.joined();
    auto const wanted = request.arguments->value("member", std::string());
    model::Outcome outcome;
    outcome.schema = "consortium.role.list/1";
    model::Table table{{"role", "officer", "member", "ends", "status"}, {}, "nobody has a role"};
    auto items = grants(state, wanted, table);
    std::sort(table.rows.begin(), table.rows.end());
    outcome.text.emplace_back(std::move(table));
    Json rules = Json::array(), findings = Json::array();
    model::Fields asked, found;
    for (auto const& rule : epoch.charter.roles) {
        rules.push_back({{"role", rule.id}, {"words", rule_in_words(rule)}});
        asked.rows.emplace_back(rule.id, rule_in_words(rule));
    }
    for (auto const& finding : policy::duty_findings(epoch)) {
        if (!wanted.empty() && !finding.member.empty() && finding.member != wanted) continue;
        findings.push_back({{"rule", finding.rule},
                            {"role", finding.role.empty() ? Json() : Json(finding.role)},
                            {"member", finding.member.empty() ? Json() : Json(finding.member)},
                            {"officers", finding.officers},
                            {"words", finding.words}});
        found.rows.emplace_back(finding.rule, finding.words);
    }
    if (!asked.rows.empty()) {
        outcome.text.emplace_back("the charter asks:");
        outcome.text.emplace_back(std::move(asked));
    }
    if (!found.rows.empty()) {
        outcome.text.emplace_back("findings:");
        outcome.text.emplace_back(std::move(found));
    }
    outcome.data = JsonValue(Json{{"items", std::move(items)}, {"rules", rules}, {"findings", findings}});
    return outcome;
}

}  // namespace consortium::flow
