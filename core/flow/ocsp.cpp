#include "core/flow/ocsp.h"

#include "core/base/error.h"
#include "core/base/file.h"
#include "core/base/text.h"
#include "core/flow/authority_revoke.h"
#include "core/flow/certificate_renew.h"
#include "core/flow/crl.h"

#include <algorithm>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace consortium::flow {

using base::Bytes;
using base::Json;
using base::JsonValue;
using model::CertificateStatus;
using model::Standing;
using model::StatusRefusal;

namespace {

std::string const kind = "responder";

model::Outcome outcome_of(Bytes const& response, std::string_view answer, Json statuses) {
    model::Outcome outcome;
    outcome.schema = "consortium.ocsp-response/1";
    outcome.data = JsonValue(
        Json{{"answer", answer}, {"statuses", std::move(statuses)}, {"response", base::to_base64(response)}});
    outcome.raw = base::as_text(response);
    return outcome;
}

/// The client is told only that; who runs this, also why.
model::Outcome refuse(port::Ocsp const& ocsp, StatusRefusal why, std::string words) {
    auto outcome = outcome_of(ocsp.refusal(why), word(why), Json::array());
    outcome.warnings.push_back(std::move(words));
    return outcome;
}

std::optional<Authority> issuer_of(State const& state, port::Ocsp const& ocsp,
                                   model::StatusRequest const& asked) {
    for (auto& each : authorities(state.store)) {
        if (each.key.empty()) continue;
        bool const all = std::ranges::all_of(
            asked.asked, [&](auto const& id) { return ocsp.names(id, each.certificate()); });
        if (all) return std::move(each);
    }
    return std::nullopt;
}

}  // namespace

std::optional<model::Object> responder_object(model::Object const& certificate) {
    auto const& data = *certificate.data;
    if (data.at("profile") != "ocsp" || data.at("key").is_null()) return std::nullopt;
    model::Object object;
    object.kind = kind;
    object.name = data.at("issuer").get<std::string>();
    object.state = "active";
    object.data = JsonValue(Json{{"certificate", certificate.name}, {"key", data.at("key")}});
    return object;
}

std::optional<Responder> responder(port::Store const& store, Authority const& issuer, base::Instant now) {
    auto const object = store.object(kind, issuer.name);
    if (!object) return std::nullopt;
    auto const certificate = store.object("certificate", object->data->at("certificate").get<std::string>());
    if (!certificate || !is_unrevoked(*certificate) || !certificate->due || *certificate->due <= now) {
        return std::nullopt;
    }
    return Responder{issuer, base::from_base64(certificate->data->at("der").get<std::string>()),
                     object->data->at("key").get<std::string>(), *certificate->due};
}

CertificateStatus status_of(model::Object const* certificate, Authority const& issuer,
                            model::CertificateId const& id) {
    CertificateStatus out{id, Standing::unknown, {}, {}, {}};
    if (certificate == nullptr || certificate->data->at("issuer") != issuer.name) return out;
    bool const revoked = certificate->state == "revoked";
    out.standing = revoked ? Standing::revoked : Standing::good;
    if (revoked) out.revocation = revocation_of(*certificate);
    return out;
}

CertificateStatus status_of_serial(port::Store const& store, Authority const& issuer,
                                   model::CertificateId const& id) {
    auto const certificate = store.object("certificate", id.serial);
    auto out = status_of(certificate ? &*certificate : nullptr, issuer, id);
    if (certificate || issuer.role != "root") return out;
    auto const found = authority_of_serial(store, id.serial);
    bool const ours = found && std::ranges::any_of(found->certificates, [&](auto const& each) {
                          return each.serial == id.serial && each.issuer == issuer.name;
                      });
    if (ours) out.standing = Standing::good;
    return out;
}

Bytes sign_answer(Responder const& responder, std::vector<CertificateStatus> statuses, Bytes nonce,
                  base::Duration life, Services& services) {
    auto const& ocsp = services.certifier.ocsp();
    auto const now = services.clock.now();
    for (auto& status : statuses) {
        status.this_update = now;
        status.next_update = std::min(now + life, responder.not_after);
    }
    model::StatusContent const content{ocsp.key_hash(responder.certificate), now, std::move(statuses),
                                       std::move(nonce)};
    auto const signer = services.keys.open(responder.key);
    auto const tbs = ocsp.response_tbs(content);
    auto der = ocsp.assemble(tbs, signer->algorithm(), signer->sign(tbs), responder.certificate);
    if (ocsp.accept(der, responder.issuer.certificate(), now).content != content) {
        throw base::Error(base::Code::internal, "an OCSP response does not say what it was asked to say");
    }
    return der;
}

std::string answer_path(base::BytesView request) {
    auto const path = base::Path("ocsp/" + base::to_base64(request)).lexically_normal();
    return path.has_filename() ? path.string() : (path / "index.html").string();
}

model::Outcome ocsp_respond(State const& state, Services& services, model::Request const& request) {
    auto const& arguments = *request.arguments;
    auto const& ocsp = services.certifier.ocsp();
    auto const life = base::Duration::from_text(arguments.value("valid-for", answer_life.text()));
    if (life.seconds <= 0 || life > published_answer_life) {
        throw base::Error(base::Code::usage, "an answer holds for at most " + published_answer_life.text(),
                          "give a shorter --valid-for");
    }
    model::StatusRequest asked;
    try {
        auto const given = base::read_file(arguments.value("operand", "-"), model::max_status_request);
        asked = ocsp.read_request(given);
    } catch (base::Error const& error) {
        if (error.code() != base::Code::malformed) throw;
        return refuse(ocsp, StatusRefusal::malformed_request, error.message());
    }
    auto const issuer = issuer_of(state, ocsp, asked);
    if (!issuer) {
        return refuse(ocsp, StatusRefusal::unauthorized,
                      "asked about an authority that is not of this workspace");
    }
    auto const answering = responder(state.store, *issuer, state.now);
    if (!answering) {
        return refuse(ocsp, StatusRefusal::unauthorized,
                      fmt::format("nobody answers for '{}': run 'consortium cert issue NAME --profile ocsp "
                                  "--issuer {} --new-key --no-passphrase'",
                                  issuer->name, issuer->name));
    }
    std::vector<CertificateStatus> statuses;
    Json said = Json::array();
    for (auto const& id : asked.asked) {
        statuses.push_back(status_of_serial(state.store, *issuer, id));
        said.push_back({{"serial", id.serial}, {"status", word(statuses.back().standing)}});
    }
    auto const response = sign_answer(*answering, std::move(statuses), asked.nonce, life, services);
    return outcome_of(response, "successful", std::move(said));
}

}  // namespace consortium::flow
