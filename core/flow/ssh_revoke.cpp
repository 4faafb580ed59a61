#include "core/base/error.h"
#include "core/base/text.h"
#include "core/flow/authority.h"
#include "core/flow/ssh.h"
#include "core/flow/token.h"
#include "core/model/certificate.h"
#include "core/model/ssh_krl.h"
#include "core/port/ssh.h"

#include <algorithm>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace consortium::flow {

using base::Instant;
using base::Json;
using base::JsonValue;

namespace {

std::string const kind = "ssh-certificate";

std::uint64_t serial_of(model::Object const& certificate) {
    return std::stoull(certificate.name);
}

JsonValue append_revocation(model::Step const& step, JsonValue const&, Services& services,
                            port::Transaction& transaction) {
    auto const& detail = *step.detail;
    auto const now = services.clock.now();
    Json const revoked{{"at", now.text()}, {"reason", detail.at("reason")}};
    if (detail.at("authority").is_string()) {
        auto by = ssh_authority(services.store, detail.at("authority").get<std::string>());
        by.revoked = now;
        journal(transaction, services, "ssh.revoked", detail, {to_object(by)});
    } else {
        auto object = ssh_certificate_object(services.store, detail.at("serial").get<std::string>());
        Json data = *object.data;
        data["revoked"] = revoked;
        object.state = "revoked";
        object.due.reset();
        object.data = JsonValue(std::move(data));
        journal(transaction, services, "ssh.revoked", detail, {object});
    }
    return JsonValue(
        Json{{"serial", detail.at("serial")}, {"authority", detail.at("authority")}, {"revoked", revoked}});
}

void plan_certificate(State const& state, std::string const& serial, std::string const& reason,
                      model::Plan& plan) {
    auto const object = ssh_certificate_object(state.store, serial);
    auto const& data = *object.data;
    plan.danger = object.name;
    plan.pins[kind + "/" + object.name] = object.version;
    plan.verdict.require("state", object.state == "valid",
                         fmt::format("certificate {} is {} already", object.name, object.state));
    plan.steps.push_back(
        {"ssh.revoke", object.name,
         fmt::format("revoke the certificate of {} '{}': {}", data.at("use").get<std::string>(),
                     data.at("key_id").get<std::string>(), reason),
         JsonValue(Json{{"serial", object.name}, {"authority", nullptr}, {"reason", reason}})});
}

void plan_authority(State const& state, std::string const& name, std::string const& reason,
                    model::Plan& plan) {
    auto const by = ssh_authority(state.store, name);
    plan.danger = by.name;
    plan.pins["ssh-authority/" + by.name] = by.version;
    plan.verdict.require("state", !by.revoked, fmt::format("authority '{}' is revoked already", by.name));
    plan.steps.push_back(
        {"ssh.revoke", by.name,
         fmt::format("revoke authority '{}' and with it every certificate that it has signed: {}", by.name,
                     reason),
         JsonValue(Json{{"serial", nullptr}, {"authority", by.name}, {"reason", reason}})});
}

/// What stands in the list follows from the journal alone, which only grows: so does the version.
model::SshKrl list_of(State const& state, port::Ssh const& ssh) {
    model::SshKrl out;
    out.version = 1;
    out.comment = token_issuer(state);
    std::map<std::string, base::Bytes> blobs;
    for (auto const& by : ssh_authorities(state.store)) {
        blobs[by.name] = ssh.blob(by.public_key);
        out.generated = std::max(out.generated, by.revoked.value_or(by.made));
        if (!by.revoked) continue;
        out.keys.insert(blobs[by.name]);
        ++out.version;
    }
    state.store.objects({.kind = kind, .state = "revoked"}, [&](model::Object const& object) {
        auto const& data = *object.data;
        out.serials[blobs.at(data.at("authority").get<std::string>())].insert(serial_of(object));
        auto const at = Instant::from_text(data.at("revoked").at("at").get<std::string>());
        out.generated = std::max(out.generated, at);
        ++out.version;
    });
    return out;
}

}  // namespace

model::Plan plan_ssh_revoke(State const& state, model::Request const& request) {
    auto const& arguments = *request.arguments;
    auto const reason = arguments.value("reason", "unspecified");
    (void)model::reason_code(reason);
    if (arguments.contains("operand") == arguments.contains("authority")) {
        throw base::Error(base::Code::usage, "name what to revoke: one SERIAL, or --authority NAME",
                          "run 'consortium ssh list'");
    }
    model::Plan plan;
    plan.request = request;
    plan.epoch = model::reference(state.joined());
    if (arguments.contains("authority"))
        plan_authority(state, arguments.at("authority").get<std::string>(), reason, plan);
    else
        plan_certificate(state, arguments.at("operand").get<std::string>(), reason, plan);
    plan.verdict.next = plan.verdict.allowed() ? "consortium ssh krl -o FILE" : "consortium ssh list";
    return plan;
}

model::Outcome ssh_krl(State const& state, port::Ssh const& ssh) {
    auto const list = list_of(state, ssh);
    if (ssh_authorities(state.store).empty()) {
        throw base::Error(base::Code::not_found,
                          "this workspace has no SSH authority whose certificates could be revoked",
                          "run 'consortium ssh init --for user'");
    }
    auto const bytes = model::write_ssh_krl(list);
    if (model::read_ssh_krl(bytes) != list)
        throw base::Error(base::Code::internal, "a revocation list does not say what it was asked to say");
    std::size_t serials = 0;
    for (auto const& [authority, revoked] : list.serials) serials += revoked.size();
    model::Outcome outcome;
    outcome.schema = "consortium.ssh-krl/1";
    outcome.raw = std::string(base::as_text(bytes));
    outcome.data = JsonValue(Json{{"version", list.version},
                                  {"generated", list.generated.text()},
                                  {"certificates", serials},
                                  {"authorities", list.keys.size()},
                                  {"krl", base::to_base64(bytes)}});
    return outcome;
}

Applier const ssh_revoke_applier{.append = append_revocation};

}  // namespace consortium::flow
