// A member asks that a key which stays here become an intermediate's.

#include "core/base/error.h"
#include "core/base/text.h"
#include "core/flow/ca.h"
#include "core/flow/ca_csr.h"
#include "core/flow/certificate_key.h"
#include "core/flow/evidence.h"
#include "core/model/authority_request.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace consortium::flow {

using base::Json;
using base::JsonValue;

namespace {

/// The key that is named, or ca-NAME: made, unless it is in the keyring already.
port::KeyInfo asked_key(Json const& detail, Services& services) {
    auto const name = detail.at("key").get<std::string>();
    auto out = detail.at("algorithm").is_null()
                   ? services.keys.info(name)
                   : ensure_key(services, name, detail.at("algorithm").get<std::string>(),
                                detail.at("protection").get<std::string>());
    if (!is_makeable(out.algorithm)) {
        throw base::Error(base::Code::refused,
                          fmt::format("an authority's key is no {}, as '{}' is", out.algorithm, name),
                          "use a key of type p256, p384, ed25519, rsa3072 or rsa4096");
    }
    return out;
}

void require_may_certify(port::KeyInfo const& key, Services& services) {
    if (may_certify(services.store, key.id, services.certifier)) return;
    throw base::Error(base::Code::refused,
                      fmt::format("key '{}' of the keyring is used for something else, or was", key.name),
                      "choose another name for the authority, or another --key");
}

model::SigningRequest asked(Json const& detail, port::KeyInfo const& key) {
    model::SigningRequest out;
    out.public_key = key.public_key;
    out.algorithm = key.algorithm;
    out.subject = model::DistinguishedName{detail.at("name").get<std::string>(),
                                           detail.at("organization").get<std::string>()}
                      .parts();
    out.key_usage = authority_usage();
    out.authority = true;
    out.other = model::to_words({0, model::alternative_names_from_json(detail.at("permitted"))});
    return out;
}

JsonValue sign_request(model::Step const& step, Services& services, Identity const&) {
    auto const& detail = *step.detail;
    auto& certifier = services.certifier;
    auto const key = asked_key(detail, services);
    require_may_certify(key, services);
    auto const request = asked(detail, key);
    auto const tbs = certifier.request_tbs(request);
    auto const der = sign_bytes(tbs, *services.keys.open(key.name), certifier);
    if (certifier.read_request(der) != request) {
        throw base::Error(base::Code::internal, "a signing request does not say what it was asked to say");
    }
    return JsonValue(Json{{"tbs", base::sha256(tbs).hex()}, {"der", base::to_base64(der)}});
}

JsonValue append_request(model::Step const& step, JsonValue const& prepared, Services& services,
                         port::Transaction& transaction) {
    auto const& detail = *step.detail;
    auto const key = services.keys.info(detail.at("key").get<std::string>());
    auto const der = base::from_base64(prepared->at("der").get<std::string>());
    if (services.certifier.read_request(der).public_key != key.public_key)
        throw base::Error(base::Code::conflict, fmt::format("key '{}' is another one by now", key.name));
    require_may_certify(key, services);
    AskedAuthority const wanted{key.id, detail.at("name").get<std::string>(), key.name,
                                detail.at("replaces").get<std::string>(),
                                model::alternative_names_from_json(detail.at("permitted"))};
    journal(transaction, services, "authority.requested",
            {{"authority", wanted.name}, {"key_id", key.id.hex()}, {"tbs", prepared->at("tbs")}},
            {to_object(wanted, "requested")});
    return JsonValue(Json{{"authority", wanted.name},
                          {"member", detail.at("member")},
                          {"key", key.name},
                          {"key_id", key.id.hex()},
                          {"tbs", prepared->at("tbs")},
                          {"request", services.certifier.pem("CERTIFICATE REQUEST", der)},
                          {"add", detail.at("add")}});
}

/// What the holder of the root types: 'consortium ca add NAME --member M …'.
std::string add_command(Json const& detail, std::vector<std::string> const& permitted) {
    auto out = fmt::format("consortium ca add {} --member {}", detail.at("name").get<std::string>(),
                           detail.at("member").get<std::string>());
    for (auto const& space : permitted) out += " --permit " + shell_word(space);
    auto const replaces = detail.at("replaces").get<std::string>();
    return replaces.empty() ? out : out + " --replaces " + replaces;
}

std::optional<Authority> replaced(State const& state, Json const& arguments, model::Plan& plan) {
    if (!arguments.contains("replaces")) return std::nullopt;
    auto out = authority(state.store, arguments.at("replaces").get<std::string>());
    plan.pins["authority/" + out.name] = out.version;
    plan.verdict.require(
        "replaces", out.adopted && out.state == "active",
        fmt::format("'{}' is no intermediate that was adopted here and is active", out.name));
    return out;
}

Json detail_of(State const& state, Json const& arguments, model::AlternativeNames const& permitted) {
    auto const name = arguments.at("operand").get<std::string>();
    bool const named = arguments.contains("key");
    Json detail{{"name", name},
                {"member", state.self.member},
                {"organization", organization_of(state, state.self.member)},
                {"permitted", model::to_json(permitted)},
                {"replaces", arguments.value("replaces", "")},
                {"key", arguments.value("key", "ca-" + name)},
                {"algorithm", named ? Json() : Json(arguments.value("type", "p256"))},
                {"protection", arguments.value("no-passphrase", false) ? "none" : "passphrase"}};
    detail["add"] = add_command(detail, permitted.texts());
    return detail;
}

}  // namespace

model::Plan plan_ca_request(State const& state, port::Certifier const& certifier,
                            model::Request const& request) {
    auto const& arguments = *request.arguments;
    if (arguments.contains("key"))
        refuse_arguments(request, {"type", "no-passphrase"},
                         "is for a new key, and --key names one that is there");
    model::Plan plan;
    plan.request = request;
    plan.epoch = model::reference(state.joined());
    auto const before = replaced(state, arguments, plan);
    auto permitted = read_permitted(arguments.value("permit", std::vector<std::string>()));
    if (before && !arguments.contains("permit"))
        permitted = certifier.describe(before->certificate()).content.permitted;
    auto const name = arguments.at("operand").get<std::string>();
    auto const known = find_authority(state.store, name);
    plan.pins["authority/" + name] = known ? known->version : 0;
    check_authority_name(state, name, plan.verdict);
    plan.verdict.require("permit", !permitted.empty(), unbound_member);
    auto detail = detail_of(state, arguments, permitted);
    plan.steps.push_back({"ca.request", name,
                          fmt::format("ask that key '{}', which stays in this workspace, be certified as the "
                                      "authority '{}' of {}, within {}",
                                      detail.at("key").get<std::string>(), name, state.self.member,
                                      base::join(permitted.texts(), ", ")),
                          JsonValue(std::move(detail))});
    return plan;
}

Applier const ca_request_applier{.prepare = sign_request, .append = append_request};

}  // namespace consortium::flow
