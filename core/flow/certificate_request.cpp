#include "core/base/error.h"
#include "core/base/text.h"
#include "core/flow/certificate.h"
#include "core/flow/certificate_key.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace consortium::flow {

using base::Json;
using base::JsonValue;

namespace {

/// All that the issuer would put into the certificate by itself is asked for: then both have said the same.
model::SigningRequest asked(Json const& detail, model::Profile const& profile, port::KeyInfo const& key) {
    model::SigningRequest out;
    out.public_key = key.public_key;
    out.algorithm = key.algorithm;
    out.subject = model::DistinguishedName{detail.at("common_name").get<std::string>(),
                                           detail.at("organization").get<std::string>(),
                                           detail.at("unit").get<std::string>()}
                      .parts();
    out.names = model::alternative_names_from_json(detail.at("names"));
    out.key_usage = profile.key_usage;
    out.extended_usage = profile.extended_usage;
    return out;
}

JsonValue sign_request(model::Step const& step, Services& services, Identity const&) {
    auto const& detail = *step.detail;
    auto& certifier = services.certifier;
    auto const profile = profile_in_force(detail, services);
    auto const key = kept_key(detail.at("key"), profile, services);
    auto const request = asked(detail, profile, key);
    auto const tbs = certifier.request_tbs(request);
    auto const der = sign_bytes(tbs, *services.keys.open(key.name), certifier);
    if (certifier.read_request(der) != request) {
        throw base::Error(base::Code::internal, "a signing request does not say what it was asked to say");
    }
    return JsonValue(Json{{"key", key.name},
                          {"key_id", key.id.hex()},
                          {"tbs", base::sha256(tbs).hex()},
                          {"der", base::to_base64(der)}});
}

JsonValue append_request(model::Step const& step, JsonValue const& prepared, Services& services,
                         port::Transaction& transaction) {
    auto const& detail = *step.detail;
    journal(transaction, services, "certificate.requested",
            {{"profile", detail.at("profile")},
             {"member", detail.at("member")},
             {"key_id", prepared->at("key_id")},
             {"tbs", prepared->at("tbs")}},
            {});
    auto const der = base::from_base64(prepared->at("der").get<std::string>());
    return JsonValue(Json{{"name", detail.at("common_name")},
                          {"profile", detail.at("profile")},
                          {"member", detail.at("member")},
                          {"key", prepared->at("key")},
                          {"key_id", prepared->at("key_id")},
                          {"tbs", prepared->at("tbs")},
                          {"request", services.certifier.pem("CERTIFICATE REQUEST", der)},
                          {"issue", detail.at("issue")}});
}

}  // namespace

model::Plan plan_certificate_request(State const& state, port::Certifier const& certifier,
                                     model::Request const& request) {
    auto const& arguments = *request.arguments;
    auto const wanted = read_wanted(state, arguments);
    if (keys_given(arguments) != 1) {
        throw base::Error(base::Code::usage, "name one key: --new-key, or --key NAME",
                          "run 'consortium help cert request'");
    }
    model::Plan plan;
    plan.request = request;
    plan.epoch = model::reference(state.joined());
    check_profile(wanted, certifier, plan.verdict);
    auto const source =
        key_source(state, certifier, arguments, wanted, new_key(wanted.common_name, arguments), plan.verdict);
    plan.steps.push_back(
        {"certificate.request", wanted.common_name,
         fmt::format("ask that key '{}' be certified as {} for '{}' of {}, names: {}",
                     source.at("name").get<std::string>(), wanted.profile.id, wanted.common_name,
                     wanted.member, base::join(wanted.names.texts(), ", ")),
         JsonValue(Json{{"profile", wanted.profile.id},
                        {"common_name", wanted.common_name},
                        {"organization", wanted.organization},
                        {"unit", wanted.unit},
                        {"member", wanted.member},
                        {"names", model::to_json(wanted.names)},
                        {"key", source},
                        {"issue", issue_command(wanted)}})});
    return plan;
}

Applier const certificate_request_applier{.prepare = sign_request, .append = append_request};

}  // namespace consortium::flow
