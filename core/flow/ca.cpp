#include "core/flow/ca.h"

#include "core/base/error.h"
#include "core/base/text.h"
#include "core/flow/crl.h"
#include "core/flow/trust.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace consortium::flow {

using base::Json;
using base::JsonValue;

namespace {

constexpr std::size_t max_stem = 40;
constexpr std::int64_t max_shards = 256;  // told by one octet of the serial
constexpr base::Duration root_life{3650 * 86'400};
constexpr base::Duration issuing_life{1825 * 86'400};
constexpr base::Duration shortest_life{86'400};

/// "dns:acme.example", "ip:10.0.0.0/8", "email:acme.example", "uri:acme.example".
model::AlternativeNames read_permitted(std::vector<std::string> const& texts) {
    model::AlternativeNames out;
    for (auto const& text : texts) {
        auto const colon = text.find(':');
        auto const kind = text.substr(0, colon);
        auto const value = colon == std::string::npos ? std::string() : text.substr(colon + 1);
        auto* list = kind == "dns"     ? &out.dns
                     : kind == "ip"    ? &out.ip
                     : kind == "email" ? &out.email
                     : kind == "uri"   ? &out.uri
                                       : nullptr;
        bool const range = kind == "ip" && value.find('/') != std::string::npos;
        model::AlternativeNames host;
        if (kind == "dns" && !value.empty()) host.add(value);  // ".acme.example" is none (RFC 5280 4.2.1.10)
        if (list == nullptr || value.empty() || (kind == "ip" && !range) ||
            (kind == "dns" && host.dns.empty())) {
            throw base::Error(
                base::Code::usage, "--permit '" + base::printable(text) + "' is no name space",
                "write dns:acme.example, ip:10.0.0.0/8, email:acme.example or uri:acme.example");
        }
        list->push_back(value);
    }
    return out;
}

model::CertificateContent authority_content(Json const& detail, port::KeyInfo const& key, base::Instant now,
                                            std::string const& life) {
    model::CertificateContent content;
    content.not_before = now;
    content.not_after = now + base::Duration::from_text(detail.at(life).get<std::string>());
    content.public_key = key.public_key;
    content.authority = true;
    content.key_usage = {"keyCertSign", "cRLSign"};
    return content;
}

Authority new_authority(Json const& detail, std::string role, std::string name) {
    Authority out;
    out.name = std::move(name);
    out.role = std::move(role);
    out.stem = detail.at("stem").get<std::string>();
    out.generation = 1;
    out.key = "ca-" + out.name;
    out.algorithm = detail.at("algorithm").get<std::string>();
    out.base_url = detail.at("base_url").get<std::string>();
    return out;
}

AuthorityCertificate as_authority_certificate(std::string issuer, Issued const& issued) {
    return {std::move(issuer), issued.facts.content.serial, issued.der, issued.facts.content.not_after};
}

JsonValue make_keys(model::Step const& step, Services& services, Identity const&) {
    auto const& detail = *step.detail;
    for (auto const* name : {"ca-root-g1", "ca-issuing-1"}) {
        ensure_key(services, name, detail.at("algorithm").get<std::string>(),
                   detail.at("protection").get<std::string>());
    }
    return {};
}

void certify_root(Authority& root, Json const& detail, Services& services, port::Transaction& transaction) {
    auto content = authority_content(detail, services.keys.info(root.key), services.clock.now(), "root_life");
    content.subject = services.certifier.encode_name(
        root_name(root.stem, root.generation, detail.at("organization").get<std::string>()));
    auto const issued = certify(fill_content(content, {}, services.certifier), root.name, {},
                                *services.keys.open(root.key), services, transaction);
    root.certificates = {as_authority_certificate(root.name, issued)};
}

void certify_issuing(Authority& issuing, Authority const& root, Json const& detail, Services& services,
                     port::Transaction& transaction) {
    auto content =
        authority_content(detail, services.keys.info(issuing.key), services.clock.now(), "issuing_life");
    content.subject = services.certifier.encode_name(
        issuing_name(issuing.stem, issuing.generation, detail.at("organization").get<std::string>()));
    content.path_length = 0;
    content.permitted = model::alternative_names_from_json(detail.at("permitted"));
    set_places(content, root);
    auto const issued = certify(fill_content(content, root.certificate(), services.certifier), root.name,
                                root.certificate(), *services.keys.open(root.key), services, transaction);
    issuing.certificates = {as_authority_certificate(root.name, issued)};
}

JsonValue append_authorities(model::Step const& step, JsonValue const&, Services& services,
                             port::Transaction& transaction) {
    auto const& detail = *step.detail;
    auto root = new_authority(detail, "root", "root-g1");
    auto issuing = new_authority(detail, "issuing", "issuing-1");
    issuing.ocsp_url = detail.at("ocsp_url").get<std::string>();
    issuing.shards = detail.at("shards").get<std::int64_t>();
    issuing.deltas = detail.at("deltas").get<bool>();
    certify_root(root, detail, services, transaction);
    certify_issuing(issuing, root, detail, services, transaction);
    journal(transaction, services, "authority.made", {{"authorities", {root.name, issuing.name}}},
            {to_object(root), to_object(issuing)});
    for (auto const& scope : crl_scopes(root, CrlExtent::full)) {
        sign_crl(root, scope, root_crl_life, services, transaction);
    }
    for (auto const& scope : crl_scopes(issuing, CrlExtent::full)) {
        sign_crl(issuing, scope, issuing_crl_life, services, transaction);
    }
    auto const bundle = record_bundle(compose_bundle({root, issuing}, 1), services, transaction);
    return JsonValue(Json{{"authorities", {root.name, issuing.name}},
                          {"fingerprint", base::sha256(root.certificate()).hex()},
                          {"bundle", bundle}});
}

}  // namespace

model::Plan plan_ca_init(State const& state, model::Request const& request) {
    auto const& arguments = *request.arguments;
    auto const& epoch = state.joined();
    Json detail;
    detail["stem"] = arguments.value("name", epoch.charter.name);
    detail["organization"] = epoch.charter.name;
    detail["algorithm"] = arguments.value("type", "p256");
    detail["root_life"] = arguments.value("lifetime", root_life.text());
    detail["issuing_life"] = arguments.value("issuing-lifetime", issuing_life.text());
    detail["permitted"] =
        model::to_json(read_permitted(arguments.value("permit", std::vector<std::string>())));
    detail["base_url"] = arguments.value("base-url", "");
    detail["ocsp_url"] = arguments.value("ocsp-url", "");
    detail["shards"] = arguments.value("crl-shards", std::int64_t{0});
    detail["deltas"] = arguments.value("crl-deltas", false);
    detail["protection"] = arguments.value("no-passphrase", false) ? "none" : "passphrase";

    model::Plan plan;
    plan.request = request;
    plan.epoch = model::reference(epoch);
    auto const known = state.store.object("authority", "root-g1");
    plan.pins = {{"authority/root-g1", known ? known->version : 0}};
    auto const stem = detail["stem"].get<std::string>();
    auto const root = base::Duration::from_text(detail["root_life"].get<std::string>());
    auto const issuing = base::Duration::from_text(detail["issuing_life"].get<std::string>());
    plan.verdict.require("first", !known, "this workspace has a certificate authority already");
    plan.verdict.require("name", !stem.empty() && stem.size() <= max_stem,
                         fmt::format("the name has 1 to {} bytes", max_stem));
    plan.verdict.require("lifetime", issuing >= shortest_life && issuing <= root,
                         "the intermediate does not outlive the root");
    auto const shards = detail["shards"].get<std::int64_t>();
    bool const parted = shards != 0 || detail["deltas"].get<bool>();
    plan.verdict.require("shards", shards == 0 || (shards >= 2 && shards <= max_shards),
                         fmt::format("revocation lists are parted into 2 to {} shards", max_shards));
    plan.verdict.require("address", !parted || !detail["base_url"].get<std::string>().empty(),
                         "shards and deltas are found by their URL: give --base-url");
    plan.steps.push_back(
        {"ca.init", "root-g1",
         fmt::format("make '{} Root G1' for {} and '{} Issuing CA 1' for {}, their keys in this "
                     "workspace",
                     stem, root.text(), stem, issuing.text()),
         JsonValue(detail)});
    plan.verdict.next = plan.verdict.allowed() ? "consortium root distribute" : "consortium ca show";
    return plan;
}

model::Outcome ca_list(State const& state) {
    model::Outcome outcome;
    outcome.schema = "consortium.authority-list/1";
    Json items = Json::array();
    model::Table table;
    table.columns = {"authority", "role", "state", "signed by", "not after"};
    table.when_empty = "no certificate authority in this workspace";
    for (auto const& each : authorities(state.store)) {
        for (auto const& certificate : each.certificates) {
            items.push_back({{"name", each.name},
                             {"role", each.role},
                             {"state", each.state},
                             {"key", each.key},
                             {"issuer", certificate.issuer},
                             {"serial", certificate.serial},
                             {"not_after", certificate.not_after.text()}});
            table.rows.push_back(
                {each.name, each.role, each.state, certificate.issuer, certificate.not_after.text()});
        }
    }
    outcome.data = JsonValue(Json{{"items", items}});
    outcome.text.emplace_back(std::move(table));
    return outcome;
}

model::Outcome ca_show(State const& state, port::Certifier const& certifier, model::Request const& request) {
    auto const& arguments = *request.arguments;
    auto const shown = arguments.contains("operand")
                           ? authority(state.store, arguments.at("operand").get<std::string>())
                           : newest(state.store, "root");
    auto const facts = certifier.describe(shown.certificate());
    auto const pem = certifier.pem("CERTIFICATE", shown.certificate());
    model::Outcome outcome;
    outcome.schema = "consortium.authority/1";
    outcome.data = JsonValue(Json{{"name", shown.name},
                                  {"role", shown.role},
                                  {"generation", shown.generation},
                                  {"state", shown.state},
                                  {"key", shown.key},
                                  {"algorithm", shown.algorithm},
                                  {"subject", facts.subject},
                                  {"issuer", facts.issuer},
                                  {"serial", facts.content.serial},
                                  {"fingerprint", facts.fingerprint.hex()},
                                  {"not_after", facts.content.not_after.text()},
                                  {"base_url", shown.base_url},
                                  {"ocsp_url", shown.ocsp_url},
                                  {"shards", shown.shards},
                                  {"deltas", shown.deltas},
                                  {"pem", pem}});
    model::Fields fields;
    fields.rows = {{"authority", shown.name},
                   {"subject", facts.subject},
                   {"issuer", facts.issuer},
                   {"in force", facts.content.not_before.text() + " to " + facts.content.not_after.text()},
                   {"key", shown.key.empty() ? "none: a link between two roots" : shown.key},
                   {"fingerprint", facts.fingerprint.hex()},
                   {"read aloud", base::spoken(facts.fingerprint)}};
    outcome.text.emplace_back(std::move(fields));
    outcome.text.emplace_back(pem);
    return outcome;
}

Applier const ca_init_applier{.prepare = make_keys, .append = append_authorities};

}  // namespace consortium::flow
