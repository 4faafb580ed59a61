#include "core/flow/member.h"

#include "core/base/error.h"
#include "core/base/text.h"
#include "core/flow/applicant.h"
#include "core/flow/genesis.h"
#include "core/flow/proposal.h"
#include "core/flow/sign.h"
#include "core/flow/steps.h"
#include "core/model/public_key.h"
#include "core/policy/duties.h"
#include "core/policy/gate.h"
#include "core/policy/permission.h"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace consortium::flow {

namespace {

using base::Code;
using base::Error;
using base::Json;
using base::JsonValue;

constexpr std::size_t max_key_file = 65'536;
constexpr std::size_t max_evidence_file = 16u << 20;  // as any file that an act names (PROTOCOL P3)

std::string text_of(model::Request const& request, char const* name) {
    return request.arguments->at(name).get<std::string>();
}

std::vector<std::string> texts_of(model::Request const& request, char const* name) {
    return request.arguments->value(name, std::vector<std::string>{});
}

model::Plan plan_for(State const& state, model::Request const& request) {
    model::Plan plan;
    plan.request = request;
    plan.epoch = model::reference(state.joined());
    return plan;
}

/// The officer who acts here, as the epoch knows them.
model::Officer const& acting_officer(State const& state) {
    auto const* officer = state.joined().officer(state.self.officer);
    if (officer == nullptr || officer->member != state.self.member)
        throw Error(Code::not_authorized,
                    "no officer '" + state.self.officer + "' of '" + state.self.member + "' in epoch " +
                        std::to_string(state.epoch->number),
                    "name one with --as, see 'consortium member show " + state.self.member + "'");
    return *officer;
}

void check_tier(model::Charter const& charter, std::string const& tier) {
    if (charter.tier(tier) != nullptr) return;
    std::vector<std::string> tiers;
    tiers.reserve(charter.tiers.size());
    for (auto const& known : charter.tiers) tiers.push_back(known.id);
    throw Error(Code::usage, "the charter has no tier '" + tier + "'",
                "its tiers are: " + base::join(tiers, ", "));
}

void refuse_member(model::Epoch const& epoch, std::string const& id) {
    if (epoch.member(id) != nullptr)
        throw Error(Code::conflict, "'" + id + "' is or was a member already",
                    "run 'consortium member show " + id + "'");
}

model::Gate const& find_gate(model::Charter const& charter, std::string const& id) {
    std::vector<std::string> ids;
    for (auto const& gate : charter.gates) {
        if (gate.id == id) return gate;
        ids.push_back(gate.id);
    }
    throw Error(Code::usage, "the charter has no gate '" + base::printable(id) + "'",
                ids.empty() ? "it has none at all" : "its gates are: " + base::join(ids, ", "));
}

base::Digest digest_of_file(std::string const& path) {
    return base::sha256(base::read_file(path, max_evidence_file));
}

/// "LEFT=RIGHT", both given.
std::pair<std::string, std::string> halves(std::string const& text, char separator, std::string const& form) {
    auto const at = text.find(separator);
    if (at == std::string::npos || at == 0 || at + 1 == text.size())
        throw Error(Code::usage, "'" + base::printable(text) + "' is not of the form " + form);
    return {text.substr(0, at), text.substr(at + 1)};
}

model::Evidence read_evidence(model::Charter const& charter, std::string const& text) {
    auto const [place, file] = halves(text, '=', "GATE/ITEM=FILE");
    auto const [gate_id, item] = halves(place, '/', "GATE/ITEM=FILE");
    auto const& gate = find_gate(charter, gate_id);
    if (std::find(gate.items.begin(), gate.items.end(), item) == gate.items.end())
        throw Error(Code::usage, "gate '" + gate.id + "' has no item '" + base::printable(item) + "'",
                    "its items are: " + base::join(gate.items, ", "));
    return {gate_id, item, digest_of_file(file)};
}

std::vector<std::string> missing_items(model::Charter const& charter,
                                       std::vector<model::Evidence> const& evidence) {
    std::vector<std::string> missing;
    for (auto const& gate : charter.gates)
        for (auto const& item : gate.items)
            if (std::none_of(evidence.begin(), evidence.end(), [&](model::Evidence const& each) {
                    return each.gate == gate.id && each.item == item;
                }))
                missing.push_back(gate.id + "/" + item);
    return missing;
}

model::Submission compose_submission(State const& state, model::Request const& request,
                                     Applicant const& applicant) {
    model::Submission submission;
    submission.invitation = applicant.invite.id;
    auto const file = founder_file(state.self.workspace);
    submission.applicant =
        model::founder_from_json(base::parse_json(base::read_text(file, model::max_payload)));
    for (auto const& text : texts_of(request, "evidence"))
        submission.evidence.push_back(read_evidence(state.joined().charter, text));
    for (auto const& text : texts_of(request, "node")) {
        auto const [network, address] = halves(text, '=', "NETWORK=ADDRESS");
        submission.nodes.push_back({network, address});
    }
    // What is read back must be what is written: also refuses an item given twice.
    return model::submission_from_json(model::to_json(submission), "");
}

model::Officer const* invited_officer(Applicant const& applicant, model::Founder const& record) {
    for (auto const& officer : record.officers)
        if (officer.key == applicant.invitation.key()) return &officer;
    return nullptr;
}

void require_invited(model::Verdict& verdict, Applicant const& applicant, model::Founder const& record) {
    auto const& invitation = applicant.invitation;
    verdict.require("member", record.member.id == invitation.member,
                    "the invitation is for '" + invitation.member + "'");
    verdict.require("tier", record.member.tier == invitation.tier,
                    "the invitation is for tier '" + invitation.tier + "'; this workspace's record says '" +
                        record.member.tier + "'");
    verdict.require("key", invited_officer(applicant, record) != nullptr,
                    "the invitation names key " + invitation.key().brief() +
                        ", which no officer of this workspace's record has");
}

/// A term begins with the membership; what else the charter asks of roles must be so before it.
void require_duties(model::Verdict& verdict, model::Charter const& charter, model::Founder const& record) {
    for (auto const& finding : policy::duty_findings(charter, record.officers))
        if (finding.rule != "term") verdict.require("roles " + finding.rule, false, finding.words);
}

JsonValue sign_submission(model::Step const& step, Services& services, Identity const& self) {
    auto const& detail = *step.detail;
    auto const epoch = known_epoch(services.store);
    if (!epoch) throw Error(Code::refused, "this workspace has not joined a consortium");
    auto const genesis = services.store.epoch(0);
    model::Act author;
    author.epoch = model::reference(*epoch);
    author.genesis = genesis ? model::reference(*genesis).hash : author.epoch.hash;
    author.member = self.member;
    author.officer = detail.at("officer").get<std::string>();
    author.key = base::Digest::from_hex(detail.at("key").get<std::string>());
    model::Draft draft;
    draft.kind = "submit";
    draft.refs = {base::Digest::from_hex(detail.at("invitation").get<std::string>())};
    draft.body = JsonValue(detail.at("body"));
    auto const act = sign_as(draft, author, *services.keys.open(author.key), services);
    return JsonValue(Json{{"id", act.id.hex()}, {"envelope", act.envelope}});
}

JsonValue append_submission(model::Step const&, JsonValue const& prepared, Services& services,
                            port::Transaction& transaction) {
    append_own(services, transaction, prepared->at("envelope").get<std::string>());
    return JsonValue(Json{{"id", prepared->at("id")}, {"kind", "submit"}});
}

}  // namespace

