#include "core/base/error.h"
#include "core/base/text.h"
#include "core/flow/applicant.h"
#include "core/flow/member.h"

#include <nlohmann/json.hpp>

namespace consortium::flow {

namespace {

using base::Json;
using base::JsonValue;

Json optional_text(std::optional<base::Instant> const& instant) {
    return instant ? Json(instant->text()) : Json();
}

Json officers_of(model::Epoch const& epoch, std::string const& member) {
    Json out = Json::array();
    for (auto const& officer : epoch.officers)
        if (officer.member == member)
            out.push_back({{"id", officer.id},
                           {"roles", officer.roles},
                           {"key", officer.key.hex()},
                           {"status", officer.status}});
    return out;
}

std::string status_of(model::Member const& member) {
    return member.suspended_until ? member.status + " until " + member.suspended_until->text()
                                  : member.status;
}

/// The same fields for members and applicants; `null` for what an applicant does not have yet.
Json member_record(model::Epoch const& epoch, model::Member const& member) {
    return {{"id", member.id},
            {"name", member.name},
            {"tier", member.tier},
            {"control_group", member.control_group},
            {"status", member.status},
            {"votes", member.votes},
            {"joined_epoch", member.joined},
            {"joined_at", member.joined_at.text()},
            {"left_at", optional_text(member.left_at)},
            {"suspended_until", optional_text(member.suspended_until)},
            {"officers", officers_of(epoch, member.id)},
            {"seat", member.seat.hex()},
            {"log", member.log.hex()},
            {"witness", member.witness.hex()},
            {"invitation", nullptr},
            {"submission", nullptr},
            {"gates", nullptr}};
}

Json applicant_record(State const& state, Applicant const& applicant) {
    auto const& invitation = applicant.invitation;
    auto const& submission = applicant.submission;
    bool const applied = submission.has_value();
    return {{"id", invitation.member},
            {"name", invitation.name},
            {"tier", invitation.tier},
            {"control_group", applied ? Json(submission->applicant.member.control_group) : Json()},
            {"status", applied ? "applied" : "invited"},
            {"votes", false},
            {"joined_epoch", nullptr},
            {"joined_at", nullptr},
            {"left_at", nullptr},
            {"suspended_until", nullptr},
            {"officers", applied ? model::to_json(submission->applicant)["officers"] : Json::array()},
            {"seat", applied ? Json(submission->applicant.member.seat.hex()) : Json()},
            {"log", applied ? Json(submission->applicant.member.log.hex()) : Json()},
            {"witness", applied ? Json(submission->applicant.member.witness.hex()) : Json()},
            {"invitation", applicant.invite.id.hex()},
            {"submission", applied ? Json(applicant.submit->id.hex()) : Json()},
            {"gates", model::to_json(gate_verdict(state, applicant))}};
}

model::Table officer_table(Json const& officers) {
    model::Table table{{"officer", "roles", "key"}, {}, "no officers"};
    for (auto const& officer : officers)
        table.rows.push_back({officer["id"].get<std::string>(),
                              base::join(officer["roles"].get<std::vector<std::string>>(), ", "),
                              officer["key"].get<std::string>().substr(0, 12)});
    return table;
}

/// Gates, each with what was found; and who must act next.
std::vector<model::Paragraph> gate_paragraphs(model::Verdict const& verdict) {
    model::Fields fields;
    fields.rows.emplace_back("state", verdict.state);
    for (auto const& rule : verdict.rules) fields.rows.emplace_back(rule.name, rule.words);
    if (!verdict.missing.empty()) fields.rows.emplace_back("missing", base::join(verdict.missing, "; "));
    return {fields};
}

model::Outcome describe_member(model::Epoch const& epoch, model::Member const& member) {
    model::Outcome outcome;
    outcome.schema = "consortium.member/1";
    auto data = member_record(epoch, member);
    outcome.text.emplace_back(model::Fields{
        {{"member", member.id},
         {"name", member.name},
         {"tier", member.tier},
         {"control", member.control_group},
         {"status", status_of(member)},
         {"seat", member.votes ? "votes" : "does not vote yet: its seat is not ready"},
         {"joined", "epoch " + std::to_string(member.joined) + ", " + member.joined_at.text()}}});
    outcome.text.emplace_back(officer_table(data["officers"]));
    outcome.data = JsonValue(std::move(data));
    return outcome;
}

model::Outcome describe_applicant(State const& state, Applicant const& applicant) {
    model::Outcome outcome;
    outcome.schema = "consortium.member/1";
    auto data = applicant_record(state, applicant);
    outcome.text.emplace_back(model::Fields{{{"applicant", applicant.invitation.member},
                                             {"name", applicant.invitation.name},
                                             {"tier", applicant.invitation.tier},
                                             {"status", data["status"].get<std::string>()},
                                             {"invited by", applicant.invite.act.member}}});
    auto const verdict = gate_verdict(state, applicant);
    for (auto& paragraph : gate_paragraphs(verdict)) outcome.text.push_back(std::move(paragraph));
    outcome.next.push_back(verdict.allowed() ? "consortium member admit " + applicant.invitation.member
                                             : verdict.next);
    outcome.data = JsonValue(std::move(data));
    return outcome;
}

}  // namespace

model::Outcome member_list(State const& state, model::Request const&) {
    auto const& epoch = state.joined();
    model::Outcome outcome;
    outcome.schema = "consortium.member.list/1";
    Json items = Json::array();
    model::Table table{{"member", "name", "tier", "status"}, {}, "no members"};
    for (auto const& member : epoch.members) {
        items.push_back(member_record(epoch, member));
        table.rows.push_back({member.id, member.name, member.tier, member.status});
    }
    for (auto const& id : applicants(state)) {
        auto const found = applicant(state, id);
        items.push_back(applicant_record(state, found));
        auto const verdict = gate_verdict(state, found);
        table.rows.push_back({id, found.invitation.name, found.invitation.tier,
                              found.submission ? "applied: " + verdict.state : verdict.state});
    }
    outcome.data = JsonValue(Json{{"items", std::move(items)}});
    outcome.text = {table};
    return outcome;
}

model::Outcome member_show(State const& state, model::Request const& request) {
    auto const id = request.arguments->at("operand").get<std::string>();
    if (auto const* member = state.joined().member(id)) return describe_member(*state.epoch, *member);
    return describe_applicant(state, applicant(state, id));
}

}  // namespace consortium::flow
