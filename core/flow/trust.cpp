#include "core/flow/trust.h"

#include "core/base/error.h"
#include "core/flow/crl.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

namespace consortium::flow {

using base::Json;
using base::JsonValue;

namespace {

void append(std::vector<base::Bytes>& out, std::vector<model::TrustedCertificate> const& certificates) {
    for (auto const& each : certificates) out.push_back(each.certificate);
}

}  // namespace

Trust known_trust(State const& state) {
    Trust out;
    bool const agreed = state.epoch && !state.epoch->trust_bundle->is_null();
    if (agreed) {
        auto const bundle = model::trust_bundle_from_json(*state.epoch->trust_bundle);
        append(out.roots, bundle.roots);
        append(out.intermediates, bundle.links);
        append(out.intermediates, bundle.intermediates);
    }
    for (auto const& each : authorities(state.store)) {
        for (auto const& certificate : each.certificates) {
            if (each.role != "root") out.intermediates.push_back(certificate.der);
            if (each.role == "root" && !agreed) out.roots.push_back(certificate.der);
        }
    }
    return out;
}

model::ChainQuestion question_about(State const& state, base::Bytes certificate) {
    auto trust = known_trust(state);
    model::ChainQuestion question;
    question.certificate = std::move(certificate);
    question.intermediates = std::move(trust.intermediates);
    question.roots = std::move(trust.roots);
    question.crls = held_crls(state.store);
    question.now = state.now;
    return question;
}

std::optional<model::TrustBundle> held_bundle(port::Store const& store) {
    auto const object = store.object("bundle", "trust");
    if (!object) return std::nullopt;
    auto const digest = base::Digest::from_hex(object->data->at("digest").get<std::string>());
    auto const text = store.file(digest);
    if (!text) throw base::Error(base::Code::storage, "the trust bundle is missing from the store");
    return model::trust_bundle_from_text(*text);
}

std::int64_t next_version(port::Store const& store) {
    auto const held = held_bundle(store);
    auto const epoch = store.latest();
    auto version = held ? held->version : 0;
    if (epoch && !epoch->trust_bundle->is_null())
        version = std::max(version, model::trust_bundle_from_json(*epoch->trust_bundle).version);
    return version + 1;
}

model::TrustBundle compose_bundle(std::vector<Authority> const& authorities, std::int64_t version,
                                  std::string const& present) {
    model::TrustBundle bundle;
    bundle.version = version;
    std::set<std::string> roots;
    std::int64_t newest = 0;
    for (auto const& each : authorities) {
        if (each.role != "root" || each.state != "active") continue;
        roots.insert(each.name);
        bundle.roots.push_back({each.name, each.certificate()});
        if (each.generation > newest) bundle.present = each.name;
        newest = std::max(newest, each.generation);
    }
    if (roots.contains(present)) bundle.present = present;
    for (auto const& each : authorities) {
        if (each.state == "revoked" || each.role == "root") continue;
        for (auto const& certificate : each.certificates) {
            if (!roots.contains(certificate.issuer)) continue;
            if (each.role == "link" && roots.size() > 1) bundle.links.push_back({each.name, certificate.der});
            if (each.role == "issuing")
                bundle.intermediates.push_back({each.name + "-by-" + certificate.issuer, certificate.der});
        }
    }
    return bundle;
}

Json record_bundle(model::TrustBundle const& bundle, Services& services, port::Transaction& transaction) {
    auto const digest = transaction.put_file(model::document(bundle));
    Json data{{"version", bundle.version}, {"digest", digest.hex()}};
    model::Object object;
    object.kind = "bundle";
    object.name = "trust";
    object.state = "current";
    object.data = JsonValue(data);
    journal(transaction, services, "bundle.made", data, {object});
    return data;
}

Json record_next_bundle(std::vector<Authority> const& authorities, Services& services,
                        port::Transaction& transaction) {
    auto const last = held_bundle(services.store);
    auto const present = last ? last->present : std::string();
    return record_bundle(compose_bundle(authorities, next_version(services.store), present), services,
                         transaction);
}

}  // namespace consortium::flow
