#include "core/flow/certificate_pending.h"

#include "core/base/error.h"
#include "core/base/text.h"
#include "core/flow/certificate.h"
#include "core/flow/certificate_key.h"
#include "core/flow/certificate_leaf.h"
#include "core/flow/issuer.h"
#include "core/flow/steps.h"

#include <algorithm>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace consortium::flow {

using base::Json;
using base::JsonValue;
using model::CertificateFacts;
using model::Verdict;

namespace {

std::string const kind = "certificate-request";
constexpr std::size_t max_subject = 1024;

/// The authority signs what it would certify today, or nothing: another of its certificates makes other
/// bytes.
void check_issuer_now(CertificateFacts const& facts, Authority const& issuer,
                      port::Certifier const& certifier, Verdict& verdict) {
    auto const above = certifier.describe(issuer.certificate()).content;
    auto expected = facts.content;
    expected.crl_url = expected.issuer_url = {};
    set_places(expected, issuer);
    bool const same = facts.content.issuer == above.subject &&
                      facts.content.authority_key_id == above.subject_key_id && facts.content == expected;
    verdict.require(
        "issuer", same,
        fmt::format(
            "it was prepared for '{}' before that had the certificate or the addresses that it has now",
            issuer.name));
}

void check_key(State const& state, CertificateFacts const& facts, model::Profile const& profile,
               port::Certifier const& certifier, Verdict& verdict) {
    auto const key = base::sha256(facts.content.public_key);
    check_key_type(facts.algorithm, profile, verdict);
    verdict.require("key", is_free(state.store, state.joined(), key, certifier),
                    "its key signs acts, certificates or tokens by now");
    check_not_compromised(state.store, key, verdict);
}

/// What it takes the place of still waits for that.
void check_renewal(State const& state, PendingCertificate const& pending, model::Plan& plan) {
    auto const renews = pending.detail->value("renews", std::string());
    if (renews.empty()) return;
    auto const old = certificate_object(state.store, renews);
    plan.pins["certificate/" + old.name] = old.version;
    plan.verdict.require(
        "renews", old.state == "valid",
        fmt::format("certificate {}, which it was to renew, is {} by now", old.name, old.state));
}

void check_standing(PendingCertificate const& pending, base::Instant now, Verdict& verdict) {
    verdict.require("state", pending.state == "pending",
                    fmt::format("certificate {} was {} already", pending.serial, pending.state));
    verdict.require("lapses", now < pending.lapses,
                    fmt::format("it lapsed on {}: prepare it again", pending.lapses.text()));
    verdict.require("digest", base::sha256(pending.tbs) == pending.approve,
                    "the bytes that wait are not those that were prepared");
}

/// Everything that was checked when it was prepared, by what is in force now.
void check_as_of_now(State const& state, port::Certifier const& certifier, PendingCertificate const& pending,
                     Authority const& issuer, model::Plan& plan) {
    auto const profile = profile_now(state, pending);
    plan.verdict.require("profile", profile.has_value(),
                         fmt::format("the charter has no profile '{}' any more", pending.text("profile")));
    if (!profile) return;
    auto const facts = describe_tbs(certifier, pending.tbs);
    auto const wanted = wanted_by(facts, *profile, pending.member);
    check_content(facts, wanted, certifier, plan.verdict);
    plan.verdict.require("organization", facts.organization == organization_of(state, pending.member),
                         fmt::format("'{}' is not called '{}' any more", pending.member, facts.organization));
    auto const unfit = unfit_words(issuer, wanted);
    plan.verdict.require("issuer", unfit.empty(), unfit);
    check_issuer(wanted, issuer, facts.content.not_before, certifier, plan.verdict);
    check_issuer_now(facts, issuer, certifier, plan.verdict);
    check_key(state, facts, *profile, certifier, plan.verdict);
    check_renewal(state, pending, plan);
}

JsonValue prepare_pending(model::Step const& step, Services& services, Identity const& self) {
    auto const& detail = *step.detail;
    return JsonValue(
        Json{{"public_key", base::to_base64(leaf_key(detail, services))}, {"proposer", self.officer}});
}

JsonValue append_pending(model::Step const& step, JsonValue const& prepared, Services& services,
                         port::Transaction& transaction) {
    auto const& detail = *step.detail;
    auto const issuer = authority(services.store, detail.at("issuer").get<std::string>());
    auto const rule = profile_in_force(detail, services).approval;
    auto const content = leaf_content(
        detail, issuer, base::from_base64(prepared->at("public_key").get<std::string>()), services);
    PendingCertificate pending;
    pending.serial = content.serial;
    pending.member = detail.at("member").get<std::string>();
    pending.lapses = std::min(content.not_after, content.not_before + pending_life);
    pending.proposer = prepared->at("proposer").get<std::string>();
    pending.tbs = services.certifier.certificate_tbs(content, issuer.algorithm);
    pending.approve = base::sha256(pending.tbs);
    pending.subject = describe_tbs(services.certifier, pending.tbs).subject;
    pending.detail = step.detail;
    journal(
        transaction, services, "certificate.prepared",
        {{"issuer", issuer.name}, {"serial", pending.serial}, {"tbs", pending.approve.hex()}, {"rule", rule}},
        {to_object(pending)});
    auto const& key = detail.at("key");
    return JsonValue(Json{{"serial", pending.serial},
                          {"state", pending.state},
                          {"digest", pending.approve.hex()},
                          {"rule", rule},
                          {"subject", pending.subject},
                          {"not_after", content.not_after.text()},
                          {"lapses", pending.lapses.text()},
                          {"key", key.value("name", Json())},
                          {"renews", detail.value("renews", Json())}});
}

JsonValue open_issuer(model::Step const& step, Services& services, Identity const&) {
    services.keys.open(authority(services.store, step.detail->at("issuer").get<std::string>()).key);
    return {};
}

// What is signed is what was approved, whatever became of it in the meantime (G26).
JsonValue append_signed(model::Step const& step, JsonValue const&, Services& services,
                        port::Transaction& transaction) {
    auto pending = pending_certificate(services.store, step.detail->at("serial").get<std::string>());
    auto const digest = base::sha256(pending.tbs).hex();
    if (pending.state != "pending" || services.store.object("certificate", pending.serial)) {
        throw base::Error(base::Code::conflict,
                          fmt::format("certificate {} was {} already", pending.serial, pending.state),
                          "run 'consortium cert show " + pending.serial + "'");
    }
    if (digest != step.detail->at("digest").get<std::string>()) {
        throw base::Error(base::Code::verification_failed,
                          "the bytes that wait are not those that were approved",
                          "run 'consortium audit verify'");
    }
    auto const issuer = authority(services.store, step.detail->at("issuer").get<std::string>());
    auto const issued = certify_bytes(pending.tbs, pending.serial, issuer.name, issuer.certificate(),
                                      *services.keys.open(issuer.key), services, transaction);
    pending.state = "issued";
    return JsonValue(leaf_words(
        append_leaf(*pending.detail, issued, services, transaction, {to_object(pending)}), services));
}

}  // namespace