Applier const submit_applier{.prepare = sign_submission, .append = append_submission};

model::Plan plan_member_invite(State const& state, model::Request const& request) {
    auto plan = plan_for(state, request);
    auto const& epoch = state.joined();
    model::Invitation invitation;
    invitation.member = text_of(request, "operand");
    base::check_name(invitation.member, "member");
    refuse_member(epoch, invitation.member);
    invitation.name = request.arguments->value("name", invitation.member);
    invitation.tier = text_of(request, "tier");
    check_tier(epoch.charter, invitation.tier);
    auto key = model::read_public_key(base::read_text(text_of(request, "key"), max_key_file));
    invitation.algorithm = std::move(key.algorithm);
    invitation.spki = std::move(key.bytes);
    static_cast<void>(acting_officer(state));
    plan.verdict = policy::may_sign(epoch, state.self.officer, "invite", state.now);
    plan.verdict.require("key", epoch.key(invitation.key()) == nullptr,
                         "a key is registered once, ever: this one belongs to the consortium already");
    plan.steps.push_back(act_step({"invite", {}, JsonValue(model::to_json(invitation)), false},
                                  invitation.member,
                                  "invite '" + invitation.name + "' as '" + invitation.member + "' in tier " +
                                      invitation.tier + ", key " + invitation.key().brief()));
    if (plan.verdict.allowed()) plan.verdict.next = "consortium exchange sync";
    return plan;
}

