#include "core/flow/certificate_renew.h"

#include "core/base/error.h"
#include "core/flow/certificate.h"
#include "core/flow/certificate_key.h"
#include "core/flow/evidence.h"
#include "core/flow/issuer.h"

#include <algorithm>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace consortium::flow {

using base::Json;
using base::JsonValue;
using model::CertificateFacts;

namespace {

constexpr std::size_t longest_stem = 54;  // of a new key's name, before the serial's first digits

/// What the old certificate says, under the organization's name of today.
Wanted wanted_again(State const& state, model::Object const& old, CertificateFacts const& facts,
                    Json const& arguments) {
    Wanted out;
    out.profile = model::profile_of(state.joined().charter, old.data->at("profile").get<std::string>());
    out.common_name = facts.common_name;
    out.member = old.member;
    out.organization = organization_of(state, old.member);
    out.unit = facts.unit;
    out.names = facts.content.names;
    out.life = arguments.contains("valid-for")
                   ? base::Duration::from_text(arguments.at("valid-for").get<std::string>())
                   : facts.content.not_after - facts.content.not_before;
    return out;
}

void check_state(model::Object const& old, Wanted const& wanted, model::Verdict& verdict) {
    if (old.state == "revoked") {
        verdict.require("state", false,
                        fmt::format("certificate {} is revoked, and what was ended is not carried on: make "
                                    "another key, and issue another certificate",
                                    old.name));
        verdict.next = issue_command(wanted) + " --key KEY";
    } else if (old.state == "renewed") {
        auto const by = old.data->at("renewed_by").get<std::string>();
        verdict.require("state", false, fmt::format("certificate {} was renewed by {}", old.name, by));
        verdict.next = "consortium cert renew " + by;
    }
}

// RFC 6960 4.2.2.2: only a certificate that the authority itself has issued answers for it.
void check_responder(model::Object const& old, Authority const& issuer, model::Verdict& verdict) {
    auto const& before = old.data->at("issuer");
    verdict.require("issuer", old.data->at("profile") != "ocsp" || before == issuer.name,
                    fmt::format("it answers for '{}', which '{}' cannot let it do", before.get<std::string>(),
                                issuer.name));
}

/// Who answers for an authority is certified by that one again.
std::string named_issuer(model::Object const& old, Json const& arguments) {
    if (arguments.contains("issuer")) return arguments.at("issuer").get<std::string>();
    return old.data->at("profile") == "ocsp" ? old.data->at("issuer").get<std::string>() : std::string();
}

NewKey another_key(model::Object const& old, CertificateFacts const& facts, Json const& arguments) {
    auto out = new_key(facts.common_name, arguments);
    out.name = fmt::format("{}-{}", out.name.substr(0, longest_stem), old.name.substr(0, 8));
    if (!arguments.contains("type") && is_makeable(facts.algorithm)) {
        out.algorithm = facts.algorithm;
    }
    return out;
}

// A public key is known for ever, so that somebody still has the private one is not to be concluded from it
// (RFC 4210 4.3): the workspace that keeps it can use it, anybody else asks for the certificate with it.
Json same_key(State const& state, model::Object const& old, CertificateFacts const& facts,
              Wanted const& wanted, model::Verdict& verdict) {
    auto const& name = old.data->at("key");
    auto const key = base::sha256(facts.content.public_key);
    if (name.is_null()) {
        verdict.require("key", false,
                        "it was certified by a request, so its key is elsewhere, and whoever has it must "
                        "prove that again: give their new request with --csr FILE, which the same key may "
                        "sign; name the key with --key KEY if it is here; or make another with --new-key");
        if (verdict.next.empty()) verdict.next = fmt::format("consortium cert renew {} --csr FILE", old.name);
    }
    check_key_type(facts.algorithm, wanted.profile, verdict);
    check_not_compromised(state.store, key, verdict);
    return {{"source", "key"}, {"name", name}, {"id", key.hex()}};
}

void warn(model::Object const& old, CertificateFacts const& facts, Wanted const& wanted, base::Instant now,
          std::vector<std::string>& warnings) {
    if (facts.content.not_after < now) {
        warnings.push_back(fmt::format("certificate {} expired on {}; it is renewed all the same", old.name,
                                       facts.content.not_after.text()));
    }
    if (facts.organization != wanted.organization) {
        warnings.push_back(
            fmt::format("the organization is '{}' in the new certificate, as the members know "
                        "it now; the old one says '{}'",
                        wanted.organization, facts.organization));
    }
}

model::Object with_state(model::Object object, std::string state, Json by) {
    Json data = *object.data;
    data["renewed_by"] = std::move(by);
    object.state = std::move(state);
    object.data = JsonValue(std::move(data));
    return object;
}

}  // namespace