std::string PendingCertificate::text(char const* field) const {
    return detail->at(field).get<std::string>();
}

model::Object to_object(PendingCertificate const& pending) {
    model::Object object;
    object.kind = kind;
    object.name = pending.serial;
    object.state = pending.state;
    object.member = pending.member;
    if (pending.state == "pending") object.due = pending.lapses;
    object.data = JsonValue(Json{{"subject", pending.subject},
                                 {"proposer", pending.proposer},
                                 {"lapses", pending.lapses.text()},
                                 {"tbs", base::to_base64(pending.tbs)},
                                 {"approve", pending.approve.hex()},
                                 {"detail", *pending.detail}});
    return object;
}

PendingCertificate pending_from_object(model::Object const& object) {
    base::JsonReader in(*object.data);
    PendingCertificate out;
    out.serial = object.name;
    out.state = object.state;
    out.member = object.member;
    out.version = object.version;
    out.subject = in.text("subject", max_subject);
    out.proposer = in.text("proposer");
    out.lapses = in.instant("lapses");
    out.tbs = in.base64("tbs");
    out.approve = in.digest("approve");
    out.detail = JsonValue(in.value("detail"));
    in.done();
    return out;
}

std::optional<PendingCertificate> find_pending(port::Store const& store, std::string_view serial) {
    auto const object = store.object(kind, normal_serial(serial));
    return object ? std::optional(pending_from_object(*object)) : std::nullopt;
}

PendingCertificate pending_certificate(port::Store const& store, std::string_view serial) {
    auto found = find_pending(store, serial);
    if (!found) {
        throw base::Error(base::Code::not_found,
                          fmt::format("no certificate with serial {} waits here", normal_serial(serial)),
                          "run 'consortium cert list --state pending'");
    }
    return *std::move(found);
}

std::string state_of(PendingCertificate const& pending, base::Instant now) {
    return pending.state == "pending" && pending.lapses <= now ? "lapsed" : pending.state;
}

ApprovalSubject approval_subject(PendingCertificate const& pending) {
    return {{pending.approve, pending.proposer}, "certificate " + pending.serial};
}

// As a certificate, so that it can be read: with a signature that does not hold.
CertificateFacts describe_tbs(port::Certifier const& certifier, base::Bytes const& tbs) {
    return certifier.describe(certifier.assemble(tbs, "p256", base::Bytes(8)));
}

