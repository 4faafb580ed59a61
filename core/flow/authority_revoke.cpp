#include "core/flow/authority_revoke.h"

#include "core/base/error.h"
#include "core/base/text.h"
#include "core/flow/certificate.h"
#include "core/flow/certificate_renew.h"
#include "core/flow/crl.h"
#include "core/flow/trust.h"

#include <algorithm>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace consortium::flow {

using base::Json;
using base::JsonValue;

namespace {

/// Its lists prove nothing any more: nobody need sign the next one.
void end_lists(Authority const& authority, port::Store const& store, std::vector<model::Object>& writes) {
    if (authority.key.empty()) return;
    for (auto const extent : {CrlExtent::full, CrlExtent::delta}) {
        for (auto const& scope : crl_scopes(authority, extent)) {
            auto list = store.object("crl", scope.name);
            if (!list) continue;
            list->state = "ended";
            writes.push_back(*std::move(list));
        }
    }
}

JsonValue append_revocation(model::Step const& step, JsonValue const&, Services& services,
                            port::Transaction& transaction) {
    auto const& detail = *step.detail;
    auto all = authorities(services.store);
    auto const found = std::ranges::find(all, detail.at("authority").get<std::string>(), &Authority::name);
    Json const revoked{{"at", services.clock.now().text()},
                       {"reason", detail.at("reason")},
                       {"compromised", detail.at("compromised")}};
    found->state = "revoked";
    std::vector<model::Object> writes{to_object(*found)};
    Json serials = Json::array();
    for (auto const& each : found->certificates) {
        writes.push_back(revoked_object(*found, each, revoked, services.certifier));
        serials.push_back(each.serial);
    }
    end_lists(*found, services.store, writes);
    journal(transaction, services, revoked_event,
            {{"authority", found->name}, {"serials", serials}, {"reason", detail.at("reason")}},
            std::move(writes));
    auto const bundle = record_next_bundle(all, services, transaction);
    return JsonValue(
        Json{{"authority", found->name}, {"serials", serials}, {"revoked", revoked}, {"bundle", bundle}});
}

std::size_t count_in_force(State const& state, Authority const& issuer) {
    std::size_t count = 0;
    state.store.objects({.kind = "certificate"}, [&](model::Object const& object) {
        count += object.data->at("issuer") == issuer.name && is_unrevoked(object) && object.due &&
                         *object.due > state.now
                     ? 1
                     : 0;
    });
    return count;
}

std::vector<std::string> warnings_of(State const& state, Authority const& authority) {
    std::vector<std::string> out;
    if (authority.key.empty() && authority.role == "issuing")
        out.push_back(fmt::format("what '{}' has certified is known where its key is: it ends with it",
                                  authority.name));
    if (auto const count = count_in_force(state, authority); count > 0) {
        out.push_back(
            fmt::format("{} certificates in force were issued by '{}': none of them holds any "
                        "more once the root's list says so",
                        count, authority.name));
    }
    for (auto const& each : authority.certificates) {
        if (&each != &authority.certificates.front())
            out.push_back(fmt::format("'{}' must say so, too: run 'consortium crl issue {}'", each.issuer,
                                      each.issuer));
    }
    return out;
}

}  // namespace

model::Object revoked_object(Authority const& authority, AuthorityCertificate const& certificate,
                             Json const& revoked, port::Certifier const& certifier) {
    auto const facts = certifier.describe(certificate.der);
    model::Object object;
    object.kind = "certificate";
    object.name = certificate.serial;
    object.state = "revoked";
    object.member = authority.member;
    object.due = certificate.not_after;
    object.data = JsonValue(Json{{"subject", facts.subject},
                                 {"issuer", certificate.issuer},
                                 {"names", model::to_json(facts.content.names)},
                                 {"profile", authority.role},
                                 {"not_before", facts.content.not_before.text()},
                                 {"not_after", facts.content.not_after.text()},
                                 {"key", authority.key.empty() ? Json() : Json(authority.key)},
                                 {"key_id", base::sha256(facts.content.public_key).hex()},
                                 {"tbs", facts.tbs.hex()},
                                 {"der", base::to_base64(certificate.der)},
                                 {"renews", nullptr},
                                 {"renewed_by", nullptr},
                                 {"revoked", revoked}});
    return object;
}

std::optional<Authority> authority_of_serial(port::Store const& store, std::string_view serial) {
    for (auto& each : authorities(store)) {
        if (std::ranges::find(each.certificates, serial, &AuthorityCertificate::serial) !=
            each.certificates.end())
            return std::move(each);
    }
    return std::nullopt;
}

model::Plan plan_authority_revoke(State const& state, Authority const& authority,
                                  model::Request const& request) {
    if (authority.role == "root") {
        throw base::Error(
            base::Code::refused,
            fmt::format("'{}' is a root, and no list says of a root that it is revoked: it ends "
                        "when the members' trust bundle does without it",
                        authority.name),
            "run 'consortium root rotate'");
    }
    if (authority.adopted) {
        throw base::Error(base::Code::refused,
                          fmt::format("'{}' was certified in another workspace: only the list that is signed "
                                      "there says that it is revoked",
                                      authority.name),
                          fmt::format("have 'consortium cert revoke {}' run there; here 'consortium ca "
                                      "retire {}' ends what it certifies",
                                      authority.certificates.front().serial, authority.name));
    }
    auto const& arguments = *request.arguments;
    auto const reason = arguments.value("reason", "unspecified");
    (void)model::reason_code(reason);
    std::vector<std::string> serials;
    serials.reserve(authority.certificates.size());
    for (auto const& each : authority.certificates)
        serials.push_back(fmt::format("{} by {}", each.serial, each.issuer));
    model::Plan plan;
    plan.request = request;
    plan.epoch = model::reference(state.joined());
    plan.pins["authority/" + authority.name] = authority.version;
    plan.verdict.require("state", authority.state != "revoked",
                         fmt::format("'{}' is revoked already", authority.name));
    plan.steps.push_back(
        {"authority.revoke", authority.name,
         fmt::format("revoke '{}', every certificate of it ({}), and with it all that it has "
                     "certified: {}",
                     authority.name, base::join(serials, ", "), reason),
         JsonValue(Json{{"authority", authority.name},
                        {"reason", reason},
                        {"compromised", arguments.value("invalidity-date", Json())}})});
    plan.verdict.next = plan.verdict.allowed()
                            ? "consortium crl issue " + authority.certificates.front().issuer
                            : "consortium ca show " + authority.name;
    plan.warnings = warnings_of(state, authority);
    return plan;
}

Applier const authority_revoke_applier{.append = append_revocation};

}  // namespace consortium::flow