bool is_unrevoked(model::Object const& certificate) {
    return certificate.state != "revoked";
}

std::optional<model::Object> renewed(port::Store const& store, model::Object const& issued) {
    auto const before = issued.data->value("renews", Json());
    if (before.is_null()) return std::nullopt;
    return with_state(certificate_object(store, before.get<std::string>()), "renewed", issued.name);
}

std::optional<model::Object> waiting_again(port::Store const& store, model::Object const& revoked) {
    auto const before = revoked.data->value("renews", Json());
    if (before.is_null()) return std::nullopt;
    auto old = certificate_object(store, before.get<std::string>());
    if (old.state != "renewed" || old.data->at("renewed_by") != revoked.name) return std::nullopt;
    return with_state(std::move(old), "valid", nullptr);
}

std::vector<std::string> of_same_key(port::Store const& store, model::Object const& certificate,
                                     base::Instant now) {
    std::vector<std::string> out;
    for (auto const* link : {"renews", "renewed_by"}) {
        auto const serial = certificate.data->value(link, Json());
        if (serial.is_null()) continue;
        auto const other = certificate_object(store, serial.get<std::string>());
        if (is_unrevoked(other) && other.due && *other.due > now &&
            other.data->at("key_id") == certificate.data->at("key_id")) {
            out.push_back(other.name);
        }
    }
    return out;
}

model::Plan plan_certificate_renew(State const& state, port::Certifier const& certifier,
                                   model::Request const& request) {
    auto const& arguments = *request.arguments;
    if (keys_given(arguments) > 1) {
        throw base::Error(
            base::Code::usage,
            "name one key at most: --csr FILE, --new-key, or --key NAME; without, it is the same",
            "run 'consortium help cert renew'");
    }
    if (!arguments.contains("new-key")) {
        refuse_arguments(request, {"type", "no-passphrase"}, "is said of a new key", "add --new-key");
    }
    auto const old = certificate_object(state.store, arguments.at("operand").get<std::string>());
    auto const facts = certifier.describe(der_of(old));
    auto const wanted = wanted_again(state, old, facts, arguments);
    auto const issuer = issuer_for(state, wanted, named_issuer(old, arguments));
    model::Plan plan;
    plan.request = request;
    plan.epoch = model::reference(state.joined());
    plan.pins["authority/" + issuer.name] = issuer.version;
    plan.pins["certificate/" + old.name] = old.version;
    check_state(old, wanted, plan.verdict);
    check_responder(old, issuer, plan.verdict);
    check_profile(wanted, certifier, plan.verdict);
    check_proposer(state, wanted.profile, plan.verdict);
    check_issuer(wanted, issuer, state.now, certifier, plan.verdict);
    auto key = keys_given(arguments) == 0 ? same_key(state, old, facts, wanted, plan.verdict)
                                          : key_source(state, certifier, arguments, wanted,
                                                       another_key(old, facts, arguments), plan.verdict);
    plan.steps.push_back(issue_step(wanted, issuer, std::move(key), old.name));
    warn(old, facts, wanted, state.now, plan.warnings);
    return plan;
}

}  // namespace consortium::flow
