#include "core/flow/status_parts.h"

#include "core/base/text.h"
#include "core/flow/dispute_step.h"
#include "core/model/ceremony.h"
#include "core/model/kind.h"
#include "core/model/member.h"
#include "core/model/proposal.h"

#include <algorithm>
#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <set>

namespace consortium::flow::status_parts {

namespace {

using base::Digest;
using Names = std::vector<std::string>;

bool contains(Names const& list, std::string_view item) {
    return std::find(list.begin(), list.end(), item) != list.end();
}

std::string brief(std::string_view id) {
    return "p-" + std::string(id.substr(0, 6));
}

/// Whether the member has said something on it that stands: a ballot, a recusal, a delegation.
bool has_answered(View const& view, Digest const& proposal) {
    auto const said = [&](char const* kind) {
        return view.store.acts({.kind = kind, .subject = proposal, .epoch = {}, .member = view.self.member});
    };
    if (!said("ballot").empty() || !said("recuse").empty()) return true;
    auto const delegations = said("delegate");
    return !delegations.empty() && !delegations.back().act.body->value("to", std::string()).empty();
}

/// By the charter in force: of a proposal of an earlier epoch it is not told that one has no vote.
bool is_asked(View const& view, model::Object const& object) {
    auto const& data = *object.data;
    if (data.at("epoch") != view.epoch->number) return true;
    auto const action = data.at("body").at("action").at("kind").get<std::string>();
    auto const found = view.outline.electorates.find(action);
    return found == view.outline.electorates.end() || contains(found->second, view.outline.tier);
}

std::string network_words(base::Json const& data) {
    auto const& network = data.at("network");
    return network.is_string() ? " on " + network.get<std::string>() : std::string();
}

void add_duty(View const& view, model::Object const& object, std::vector<Line>& lines) {
    auto const& data = *object.data;
    auto const lapse = object.due ? ", lapses " + object.due->text() : std::string();
    auto const& steps = data.at("steps");
    auto const words =
        fmt::format("decided: {}{}{}{}", data.at("action").get<std::string>(), network_words(data),
                    steps.empty() ? "" : ", you carry out a shared step", lapse);
    if (object.due && *object.due <= view.now) return;
    lines.push_back(
        {"waits for you", brief(object.name), words, "consortium proposal execute " + brief(object.name)});
}

std::set<std::string> checked_gates(View const& view, Digest const& submission) {
    std::set<std::string> out;
    for (auto const& held : view.store.acts({.kind = "check", .subject = submission}))
        out.insert(held.act.body->at("gate").get<std::string>());
    return out;
}

/// The application that answers an invitation and has not been answered with a vote.
void add_application(View const& view, std::string const& applicant, model::StoredAct const& submitted,
                     std::vector<Line>& lines) {
    auto const checked = checked_gates(view, submitted.id);
    bool all = true;
    for (auto const& [gate, roles] : view.outline.gates) {
        if (checked.contains(gate)) continue;
        all = false;
        if (view.has_role(roles))
            lines.push_back({"waits for you", applicant, "applied; gate " + gate + " is not checked",
                             fmt::format("consortium member check {} --gate {} --result pass --evidence FILE",
                                         applicant, gate)});
    }
    if (all && view.has_role({"governance"}))
        lines.push_back({"waits for you", applicant, "applied; every gate was checked",
                         "consortium member show " + applicant});
}

/// In the applicant's own workspace.
void add_own_application(View const& view, std::vector<model::StoredAct> const& submitted,
                         std::vector<Line>& lines) {
    if (submitted.empty()) {
        lines.push_back({"waits for you", "invitation", "hand in the application",
                         "consortium member submit --evidence GATE/ITEM=FILE"});
        return;
    }
    auto const checked = checked_gates(view, submitted.back().id);
    Names open;
    for (auto const& [gate, roles] : view.outline.gates)
        if (!checked.contains(gate)) open.push_back(gate);
    lines.push_back({"waits for others", "application",
                     open.empty() ? "every gate was checked; the members vote"
                                  : "not checked yet: " + base::join(open, ", "),
                     "consortium member show " + view.self.member});
}

void add_invitation(View const& view, model::Object const& object, std::vector<Line>& lines) {
    auto const applicant = object.data->at("body").at("member").get<std::string>();
    if (contains(view.outline.members, applicant)) return;
    auto const submitted = view.store.acts(
        {.kind = "submit", .subject = Digest::from_hex(object.name), .epoch = {}, .member = applicant});
    if (applicant == view.self.member) return add_own_application(view, submitted, lines);
    if (!view.is_active()) return;
    if (!submitted.empty()) return add_application(view, applicant, submitted.back(), lines);
    if (object.member != view.self.member || !object.due) return;
    bool const over = *object.due <= view.now;
    lines.push_back({"expires", "invitation " + applicant,
                     fmt::format("not answered, {} {}", over ? "expired" : "expires",
                                 base::relative(*object.due, view.now)),
                     over ? "consortium member invite " + applicant : "consortium member show " + applicant});
}

}  // namespace

bool View::has_role(Names const& any) const {
    return std::any_of(any.begin(), any.end(), [&](std::string const& role) {
        bool const ended =
            std::any_of(outline.role_ends.begin(), outline.role_ends.end(), [&](auto const& one) {
                return one.officer == self.officer && one.role == role && one.end <= now;
            });
        return !ended && contains(outline.roles, role);
    });
}

bool View::may_sign(std::string_view kind) const {
    auto const* info = model::find_kind(kind);
    bool const allowed = outline.member_status == "active" ||
                         (outline.member_status == "suspended" && model::is_signed_while_suspended(kind));
    return info != nullptr && allowed && has_role({info->roles.begin(), info->roles.end()});
}

void add_proposals(View const& view, std::vector<Line>& lines) {
    if (!view.is_active() || !view.has_role({"governance"}) || !contains(view.outline.rights, "vote")) return;
    port::ObjectQuery const query{.kind = "proposal", .state = "open"};  // bounded: ten a member and epoch
    view.store.objects(query, [&](model::Object const& object) {
        if (lines.size() >= most_lines || !object.due || *object.due <= view.now) return;
        if (!is_asked(view, object) || has_answered(view, Digest::from_hex(object.name))) return;
        auto const& body = object.data->at("body");
        auto const words = fmt::format("{}, closes {}", base::printable(body.at("title").get<std::string>()),
                                       object.due->text());
        lines.push_back(
            {"waits for you", brief(object.name), words, "consortium vote cast " + brief(object.name)});
    });
}

void add_measures(View const& view, std::vector<Line>& lines) {
    if (view.outline.lapses.empty()) return;
    std::set<std::string> voted_on;
    view.store.objects({.kind = "proposal", .state = "open"}, [&](model::Object const& object) {
        auto const& body = object.data->at("body");
        if (body.contains("ratifies")) voted_on.insert(body.at("ratifies").get<std::string>());
    });
    bool const asked = view.is_active() && view.has_role({"governance"});
    for (auto const& one : view.outline.lapses) {
        if (voted_on.contains(one.proposal.hex()) || lines.size() >= 2 * most_lines) continue;
        auto const name = brief(one.proposal.hex());
        auto const words =
            fmt::format("{} on {} ends {} unless it is ratified", one.action, one.network, one.end.text());
        lines.push_back({asked && one.end > view.now ? "waits for you" : "expires", name, words,
                         "consortium proposal ratify " + name});
    }
}

void add_disputes(View const& view, std::vector<Line>& lines) {
    if (!view.epoch || view.self.officer.empty()) return;
    auto const most = lines.size() + most_lines;
    for (auto const& dispute : open_disputes(view.store)) {
        if (lines.size() >= most) return;
        auto const step = dispute_step(dispute, view.self, view.now);
        if (!step || !step->asked || !view.may_sign(step->kind)) continue;
        auto const& part = dispute.last();
        bool const late = part.deadline && *part.deadline <= view.now;
        auto words = fmt::format("{} against {}: {}", dispute.first.stage.parties[0],
                                 dispute.first.stage.parties[1], waits_for(part));
        if (part.deadline) words += fmt::format(", {} {}", late ? "was due" : "until", part.deadline->text());
        lines.push_back({"waits for you", dispute_name(dispute.first.stage.id), words, step->command});
    }
}

void add_duties(View const& view, std::vector<Line>& lines) {
    if (!view.is_active()) return;
    port::ObjectQuery query{.kind = "duty", .state = "open"};
    query.limit = most_lines;
    view.store.objects(query, [&](model::Object const& object) { add_duty(view, object, lines); });
}

namespace {

/// What is prepared and not signed yet: name and digest. Rotations are few: this does not grow with the
/// journal.
std::optional<std::pair<std::string, Digest>> prepared_root(View const& view) {
    std::optional<std::pair<std::string, Digest>> found;
    port::ObjectQuery const query{.kind = "root", .state = "prepared"};
    view.store.objects(query, [&](model::Object const& object) {
        found = {object.name, Digest::from_hex(object.data->at("approve").get<std::string>())};
    });
    if (found || view.store.object("bundle", "trust")) return found;
    std::int64_t latest = 0;
    for (auto const& act : view.store.acts({.kind = "ceremony"})) {
        auto const opening = view.store.act(act.act.refs.front());
        if (!opening || opening->act.member != act.act.member) continue;  // only the keeper prepares
        auto const notice = model::ceremony_notice_from_json(*act.act.body);
        if (notice.about == "prepared" && notice.attempt > latest)
            found = {"manifest", Digest::from_hex(notice.facts->value("manifest", std::string()))};
        bool const ends =
            notice.about == "signed" || notice.about == "cancelled" || notice.about == "destroyed";
        if (ends && notice.attempt >= latest) found.reset();
        latest = std::max(latest, notice.attempt);
    }
    return found;
}

}  // namespace

void add_approvals(View const& view, std::vector<Line>& lines) {
    if (!view.is_active() || !view.has_role(view.outline.root_approvers)) return;
    auto const found = prepared_root(view);
    if (!found) return;
    auto const said = view.store.acts(
        {.kind = "approval", .subject = found->second, .epoch = {}, .member = view.self.member});
    bool const own = std::any_of(said.begin(), said.end(), [&](model::StoredAct const& one) {
        return one.act.officer == view.self.officer;
    });
    if (!own)
        lines.push_back({"waits for you", "root " + found->first, "its manifest waits for your approval",
                         "consortium approval sign " + found->second.hex() + " --rule root"});
}

void add_applications(View const& view, std::vector<Line>& lines) {
    if (!view.epoch) return;
    port::ObjectQuery const query{.kind = "invitation", .state = "open"};  // who is neither in nor forgotten
    view.store.objects(query, [&](model::Object const& object) { add_invitation(view, object, lines); });
}

}  // namespace consortium::flow::status_parts
