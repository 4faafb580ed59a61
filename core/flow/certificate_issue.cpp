#include "core/base/error.h"
#include "core/flow/certificate.h"
#include "core/flow/certificate_key.h"
#include "core/flow/certificate_renew.h"
#include "core/flow/issuer.h"
#include "core/flow/ocsp.h"

#include <nlohmann/json.hpp>

namespace consortium::flow {

using base::Json;
using base::JsonValue;

namespace {

base::Bytes leaf_key(Json const& detail, Services& services) {
    auto const& source = detail.at("key");
    if (source.at("source") == "csr") return base::from_base64(source.at("public_key").get<std::string>());
    return kept_key(source, model::profile(detail.at("profile").get<std::string>()), services).public_key;
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
                                 {"renews", detail.value("renews", Json())},
                                 {"renewed_by", nullptr},
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
    Json body{{"serial", object.name}, {"tbs", issued.facts.tbs.hex()}};
    if (auto before = renewed(services.store, object)) {
        body["renews"] = before->name;
        writes.push_back(*std::move(before));
    }
    journal(transaction, services, "certificate.issued", std::move(body), std::move(writes));
    auto pem = services.certifier.pem("CERTIFICATE", issued.der);
    std::string chain;
    for (auto const& der : chain_of(services.store, object))
        chain += services.certifier.pem("CERTIFICATE", der);
    return JsonValue(Json{{"serial", object.name},
                          {"subject", issued.facts.subject},
                          {"not_after", content.not_after.text()},
                          {"key", object.data->at("key")},
                          {"renews", object.data->at("renews")},
                          {"issuer", issuer.name},
                          {"certificate", std::move(pem)},
                          {"chain", std::move(chain)}});
}

}  // namespace

model::Plan plan_certificate_issue(State const& state, port::Certifier const& certifier,
                                   model::Request const& request) {
    auto const& arguments = *request.arguments;
    auto const wanted = read_wanted(state, arguments);
    auto const issuer = issuer_for(state, wanted, arguments.value("issuer", ""));
    if (keys_given(arguments) != 1) {
        throw base::Error(base::Code::usage, "name one key: --csr FILE, --new-key, or --key NAME",
                          "run 'consortium help cert issue'");
    }
    model::Plan plan;
    plan.request = request;
    plan.epoch = model::reference(state.joined());
    plan.pins["authority/" + issuer.name] = issuer.version;
    check_profile(wanted, certifier, plan.verdict);
    check_issuer(wanted, issuer, state.now, certifier, plan.verdict);
    auto source =
        key_source(state, certifier, arguments, wanted, new_key(wanted.common_name, arguments), plan.verdict);
    plan.steps.push_back(issue_step(wanted, issuer, std::move(source)));
    return plan;
}

Applier const certificate_issue_applier{.prepare = prepare_issue, .append = append_issue};

}  // namespace consortium::flow
