// How people look at a certificate before it is signed: the one who issues it, and officers elsewhere.

#include "core/base/error.h"
#include "core/base/text.h"
#include "core/flow/certificate.h"
#include "core/flow/certificate_key.h"
#include "core/flow/certificate_pending.h"

#include <algorithm>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace consortium::flow {

using base::Json;
using base::JsonValue;
using model::CertificateFacts;

namespace {

constexpr std::size_t max_tbs = 65'536;

model::Fields content_fields(CertificateFacts const& facts) {
    auto const& content = facts.content;
    return {{{"serial", content.serial},
             {"subject", facts.subject},
             {"issuer", facts.issuer},
             {"names", base::join(content.names.texts(), ", ")},
             {"key", facts.algorithm + ", " + base::sha256(content.public_key).hex()},
             {"key usage", base::join(content.key_usage, ", ")},
             {"extended usage", base::join(content.extended_usage, ", ")},
             {"in force", content.not_before.text() + " to " + content.not_after.text()}}};
}

Json content_record(CertificateFacts const& facts) {
    auto const& content = facts.content;
    return {{"serial", content.serial},
            {"subject", facts.subject},
            {"issuer", facts.issuer},
            {"names", model::to_json(content.names)},
            {"algorithm", facts.algorithm},
            {"key_id", base::sha256(content.public_key).hex()},
            {"key_usage", content.key_usage},
            {"extended_usage", content.extended_usage},
            {"not_before", content.not_before.text()},
            {"not_after", content.not_after.text()}};
}

void add_digest(model::Fields& fields, base::Digest const& digest, std::string const& rule) {
    fields.rows.emplace_back("digest", digest.hex());
    fields.rows.emplace_back("aloud", base::spoken(digest));
    fields.rows.emplace_back("approval", rule.empty() ? "none needed" : "by rule '" + rule + "'");
}

/// What `approval verify` says of it.
model::Outcome approvals_of(State const& state, ApprovalSubject const& subject, std::string const& rule) {
    return approval_verify(
        state, {"approval verify",
                JsonValue(Json{
                    {"operand", subject.subject.digest.hex()}, {"rule", rule}, {"about", subject.about}})});
}

std::string member_called(State const& state, std::string const& organization) {
    auto const& members = state.joined().members;
    auto const found =
        std::ranges::find_if(members, [&](model::Member const& each) { return each.name == organization; });
    return found == members.end() ? "" : found->id;
}

model::Verdict judge(State const& state, port::Certifier const& certifier, CertificateFacts const& facts,
                     model::Profile const& profile) {
    model::Verdict verdict;
    auto const wanted = wanted_by(facts, profile, member_called(state, facts.organization));
    verdict.require("organization", !wanted.member.empty(),
                    fmt::format("no member is called '{}'", base::printable(facts.organization)));
    verdict.require("time", state.now < facts.content.not_after,
                    "it would have ended on " + facts.content.not_after.text());
    check_content(facts, wanted, certifier, verdict);
    check_key_type(facts.algorithm, profile, verdict);
    return verdict;
}

}  // namespace

model::Outcome show_pending(State const& state, port::Certifier const& certifier,
                            PendingCertificate const& pending) {
    auto const facts = describe_tbs(certifier, pending.tbs);
    auto const profile = pending.text("profile");
    auto const standing = state_of(pending, state.now);
    auto const now = profile_now(state, pending);
    auto const rule = now ? now->approval : "";
    auto data = content_record(facts);
    data["state"] = standing;
    data["profile"] = profile;
    data["member"] = pending.member;
    data["proposer"] = pending.proposer;
    data["lapses"] = pending.lapses.text();
    data["digest"] = pending.approve.hex();
    data["words"] = base::spoken(pending.approve);
    data["rule"] = rule.empty() ? Json() : Json(rule);
    data["approvals"] = Json::array();
    auto fields = content_fields(facts);
    fields.rows.emplace_back("profile", profile);
    fields.rows.emplace_back("member", pending.member);
    fields.rows.emplace_back("state", standing);
    fields.rows.emplace_back("asked by", pending.proposer);
    fields.rows.emplace_back("lapses", pending.lapses.text());
    add_digest(fields, pending.approve, rule);
    model::Outcome outcome;
    outcome.schema = "consortium.certificate-request/1";
    outcome.text = {fields};
    if (standing == "lapsed") outcome.next = {"consortium cert withdraw " + pending.serial};
    if (standing == "pending" && rule.empty())
        outcome.next = {"consortium cert issue --pending " + pending.serial};
    if (standing == "pending" && !rule.empty()) {
        auto approvals = approvals_of(state, approval_subject(pending), rule);
        data["approvals"] = approvals.data->at("approvals");
        data["verdict"] = approvals.data->at("verdict");
        outcome.text.insert(outcome.text.end(), approvals.text.begin(), approvals.text.end());
        outcome.next = approvals.status ? approvals.next
                                        : std::vector{"consortium cert issue --pending " + pending.serial};
    }
    outcome.data = JsonValue(std::move(data));
    return outcome;
}

model::Outcome certificate_check(State const& state, port::Certifier const& certifier,
                                 model::Request const& request) {
    auto const& arguments = *request.arguments;
    auto const file = arguments.at("operand").get<std::string>();
    auto const text = base::read_file(file, max_tbs);
    base::Bytes const tbs(text.begin(), text.end());
    auto const profile =
        model::profile_of(state.joined().charter, arguments.value("profile", std::string("node-tls")));
    CertificateFacts facts;
    try {
        facts = describe_tbs(certifier, tbs);
    } catch (base::Error const& error) {
        throw base::Error(
            base::Code::malformed,
            fmt::format("'{}' holds no certificate before its signature: {}", file, error.message()),
            "ask for what 'consortium cert export SERIAL' writes of one that waits");
    }
    auto const digest = base::sha256(tbs);
    auto const verdict = judge(state, certifier, facts, profile);
    auto data = content_record(facts);
    data["profile"] = profile.id;
    data["digest"] = digest.hex();
    data["words"] = base::spoken(digest);
    data["rule"] = profile.approval.empty() ? Json() : Json(profile.approval);
    data["verdict"] = model::to_json(verdict);
    auto fields = content_fields(facts);
    fields.rows.emplace_back("profile", profile.id);
    add_digest(fields, digest, profile.approval);
    for (auto const& rule : verdict.rules)
        if (!rule.holds) fields.rows.emplace_back("not allowed", rule.name + ": " + rule.words);
    model::Outcome outcome;
    outcome.schema = "consortium.certificate-check/1";
    outcome.data = JsonValue(std::move(data));
    outcome.text = {fields};
    if (!verdict.allowed()) outcome.status = base::Code::refused;
    if (verdict.allowed() && !profile.approval.empty())
        outcome.next = {
            fmt::format("consortium approval sign {} --rule {} --about 'certificate {}' --file {}",
                        digest.hex(), profile.approval, facts.content.serial, shell_word(file))};
    return outcome;
}

}  // namespace consortium::flow
