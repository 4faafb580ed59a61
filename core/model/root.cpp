#include "core/model/root.h"

#include "core/base/error.h"

#include <nlohmann/json.hpp>

namespace consortium::model {

using base::Json;
using base::JsonReader;

namespace {

constexpr std::size_t max_certificates = 64;
constexpr std::size_t max_certificate = 65'536;
constexpr std::size_t max_text = 16U << 20U;

base::JsonLimits const file_limits{.bytes = max_text};

Json list(std::vector<TrustedCertificate> const& certificates) {
    Json out = Json::array();
    for (auto const& each : certificates) {
        out.push_back({{"name", each.name}, {"certificate", base::to_base64(each.certificate)}});
    }
    return out;
}

std::vector<TrustedCertificate> read_list(JsonReader& in, char const* key) {
    std::vector<TrustedCertificate> out;
    in.objects(
        key,
        [&out](JsonReader& each) {
            TrustedCertificate certificate;
            certificate.name = each.name("name");
            certificate.certificate = each.base64("certificate", max_certificate);
            out.push_back(std::move(certificate));
        },
        max_certificates);
    return out;
}

CeremonyItem read_item(JsonReader& in) {
    CeremonyItem item;
    item.name = in.name("name");
    item.kind = in.text("kind");
    item.signer = in.name("signer");
    item.tbs = in.base64("tbs", max_text);
    item.digest = in.digest("digest");
    if (item.kind != "certificate" && item.kind != "crl") in.fail("kind", "must be certificate or crl");
    if (base::sha256(item.tbs) != item.digest) in.fail("digest", "is not the digest of the bytes beside it");
    return item;
}

}  // namespace

Json to_json(TrustBundle const& bundle) {
    return {{"version", bundle.version},
            {"roots", list(bundle.roots)},
            {"links", list(bundle.links)},
            {"intermediates", list(bundle.intermediates)}};
}

TrustBundle trust_bundle_from_json(Json const& value) {
    JsonReader in(value);
    TrustBundle bundle;
    bundle.version = in.integer("version", 1, 1'000'000);
    bundle.roots = read_list(in, "roots");
    bundle.links = read_list(in, "links");
    bundle.intermediates = read_list(in, "intermediates");
    in.done();
    return bundle;
}

std::string document(TrustBundle const& bundle) {
    return base::canonical(to_json(bundle));
}

TrustBundle trust_bundle_from_text(std::string_view text) {
    return trust_bundle_from_json(base::parse_canonical(text, file_limits));
}

void check_successor(Json const& current, TrustBundle const& next) {
    if (next.roots.empty()) {
        throw base::Error(base::Code::refused, "a trust bundle without a root would trust nobody");
    }
    auto const version = current.is_null() ? 0 : trust_bundle_from_json(current).version;
    if (next.version <= version) {
        throw base::Error(base::Code::refused, "trust bundle version " + std::to_string(next.version) +
                                                   " is not above version " + std::to_string(version) +
                                                   ", which is in force");
    }
}

std::string document(RotationPlan const& plan) {
    return base::canonical(Json{{"name", plan.name},
                                {"organization", plan.organization},
                                {"from", plan.from},
                                {"to", plan.to},
                                {"old_root", plan.old_root.hex()},
                                {"algorithm", plan.algorithm},
                                {"lifetime", plan.lifetime.text()},
                                {"intermediates", plan.intermediates}});
}

RotationPlan rotation_plan_from_text(std::string_view text) {
    auto const value = base::parse_canonical(text, file_limits);
    JsonReader in(value);
    RotationPlan plan;
    plan.name = in.text("name", 64);
    plan.organization = in.text("organization", 64);
    plan.from = in.integer("from", 1, 1'000);
    plan.to = in.integer("to", plan.from + 1, 1'001);
    plan.old_root = in.digest("old_root");
    plan.algorithm = in.name("algorithm");
    plan.lifetime = in.duration("lifetime");
    plan.intermediates = in.texts("intermediates", max_certificates);
    in.done();
    return plan;
}

std::string document(CeremonyManifest const& manifest) {
    Json items = Json::array();
    for (auto const& item : manifest.items) {
        items.push_back({{"name", item.name},
                         {"kind", item.kind},
                         {"signer", item.signer},
                         {"tbs", base::to_base64(item.tbs)},
                         {"digest", item.digest.hex()}});
    }
    return base::canonical(Json{{"plan", manifest.plan.hex()}, {"items", items}});
}

CeremonyManifest manifest_from_text(std::string_view text) {
    auto const value = base::parse_canonical(text, file_limits);
    JsonReader in(value);
    CeremonyManifest manifest;
    manifest.plan = in.digest("plan");
    in.objects(
        "items", [&](JsonReader& each) { manifest.items.push_back(read_item(each)); }, max_certificates);
    in.done();
    return manifest;
}

}  // namespace consortium::model
