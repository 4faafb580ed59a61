#include "core/model/root.h"

#include "core/base/error.h"

#include <algorithm>
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
            each.done();
            out.push_back(std::move(certificate));
        },
        max_certificates);
    return out;
}

constexpr std::string_view part_names[]{"administrator", "custodian", "witness"};
constexpr std::string_view phase_names[]{"trust", "switch", "distrust", "destroy"};
constexpr std::size_t max_parts = 100;

bool contains(std::span<std::string_view const> words, std::string_view word) {
    return std::ranges::find(words, word) != words.end();
}

std::vector<Part> read_roster(JsonReader& in) {
    std::vector<Part> out;
    in.objects(
        "roster",
        [&out](JsonReader& each) {
            Part part{each.text("role", 32), each.name("officer")};
            if (!contains(part_names, part.role)) each.fail("role", "is no part in a rotation");
            if (!out.empty() && !(out.back() < part)) each.fail("officer", "is named twice, or out of order");
            each.done();
            out.push_back(std::move(part));
        },
        max_parts);
    return out;
}

std::map<std::string, base::Instant> read_dates(JsonReader& in) {
    std::map<std::string, base::Instant> out;
    auto dates = in.object("dates");
    for (auto const phase : phase_names) {
        if (dates.has(phase)) out.emplace(phase, dates.instant(std::string(phase)));
    }
    dates.done();
    return out;
}

std::optional<RotationPlan::Emergency> read_emergency(JsonReader& in) {
    if (!in.has("emergency")) return std::nullopt;
    auto part = in.object("emergency");
    RotationPlan::Emergency out{part.text("reason", 500), part.instant("since")};
    part.done();
    return out;
}

}  // namespace

Json to_json(TrustBundle const& bundle) {
    return {{"version", bundle.version},
            {"present", bundle.present},
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
    bundle.present = in.text("present", 63);
    bool const known =
        std::ranges::find(bundle.roots, bundle.present, &TrustedCertificate::name) != bundle.roots.end();
    if (!known && !bundle.roots.empty()) in.fail("present", "is none of the roots");
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

std::span<std::string_view const> parts() {
    return part_names;
}

std::span<std::string_view const> dated_phases() {
    return phase_names;
}

std::vector<std::string> RotationPlan::officers(std::string_view role) const {
    std::vector<std::string> out;
    for (auto const& each : roster) {
        if (each.role == role) out.push_back(each.officer);
    }
    return out;
}

std::string document(RotationPlan const& plan) {
    Json roster = Json::array(), dates = Json::object();
    for (auto const& each : plan.roster) roster.push_back({{"role", each.role}, {"officer", each.officer}});
    for (auto const& [phase, date] : plan.dates) dates[phase] = date.text();
    Json out{{"name", plan.name},
             {"organization", plan.organization},
             {"from", plan.from},
             {"to", plan.to},
             {"old_root", plan.old_root.hex()},
             {"algorithm", plan.algorithm},
             {"lifetime", plan.lifetime.text()},
             {"intermediates", plan.intermediates},
             {"roster", std::move(roster)},
             {"threshold", plan.threshold},
             {"dates", std::move(dates)}};
    if (plan.emergency)
        out["emergency"] = {{"reason", plan.emergency->reason}, {"since", plan.emergency->since.text()}};
    return base::canonical(out);
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
    plan.roster = read_roster(in);
    plan.threshold = in.integer("threshold", 0, static_cast<std::int64_t>(max_parts));
    plan.dates = read_dates(in);
    plan.emergency = read_emergency(in);
    in.done();
    return plan;
}

}  // namespace consortium::model
