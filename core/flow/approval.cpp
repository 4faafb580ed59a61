#include "core/flow/approval.h"

#include "core/base/error.h"
#include "core/base/text.h"
#include "core/flow/approval_parts.h"
#include "core/flow/certificate_pending.h"
#include "core/flow/proposal.h"
#include "core/flow/rotation.h"
#include "core/flow/steps.h"
#include "core/model/proposal.h"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>

namespace consortium::flow {

namespace {

using base::Code;
using base::Error;
using base::Json;
using base::JsonValue;

constexpr std::size_t max_file = 16u << 20;
constexpr std::size_t digest_digits = 64;

std::vector<HeldApproval> held_approvals(State const& state) {
    std::vector<HeldApproval> out;
    for (auto& act : state.store.acts({.kind = "approval"})) {
        auto approval = model::approval_from_json(*act.act.body);
        out.push_back({std::move(act), std::move(approval)});
    }
    return out;
}

std::vector<policy::Signature> signatures(std::vector<HeldApproval> const& approvals) {
    std::vector<policy::Signature> out;
    out.reserve(approvals.size());
    for (auto const& held : approvals) {
        auto const& act = held.act.act;
        out.push_back({act.officer, held.approval.digest, act.time, act.expires, act.key});
    }
    return out;
}

std::vector<std::string> rule_ids(model::Charter const& charter) {
    std::vector<std::string> ids;
    ids.reserve(charter.approvals.size());
    for (auto const& rule : charter.approvals) ids.push_back(rule.id);
    return ids;
}

model::ApprovalRule const& find_rule(model::Charter const& charter, std::string_view id) {
    if (auto const* rule = charter.approval(id)) return *rule;
    auto const ids = rule_ids(charter);
    throw Error(Code::not_found, "the charter has no approval rule '" + base::printable(id) + "'",
                ids.empty() ? "it has none at all" : "its rules are: " + base::join(ids, ", "));
}

bool is_digest(std::string_view text) {
    return text.size() == digest_digits &&
           text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

bool is_serial(std::string_view text) {
    return !text.empty() && text.find_first_not_of("0123456789abcdefABCDEF:") == std::string_view::npos;
}

/// The certificate that waits here under this serial, or with this digest.
std::optional<PendingCertificate> pending_named(State const& state, std::string const& name) {
    if (!is_digest(name)) return is_serial(name) ? find_pending(state.store, name) : std::nullopt;
    std::optional<PendingCertificate> found;
    state.store.objects({.kind = "certificate-request", .state = "pending"}, [&](model::Object const& each) {
        if (each.data->at("approve") == name) found = pending_from_object(each);
    });
    return found;
}

/// What is prepared of the newest rotation that is known here; none where nothing is.
std::optional<ApprovalSubject> prepared_root(State const& state) {
    try {
        auto const found = rotation(state);
        if (found.state == "prepared" && found.approve) return approval_subject(found);
    } catch (Error const& error) {
        if (error.code() != Code::not_found) throw;
    }
    return std::nullopt;
}

ApprovalSubject subject_of_root(State const& state, std::string const& name) {
    auto const found = prepared_root(state);
    if (!found || !(found->about.starts_with("root " + name + " ")))
        throw Error(Code::not_found, "nothing named '" + base::printable(name) + "' waits for approval here",
                    "name the digest in full: 64 hexadecimal digits");
    return *found;
}

ApprovalSubject subject_of_digest(State const& state, base::Digest const& digest) {
    auto const root = prepared_root(state);
    if (root && root->subject.digest == digest) return *root;
    return {{digest, {}}, {}};
}

ApprovalSubject subject_of_act(State const& state, std::string const& name) {
    auto const id = find_act(state, name);
    auto const act = state.store.act(id);
    return {{id, act ? act->act.officer : ""}, act ? act->act.kind + " " + model::short_name(id) : ""};
}

/// What one holds in one's hands must be what the digest names (G26).
void check_file(model::Verdict& verdict, model::Request const& request, base::Digest const& digest) {
    if (!request.arguments->contains("file")) return;
    auto const path = request.arguments->at("file").get<std::string>();
    auto const found = base::sha256(base::read_file(path, max_file));
    verdict.require("file", found == digest, "'" + path + "' has the digest " + found.hex());
}

bool is_expired(HeldApproval const& held, base::Instant now) {
    return held.act.act.expires <= now;
}

Json approval_record(HeldApproval const& held, base::Digest const& wanted, base::Instant now) {
    return {{"id", held.act.id.hex()},
            {"officer", held.act.act.officer},
            {"member", held.act.act.member},
            {"time", held.act.act.time.text()},
            {"expires", held.act.act.expires.text()},
            {"expired", is_expired(held, now)},
            {"digest", held.approval.digest.hex()},
            {"counts_for_digest", held.approval.digest == wanted && !is_expired(held, now)}};
}

std::optional<Code> status_of(model::Verdict const& verdict) {
    if (verdict.ruling == model::Verdict::Ruling::pending) return Code::pending;
    if (verdict.ruling == model::Verdict::Ruling::refused) return Code::refused;
    return std::nullopt;
}

std::string failures(model::Verdict const& verdict) {
    std::vector<std::string> words;
    for (auto const& rule : verdict.rules)
        if (!rule.holds) words.push_back(rule.words);
    return base::join(words, "; ");
}

model::Fields block(model::Verdict const& verdict, base::Digest const& digest, std::string const& rule) {
    model::Fields fields;
    fields.rows = {
        {"digest", digest.hex()}, {"aloud", base::spoken(digest)}, {"rule", rule}, {"state", verdict.state}};
    if (!verdict.missing.empty()) fields.rows.emplace_back("missing", base::join(verdict.missing, ", "));
    if (!verdict.allowed()) fields.rows.emplace_back("because", failures(verdict));
    return fields;
}

model::Table approval_table(std::vector<HeldApproval> const& approvals, base::Digest const& wanted,
                            base::Instant now) {
    model::Table table{{"officer", "member", "time", "expires", "digest"}, {}, "nobody has approved it yet"};
    for (auto const& held : approvals) {
        auto const& act = held.act.act;
        table.rows.push_back(
            {act.officer, act.member, act.time.text(),
             act.expires.text() + (is_expired(held, now) ? ": expired" : ""),
             held.approval.digest == wanted ? "this one" : "another: " + held.approval.digest.brief()});
    }
    return table;
}

}  // namespace

std::vector<HeldApproval> relevant_approvals(State const& state, std::string_view rule,
                                             ApprovalSubject const& wanted) {
    std::vector<HeldApproval> out, other;
    for (auto& held : held_approvals(state)) {
        if (held.approval.rule != rule) continue;
        bool const same_topic = !wanted.about.empty() && held.approval.about == wanted.about;
        if (held.approval.digest == wanted.subject.digest)
            out.push_back(std::move(held));
        else if (same_topic)
            other.push_back(std::move(held));
    }
    auto const is_superseded = [&](HeldApproval const& held) {
        return std::any_of(out.begin(), out.end(), [&](HeldApproval const& right) {
            return right.act.act.officer == held.act.act.officer;
        });
    };
    std::erase_if(other, is_superseded);
    std::move(other.begin(), other.end(), std::back_inserter(out));
    return out;
}

ApprovalSubject approval_wanted(State const& state, model::Request const& request) {
    auto const name = request.arguments->at("operand").get<std::string>();
    ApprovalSubject wanted;
    if (auto const pending = pending_named(state, name))
        wanted = approval_subject(*pending);
    else if (is_digest(name))
        wanted = subject_of_digest(state, base::Digest::from_hex(name));
    else if (name.starts_with("p-"))
        wanted = subject_of_act(state, name);
    else
        wanted = subject_of_root(state, name);
    wanted.about = request.arguments->value("about", wanted.about);
    return wanted;
}

std::string approval_rule_of(State const& state, model::Request const& request) {
    auto const& charter = state.joined().charter;
    if (request.arguments->contains("rule")) return request.arguments->at("rule").get<std::string>();
    if (auto const pending = pending_named(state, request.arguments->at("operand").get<std::string>())) {
        auto const profile = profile_now(state, *pending);
        if (profile && !profile->approval.empty()) return profile->approval;
    }
    auto const ids = rule_ids(charter);
    if (ids.size() == 1) return ids.front();
    throw Error(Code::usage, "which of the charter's approval rules is it for? None is named",
                "give --rule " + (ids.empty() ? "RULE; the charter has none" : base::join(ids, "|")));
}

model::Verdict approval_verdict(State const& state, std::string_view rule, ApprovalSubject const& wanted) {
    auto const& epoch = state.joined();
    auto verdict = policy::approved(epoch, find_rule(epoch.charter, rule), wanted.subject,
                                    signatures(relevant_approvals(state, rule, wanted)), state.now);
    if (!verdict.allowed() && verdict.next.empty()) {
        verdict.next =
            "consortium approval sign " + wanted.subject.digest.hex() + " --rule " + std::string(rule);
        if (!wanted.about.empty()) verdict.next += " --about '" + wanted.about + "'";
    }
    return verdict;
}

model::Plan plan_approval_sign(State const& state, model::Request const& request) {
    auto const& epoch = state.joined();
    auto const rule = approval_rule_of(state, request);
    auto const wanted = approval_wanted(state, request);
    auto const& digest = wanted.subject.digest;
    model::Plan plan;
    plan.request = request;
    plan.epoch = model::reference(epoch);
    plan.verdict = policy::may_approve(epoch, find_rule(epoch.charter, rule), wanted.subject,
                                       signatures(relevant_approvals(state, rule, wanted)),
                                       state.self.officer, state.now);
    check_file(plan.verdict, request, digest);
    model::Approval const approval{digest, rule, wanted.about};
    plan.steps.push_back(act_step({"approval", {}, JsonValue(model::to_json(approval)), false}, digest.hex(),
                                  "approve digest " + digest.hex() + " (aloud: " + base::spoken(digest) +
                                      ") by rule '" + rule + "'" +
                                      (wanted.about.empty() ? "" : ", as " + wanted.about)));
    if (plan.verdict.allowed()) plan.verdict.next = "consortium exchange sync";
    return plan;
}

model::Outcome approval_verify(State const& state, model::Request const& request) {
    auto const rule = approval_rule_of(state, request);
    auto const wanted = approval_wanted(state, request);
    auto const& digest = wanted.subject.digest;
    auto const verdict = approval_verdict(state, rule, wanted);
    auto const approvals = relevant_approvals(state, rule, wanted);
    Json records = Json::array();
    for (auto const& held : approvals) records.push_back(approval_record(held, digest, state.now));
    model::Outcome outcome;
    outcome.schema = "consortium.approval/1";
    outcome.data = JsonValue(Json{{"digest", digest.hex()},
                                  {"words", base::spoken(digest)},
                                  {"rule", rule},
                                  {"about", wanted.about},
                                  {"approvals", std::move(records)},
                                  {"verdict", model::to_json(verdict)}});
    outcome.text = {block(verdict, digest, rule), approval_table(approvals, digest, state.now)};
    if (!verdict.next.empty()) outcome.next = {verdict.next};
    outcome.status = status_of(verdict);
    return outcome;
}

model::Outcome approval_list(State const& state, model::Request const&) {
    std::map<std::pair<std::string, base::Digest>, std::vector<HeldApproval>> by_digest;
    for (auto& held : held_approvals(state))
        by_digest[{held.approval.rule, held.approval.digest}].push_back(std::move(held));
    Json items = Json::array();
    model::Table table{{"digest", "rule", "about", "approved by"}, {}, "nothing was approved yet"};
    for (auto const& [key, approvals] : by_digest) {
        std::vector<std::string> officers;
        for (auto const& held : approvals) officers.push_back(held.act.act.officer);
        auto const& about = approvals.front().approval.about;
        items.push_back(
            {{"digest", key.second.hex()}, {"rule", key.first}, {"about", about}, {"officers", officers}});
        table.rows.push_back({key.second.hex(), key.first, about, base::join(officers, ", ")});
    }
    model::Outcome outcome;
    outcome.schema = "consortium.approval.list/1";
    outcome.data = JsonValue(Json{{"items", std::move(items)}});
    outcome.text = {table};
    return outcome;
}

}  // namespace consortium::flow
