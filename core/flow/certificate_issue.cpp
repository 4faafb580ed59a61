#include "core/base/error.h"
#include "core/base/text.h"
#include "core/flow/certificate.h"
#include "core/flow/ocsp.h"

#include <algorithm>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace consortium::flow {

using base::Json;
using base::JsonValue;
using model::AlternativeNames;
using model::SigningRequest;

namespace {

constexpr std::size_t max_request = 65'536;

/// What the certificate will be, as far as it is known before it is made.
struct Wanted {
    Authority issuer;
    model::Profile profile;
    std::string common_name, member, organization, unit;
    AlternativeNames names;
    base::Duration life;
};

bool has(std::vector<std::string> const& list, std::string const& what) {
    return std::find(list.begin(), list.end(), what) != list.end();
}

Wanted read_wanted(State const& state, Json const& arguments) {
    Wanted out;
    out.issuer = newest(state.store, "issuing");
    out.profile = model::profile(arguments.value("profile", "node-tls"));
    out.common_name = arguments.at("operand").get<std::string>();
    out.member = arguments.value("member", state.self.member);
    auto const* member = state.joined().member(out.member);
    if (member == nullptr) {
        throw base::Error(base::Code::not_found, fmt::format("no member '{}'", base::printable(out.member)),
                          "run 'consortium member list'");
    }
    out.organization = member->name;
    out.unit = arguments.value("unit", "");
    // Of a node, the name is what verifiers look for; of a person, it is a pseudonym.
    if (out.profile.needs_name) out.names.add(out.common_name);
    for (auto const& name : arguments.value("also", std::vector<std::string>())) out.names.add(name);
    out.life = base::Duration::from_text(arguments.value("valid-for", out.profile.lifetime.text()));
    return out;
}

void check_profile(Wanted const& wanted, base::Instant now, model::Verdict& verdict) {
    auto const& profile = wanted.profile;
    auto const allow = [&](char const* kind, std::vector<std::string> const& names) {
        verdict.require(fmt::format("names: {}", kind), names.empty() || has(profile.names, kind),
                        fmt::format("profile '{}' has no {} names", profile.id, kind));
    };
    allow("dns", wanted.names.dns);
    allow("ip", wanted.names.ip);
    allow("email", wanted.names.email);
    allow("uri", wanted.names.uri);
    verdict.require("names", !profile.needs_name || !wanted.names.empty(),
                    fmt::format("profile '{}' needs a name that verifiers look for", profile.id));
    verdict.require("unit", profile.units.empty() ? wanted.unit.empty() : has(profile.units, wanted.unit),
                    profile.units.empty() ? fmt::format("profile '{}' has no unit", profile.id)
                                          : fmt::format("profile '{}' needs one with --unit: {}", profile.id,
                                                        base::join(profile.units, ", ")));
    verdict.require("lifetime", wanted.life.seconds > 0 && wanted.life <= profile.lifetime,
                    fmt::format("profile '{}' lasts at most {}", profile.id, profile.lifetime.text()));
    verdict.require("issuer", now + wanted.life <= wanted.issuer.certificates.front().not_after,
                    fmt::format("'{}' ends on {}, before this certificate would", wanted.issuer.name,
                                wanted.issuer.certificates.front().not_after.text()));
}

void check_subset(std::string const& field, std::vector<std::string> const& asked,
                  std::vector<std::string> const& granted, std::string const& by, model::Verdict& verdict) {
    for (auto const& each : asked) {
        verdict.require(
            "csr: " + field, has(granted, each),
            fmt::format("the request asks for '{}', which {} does not grant", base::printable(each), by));
    }
}

void check_subject(SigningRequest const& asked, Wanted const& wanted, model::Verdict& verdict) {
    for (auto const& [kind, value] : asked.subject) {
        bool const good = (kind == "CN" && value == wanted.common_name) ||
                          (kind == "O" && (value == wanted.organization || value == wanted.member)) ||
                          (kind == "OU" && value == wanted.unit && !wanted.unit.empty());
        verdict.require("csr: subject", good,
                        fmt::format("the request asks for {}={}, which is not the name given here", kind,
                                    base::printable(value)));
    }
}

void check_request(SigningRequest const& asked, Wanted const& wanted, model::Verdict& verdict) {
    auto const by = fmt::format("profile '{}'", wanted.profile.id);
    check_subject(asked, wanted, verdict);
    check_subset("subjectAltName", asked.names.texts(), wanted.names.texts(), "this command (see --also)",
                 verdict);
    check_subset("keyUsage", asked.key_usage, wanted.profile.key_usage, by, verdict);
    check_subset("extendedKeyUsage", asked.extended_usage, wanted.profile.extended_usage, by, verdict);
    check_subset("extension", asked.other, {}, by, verdict);
    verdict.require("csr: basicConstraints", !asked.authority, "the request asks to be an authority");
}

bool takes_key(model::Profile const& profile, std::string const& type) {
    return profile.key_types.empty() || has(profile.key_types, type);
}

std::string untaken_key(model::Profile const& profile, std::string const& type) {
    return fmt::format("profile '{}' certifies keys of type {}, this one is {}", profile.id,
                       base::join(profile.key_types, ", "), type);
}

void check_key_type(std::string const& type, model::Profile const& profile, model::Verdict& verdict) {
    verdict.require("key type", takes_key(profile, type), untaken_key(profile, type));
}

std::string key_name(std::string const& name) {
    std::string out = "cert-";
    for (char const c : name) {
        bool const plain = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
        out += plain ? c : '-';
    }
    return out.substr(0, 63);
}

Json key_source(State const& state, port::Certifier const& certifier, Json const& arguments,
                Wanted const& wanted, model::Verdict& verdict) {
    int const given = static_cast<int>(arguments.contains("csr")) +
                      static_cast<int>(arguments.contains("key")) +
                      static_cast<int>(arguments.contains("new-key"));
    if (given != 1) {
        throw base::Error(base::Code::usage, "name one key: --csr FILE, --new-key, or --key NAME",
                          "run 'consortium help cert issue'");
    }
    if (arguments.contains("key")) return {{"source", "key"}, {"name", arguments.at("key")}};
    if (arguments.contains("new-key")) {
        check_key_type(arguments.value("type", "p256"), wanted.profile, verdict);
        return {{"source", "new"},
                {"name", key_name(wanted.common_name)},
                {"algorithm", arguments.value("type", "p256")},
                {"protection", arguments.value("no-passphrase", false) ? "none" : "passphrase"}};
    }
    auto const request =
        certifier.read_request(base::read_file(arguments.at("csr").get<std::string>(), max_request));
    check_request(request, wanted, verdict);
    check_key_type(request.algorithm, wanted.profile, verdict);
    verdict.require("csr: key",
                    is_free(state.store, state.joined(), base::sha256(request.public_key), certifier),
                    "the request names a key that signs acts, certificates or tokens here; use another one");
    return {{"source", "csr"}, {"public_key", base::to_base64(request.public_key)}};
}

// No look at the other keys: there may be as many as certificates.
base::Bytes new_leaf_key(Json const& source, std::string const& name, Services& services) {
    auto const passphrase =
        source.at("protection") == "none" ? base::Secret() : services.new_passphrase("key '" + name + "'");
    try {
        return services.keys.create(name, source.at("algorithm").get<std::string>(), passphrase).public_key;
    } catch (base::Error const& error) {
        if (error.code() != base::Code::conflict) throw;
        throw base::Error(base::Code::conflict, error.message(),
                          fmt::format("certify it with --key {}, or choose another name", name));
    }
}

base::Bytes leaf_key(Json const& detail, Services& services) {
    auto const& source = detail.at("key");
    if (source.at("source") == "csr") return base::from_base64(source.at("public_key").get<std::string>());
    auto const name = source.at("name").get<std::string>();
    if (source.at("source") == "new") return new_leaf_key(source, name, services);
    auto const info = services.keys.info(name);
    if (!is_free(services.store, *services.store.latest(), info.id, services.certifier)) {
        throw base::Error(base::Code::refused,
                          fmt::format("key '{}' signs acts, certificates or tokens", name),
                          "make one for this certificate with --new-key");
    }
    auto const& profile = model::profile(detail.at("profile").get<std::string>());
    if (!takes_key(profile, info.algorithm))
        throw base::Error(base::Code::refused, untaken_key(profile, info.algorithm),
                          "make one for this certificate with --new-key --type");
    return info.public_key;
}

JsonValue prepare_issue(model::Step const& step, Services& services, Identity const&) {
    auto const& detail = *step.detail;
    services.keys.open(authority(services.store, detail.at("issuer").get<std::string>()).key);
    return JsonValue(Json{{"public_key", base::to_base64(leaf_key(detail, services))}});
}

model::CertificateContent leaf_content(Json const& detail, Authority const& issuer, base::Bytes public_key,
                                       Services& services) {
    auto const& profile = model::profile(detail.at("profile").get<std::string>());
    model::CertificateContent content;
    content.subject = services.certifier.encode_name({detail.at("common_name").get<std::string>(),
                                                      detail.at("organization").get<std::string>(),
                                                      detail.value("unit", "")});
    content.not_before = services.clock.now();
    content.not_after = content.not_before + base::Duration::from_text(detail.at("life").get<std::string>());
    content.public_key = std::move(public_key);
    content.key_usage = profile.key_usage;
    content.extended_usage = profile.extended_usage;
    content.names = model::alternative_names_from_json(detail.at("names"));
    content = fill_content(std::move(content), issuer.certificate(), services.certifier);
    while (services.store.object("certificate", content.serial)) {
        content.serial = services.certifier.draw_serial();
    }
    set_places(content, issuer);
    return content;
}

model::Object leaf_object(Json const& detail, Issued const& issued) {
    auto const& facts = issued.facts;
    auto const& source = detail.at("key");
    model::Object object;
    object.kind = "certificate";
    object.name = facts.content.serial;
    object.state = "valid";
    object.member = detail.at("member").get<std::string>();
    object.due = facts.content.not_after;
    object.data = JsonValue(Json{{"subject", facts.subject},
                                 {"issuer", detail.at("issuer")},
                                 {"names", model::to_json(facts.content.names)},
                                 {"profile", detail.at("profile")},
                                 {"not_before", facts.content.not_before.text()},
                                 {"not_after", facts.content.not_after.text()},
                                 {"key", source.contains("name") ? source.at("name") : Json()},
                                 {"key_id", base::sha256(facts.content.public_key).hex()},
                                 {"tbs", facts.tbs.hex()},
                                 {"der", base::to_base64(issued.der)},
                                 {"revoked", nullptr}});
    return object;
}

// Serial, journal row and certificate are one transaction (G20): if it fails, nothing was issued.
JsonValue append_issue(model::Step const& step, JsonValue const& prepared, Services& services,
                       port::Transaction& transaction) {
    auto const& detail = *step.detail;
    auto const issuer = authority(services.store, detail.at("issuer").get<std::string>());
    auto const content = leaf_content(
        detail, issuer, base::from_base64(prepared->at("public_key").get<std::string>()), services);
    auto const issued = certify(content, issuer.name, issuer.certificate(), *services.keys.open(issuer.key),
                                services, transaction);
    auto const object = leaf_object(detail, issued);
    std::vector<model::Object> writes{object};
    if (auto answering = responder_object(object)) writes.push_back(*std::move(answering));
    journal(transaction, services, "certificate.issued",
            {{"serial", object.name}, {"tbs", issued.facts.tbs.hex()}}, std::move(writes));
    auto pem = services.certifier.pem("CERTIFICATE", issued.der);
    return JsonValue(Json{{"serial", object.name},
                          {"subject", issued.facts.subject},
                          {"not_after", content.not_after.text()},
                          {"key", object.data->at("key")},
                          {"certificate", pem},
                          {"chain", pem + services.certifier.pem("CERTIFICATE", issuer.certificate())}});
}

}  // namespace