Wanted wanted_by(CertificateFacts const& facts, model::Profile profile, std::string member) {
    Wanted out;
    out.profile = std::move(profile);
    out.common_name = facts.common_name;
    out.member = std::move(member);
    out.organization = facts.organization;
    out.unit = facts.unit;
    out.names = facts.content.names;
    out.life = facts.content.not_after - facts.content.not_before;
    return out;
}

void check_content(CertificateFacts const& facts, Wanted const& wanted, port::Certifier const& certifier,
                   Verdict& verdict) {
    auto const& content = facts.content;
    auto const& profile = wanted.profile;
    verdict.require("authority", !content.authority && content.permitted.empty(), "it would be an authority");
    verdict.require("subject", content.subject == certifier.encode_name(subject_of(wanted)),
                    "its subject holds more than a common name, an organization and a unit");
    verdict.require("key usage", content.key_usage == profile.key_usage,
                    fmt::format("it says {}, profile '{}' {}", base::join(content.key_usage, ", "),
                                profile.id, base::join(profile.key_usage, ", ")));
    verdict.require("extended usage", content.extended_usage == profile.extended_usage,
                    fmt::format("it says {}, profile '{}' {}", base::join(content.extended_usage, ", "),
                                profile.id, base::join(profile.extended_usage, ", ")));
    verdict.require("extensions", facts.other.empty(), "it has critical extensions of unknown kinds");
    check_profile(wanted, certifier, verdict);
}

std::optional<model::Profile> profile_now(State const& state, PendingCertificate const& pending) {
    for (auto& each : model::profiles_of(state.joined().charter))
        if (each.id == pending.text("profile")) return std::move(each);
    return std::nullopt;
}

Verdict pending_approvals(State const& state, PendingCertificate const& pending) {
    auto const profile = profile_now(state, pending);
    if (profile && !profile->approval.empty())
        return approval_verdict(state, profile->approval, approval_subject(pending));
    Verdict verdict;
    verdict.require("profile", profile.has_value(),
                    fmt::format("the charter has no profile '{}' any more", pending.text("profile")));
    verdict.state = "no approval needed any more";
    return verdict;
}

model::Plan plan_certificate_sign(State const& state, port::Certifier const& certifier,
                                  model::Request const& request) {
    auto const pending =
        pending_certificate(state.store, request.arguments->at("pending").get<std::string>());
    auto const issuer = authority(state.store, pending.text("issuer"));
    model::Plan plan;
    plan.request = request;
    plan.epoch = model::reference(state.joined());
    plan.pins[kind + "/" + pending.serial] = pending.version;
    plan.pins["authority/" + issuer.name] = issuer.version;
    check_standing(pending, state.now, plan.verdict);
    if (plan.verdict.allowed()) check_as_of_now(state, certifier, pending, issuer, plan);
    if (!plan.verdict.allowed()) {
        plan.verdict.next = pending.state == "pending" ? "consortium cert withdraw " + pending.serial
                                                       : "consortium cert show " + pending.serial;
        return plan;
    }
    plan.verdict = pending_approvals(state, pending);
    plan.steps.push_back(
        {"certificate.sign", pending.serial,
         fmt::format("sign what was approved for {}, digest {}", pending.subject, pending.approve.hex()),
         JsonValue(
             Json{{"serial", pending.serial}, {"digest", pending.approve.hex()}, {"issuer", issuer.name}})});
    return plan;
}

model::Plan plan_certificate_withdraw(State const& state, model::Request const& request) {
    auto pending = pending_certificate(state.store, request.arguments->at("operand").get<std::string>());
    model::Plan plan;
    plan.request = request;
    plan.epoch = model::reference(state.joined());
    plan.pins[kind + "/" + pending.serial] = pending.version;
    plan.verdict.require("state", pending.state == "pending",
                         fmt::format("certificate {} was {} already", pending.serial, pending.state));
    if (pending.state == "issued") plan.verdict.next = "consortium cert revoke " + pending.serial;
    auto const& key = pending.detail->at("key");
    if (key.contains("name"))
        plan.warnings.push_back(
            fmt::format("key '{}' stays in the keyring", key.at("name").get<std::string>()));
    pending.state = "withdrawn";
    plan.steps.push_back(event_step(
        "certificate.withdrawn", {{"serial", pending.serial}}, {to_object(pending)}, pending.serial,
        fmt::format("give up {} of {}: it will not be signed", pending.serial, pending.subject)));
    return plan;
}

Applier const certificate_prepare_applier{.prepare = prepare_pending, .append = append_pending};
Applier const certificate_sign_applier{.prepare = open_issuer, .append = append_signed};

}  // namespace consortium::flow
