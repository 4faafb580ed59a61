#include "core/flow/certificate_leaf.h"

#include "core/base/text.h"
#include "core/flow/certificate.h"
#include "core/flow/certificate_key.h"
#include "core/flow/certificate_renew.h"
#include "core/flow/ocsp.h"

#include <nlohmann/json.hpp>

namespace consortium::flow {

using base::Json;
using base::JsonValue;

base::Bytes leaf_key(Json const& detail, Services& services) {
    auto const& source = detail.at("key");
    if (source.at("source") == "csr") return base::from_base64(source.at("public_key").get<std::string>());
    return kept_key(source, profile_in_force(detail, services), services).public_key;
}

model::CertificateContent leaf_content(Json const& detail, model::Profile const& profile,
                                       Authority const& issuer, base::Bytes public_key, base::Instant now,
                                       port::Certifier& certifier) {
    model::CertificateContent content;
    content.subject =
        certifier.encode_name({detail.at("common_name").get<std::string>(),
                               detail.at("organization").get<std::string>(), detail.value("unit", "")});
    content.not_before = now;
    content.not_after = content.not_before + base::Duration::from_text(detail.at("life").get<std::string>());
    content.public_key = std::move(public_key);
    content.key_usage = profile.key_usage;
    content.extended_usage = profile.extended_usage;
    content.names = model::alternative_names_from_json(detail.at("names"));
    content = fill_content(std::move(content), issuer.certificate(), certifier);
    set_places(content, issuer);
    return content;
}

model::CertificateContent leaf_content(Json const& detail, Authority const& issuer,
                                       base::Bytes const& public_key, Services& services) {
    auto const profile = profile_in_force(detail, services);
    for (;;) {
        auto content =
            leaf_content(detail, profile, issuer, public_key, services.clock.now(), services.certifier);
        if (!services.store.object("certificate", content.serial)) return content;
    }
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

model::Object append_leaf(Json const& detail, Issued const& issued, Services& services,
                          port::Transaction& transaction, std::vector<model::Object> more) {
    auto object = leaf_object(detail, issued);
    auto writes = std::move(more);
    writes.push_back(object);
    if (auto answering = responder_object(object)) writes.push_back(*std::move(answering));
    Json body{{"serial", object.name}, {"tbs", issued.facts.tbs.hex()}};
    if (auto before = renewed(services.store, object)) {
        body["renews"] = before->name;
        writes.push_back(*std::move(before));
    }
    journal(transaction, services, "certificate.issued", std::move(body), std::move(writes));
    return object;
}

Json leaf_words(model::Object const& certificate, Services& services) {
    auto const& data = *certificate.data;
    std::vector<std::string> chain;
    for (auto const& der : chain_of(services.store, certificate))
        chain.push_back(services.certifier.pem("CERTIFICATE", der));
    return {{"serial", certificate.name},    {"state", "issued"},
            {"subject", data.at("subject")}, {"not_after", data.at("not_after")},
            {"key", data.at("key")},         {"renews", data.at("renews")},
            {"issuer", data.at("issuer")},   {"certificate", chain.front()},
            {"chain", base::join(chain, "")}};
}

}  // namespace consortium::flow