model::Plan plan_certificate_issue(State const& state, port::Certifier const& certifier,
                                   model::Request const& request) {
    auto const& arguments = *request.arguments;
    model::Plan plan;
    plan.request = request;
    plan.epoch = model::reference(state.joined());
    auto const wanted = read_wanted(state, arguments);
    check_profile(wanted, state.now, plan.verdict);
    auto const source = key_source(state, certifier, arguments, wanted, plan.verdict);
    plan.pins["authority/" + wanted.issuer.name] = wanted.issuer.version;
    plan.steps.push_back(
        {"certificate.issue", wanted.common_name,
         fmt::format("certify '{}' of {} as {} for {}, names: {}", wanted.common_name, wanted.member,
                     wanted.profile.id, wanted.life.text(), base::join(wanted.names.texts(), ", ")),
         JsonValue(Json{{"issuer", wanted.issuer.name},
                        {"profile", wanted.profile.id},
                        {"common_name", wanted.common_name},
                        {"organization", wanted.organization},
                        {"unit", wanted.unit},
                        {"member", wanted.member},
                        {"names", model::to_json(wanted.names)},
                        {"life", wanted.life.text()},
                        {"key", source}})});
    return plan;
}

Applier const certificate_issue_applier{.prepare = prepare_issue, .append = append_issue};

}  // namespace consortium::flow