model::Plan plan_member_submit(State const& state, model::Request const& request) {
    auto plan = plan_for(state, request);
    auto const& epoch = state.joined();
    refuse_member(epoch, state.self.member);
    auto const found = applicant(state, state.self.member);
    auto const submission = compose_submission(state, request, found);
    require_invited(plan.verdict, found, submission.applicant);
    require_duties(plan.verdict, epoch.charter, submission.applicant);
    auto const missing = missing_items(epoch.charter, submission.evidence);
    plan.verdict.require("evidence", missing.empty(),
                         missing.empty() ? "every item of every gate is handed in"
                                         : "not handed in: " + base::join(missing, ", "));
    plan.verdict.missing = missing;
    auto const* officer = invited_officer(found, submission.applicant);
    if (!plan.verdict.allowed() || officer == nullptr) return plan;
    Json detail{{"invitation", found.invite.id.hex()},
                {"officer", officer->id},
                {"key", officer->key.hex()},
                {"body", model::to_json(submission)}};
    plan.steps.push_back({"submit", state.self.member,
                          "hand in the application of '" + state.self.member + "': " +
                              std::to_string(submission.evidence.size()) + " documents by their digests",
                          JsonValue(std::move(detail))});
    if (plan.verdict.allowed()) plan.verdict.next = "consortium exchange sync";
    return plan;
}

model::Plan plan_member_check(State const& state, model::Request const& request) {
    auto plan = plan_for(state, request);
    auto const& epoch = state.joined();
    auto const found = applicant(state, text_of(request, "operand"));
    auto const& gate = find_gate(epoch.charter, text_of(request, "gate"));
    if (!found.submission) {
        plan.verdict = gate_verdict(state, found);
        return plan;
    }
    static_cast<void>(acting_officer(state));
    plan.verdict = policy::may_check(epoch, *found.submission, state.self.officer, gate.id);
    model::Check check{found.submit->id, gate.id, text_of(request, "result"), {}};
    PrivateDraft words;
    words.words = private_words(request);
    for (auto const& file : texts_of(request, "evidence")) check.evidence.push_back(digest_of_file(file));
    plan.verdict.require("evidence", !check.evidence.empty(), "a check names what was looked at");
    plan.steps.push_back(
        act_step({"check", {found.submit->id}, JsonValue(model::to_json(check)), false}, words,
                 found.invitation.member,
                 "say of gate " + gate.id + " of '" + found.invitation.member + "': " + check.result));
    if (plan.verdict.allowed()) plan.verdict.next = "consortium exchange sync";
    return plan;
}

model::Plan plan_member_admit(State const& state, model::Request const& request) {
    auto plan = plan_for(state, request);
    auto const id = text_of(request, "operand");
    refuse_member(state.joined(), id);
    auto const found = applicant(state, id);
    plan.verdict = gate_verdict(state, found);
    if (found.submission) require_duties(plan.verdict, state.joined().charter, found.submission->applicant);
    if (!plan.verdict.allowed()) return plan;
    model::Action action{"member.admit", JsonValue(Json{{"invitation", found.invite.id.hex()},
                                                        {"submission", found.submit->id.hex()}})};
    ProposalOptions options;
    options.title = request.arguments->value("title", "admit " + found.invitation.name);
    if (request.arguments->contains("closes"))
        options.closes = base::Instant::from_text(text_of(request, "closes"));
    plan.steps.push_back(propose(state, action, options));
    if (plan.verdict.allowed()) plan.verdict.next = "consortium exchange sync";
    return plan;
}

}  // namespace consortium::flow
