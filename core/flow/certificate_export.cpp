#include "core/flow/certificate_export.h"

#include "core/base/error.h"
#include "core/flow/certificate.h"
#include "core/flow/certificate_pending.h"
#include "core/flow/certificate_renew.h"
#include "core/flow/crl.h"
#include "core/flow/trust.h"

#include <algorithm>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace consortium::flow {

using base::Code;
using base::Error;
using base::Json;
using base::JsonValue;

namespace {

constexpr char const* units[][2] = {
    {"Client", "client"}, {"Peer", "peer"}, {"Admin", "admin"}, {"Orderer", "orderer"}};

// No unit is bound to one authority's certificate ("Certificate:"): with one named, identities under another,
// as a new root's are, would be nobody.
std::string node_units() {
    std::string out = "NodeOUs:\n  Enable: true\n";
    for (auto const& [field, unit] : units) {
        out += fmt::format("  {}OUIdentifier:\n    OrganizationalUnitIdentifier: {}\n", field, unit);
    }
    return out;
}

void check_is_node(model::Object const& object, model::CertificateFacts const& facts) {
    bool const known = std::ranges::any_of(units, [&](auto const& each) { return facts.unit == each[1]; });
    if (known) return;
    throw Error(Code::refused,
                fmt::format("certificate {} is no identity of a Fabric node: its unit says neither peer, "
                            "orderer, client nor admin",
                            object.name),
                fmt::format("run 'consortium cert issue {} --profile node-identity --unit peer --new-key'",
                            facts.common_name));
}

/// What officers approve, as openssl asn1parse and sha256sum take it.
model::Outcome pending_bytes(PendingCertificate const& pending) {
    model::Outcome outcome;
    outcome.schema = "consortium.certificate-export/1";
    outcome.data = JsonValue(Json{{"serial", pending.serial},
                                  {"pem", nullptr},
                                  {"digest", pending.approve.hex()},
                                  {"tbs", base::to_base64(pending.tbs)}});
    outcome.raw = base::as_text(pending.tbs);
    outcome.warnings = {"it is not signed yet: these are the bytes that wait for approval"};
    return outcome;
}

}  // namespace

model::Outcome certificate_export(State const& state, port::Certifier const& certifier,
                                  model::Request const& request) {
    auto const& arguments = *request.arguments;
    auto const serial = arguments.at("operand").get<std::string>();
    if (auto const pending = find_pending(state.store, serial); pending && pending->state == "pending")
        return pending_bytes(*pending);
    auto const object = certificate_object(state.store, serial);
    auto chain = chain_of(state.store, object);
    if (!arguments.value("chain", false)) chain.resize(1);
    std::string pem;
    for (auto const& der : chain) pem += certifier.pem("CERTIFICATE", der);
    model::Outcome outcome;
    outcome.schema = "consortium.certificate-export/1";
    outcome.data = JsonValue(Json{{"serial", object.name}, {"pem", pem}});
    if (arguments.value("form", "pem") == "der") outcome.raw = base::as_text(chain.front());
    outcome.text.emplace_back(std::move(pem));
    outcome.warnings = export_warnings(state, serial);
    return outcome;
}

std::vector<std::string> export_warnings(State const& state, std::string_view serial) {
    auto const object = certificate_object(state.store, serial);
    if (!is_unrevoked(object)) return {fmt::format("certificate {} is revoked", object.name)};
    if (object.due && *object.due <= state.now)
        return {fmt::format("certificate {} ended on {}", object.name, object.due->text())};
    return {};
}

Entry certificate_entry(State const& state, port::Certifier const& certifier, std::string_view serial) {
    auto const object = certificate_object(state.store, serial);
    auto const& key = object.data->at("key");
    if (key.is_null()) {
        throw Error(Code::refused,
                    fmt::format("the private key of certificate {} is not here: a request named its public "
                                "key",
                                object.name),
                    fmt::format("where the key is, put it beside what 'consortium cert export {} --chain' "
                                "prints",
                                object.name));
    }
    auto chain = chain_of(state.store, object);
    auto name = certifier.describe(chain.front()).common_name;
    return {object.name, std::move(name), key.get<std::string>(), std::move(chain)};
}

std::vector<std::pair<std::string, std::string>> msp_files(State const& state,
                                                           port::Certifier const& certifier,
                                                           std::string_view serial) {
    auto const object = certificate_object(state.store, serial);
    auto const chain = chain_of(state.store, object);
    check_is_node(object, certifier.describe(chain.front()));
    std::vector<std::pair<std::string, std::string>> out{{"config.yaml", node_units()}};
    auto const put = [&](std::string const& folder, std::vector<base::Bytes> const& all, char const* label) {
        int number = 0;
        for (auto const& der : all) {
            out.emplace_back(fmt::format("{}/{}.pem", folder, ++number), certifier.pem(label, der));
        }
    };
    auto const trust = known_trust(state);
    put("signcerts", {chain.front()}, "CERTIFICATE");
    put("intermediatecerts", {chain.begin() + 1, chain.end()}, "CERTIFICATE");
    put("cacerts", trust.roots, "CERTIFICATE");
    put("tlscacerts", trust.roots, "CERTIFICATE");
    put("tlsintermediatecerts", {chain.begin() + 1, chain.end()}, "CERTIFICATE");
    std::vector<base::Bytes> lists;
    auto const issuer = authority(state.store, object.data->at("issuer").get<std::string>());
    // The root may be in another workspace.
    for (auto const& each :
         {std::optional(issuer), find_authority(state.store, issuer.certificates.front().issuer)}) {
        if (!each) continue;
        for (auto const& scope : crl_scopes(*each, CrlExtent::full)) {
            if (auto crl = current_crl(state.store, scope.name)) lists.push_back(*std::move(crl));
        }
    }
    put("crls", lists, "X509 CRL");
    return out;
}

}  // namespace consortium::flow
