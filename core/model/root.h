#pragma once

#include "core/base/json.h"

namespace consortium::model {

/// A certificate that a trust bundle carries: "root-g1"; "g2-by-g1" for a link; "issuing-1".
struct TrustedCertificate {
    std::string name;
    base::Bytes certificate;  // DER
    bool operator==(TrustedCertificate const&) const = default;
};

/// What members trust: agreed by the epoch that carries it. Versions only rise; to go back to what was is a
/// higher version too.
struct TrustBundle {
    std::int64_t version = 0;
    std::vector<TrustedCertificate> roots, links, intermediates;
    bool operator==(TrustBundle const&) const = default;
};

base::Json to_json(TrustBundle const& bundle);
/// Throws Error(malformed). The certificates' own content is for port::Certifier to judge.
TrustBundle trust_bundle_from_json(base::Json const& value);
/// The bundle's file: canonical JSON. Its SHA-256 is what a root.trust proposal names.
std::string document(TrustBundle const& bundle);
/// Throws Error(malformed) unless the text is canonical.
TrustBundle trust_bundle_from_text(std::string_view text);
/// Throws Error(refused) unless `next` may follow `current` (JSON null: none yet): its version is higher and
/// it trusts at least one root.
void check_successor(base::Json const& current, TrustBundle const& next);

/// What a root rotation will do, before any key is made: its digest is what the members agree to.
struct RotationPlan {
    std::string name;  // the names' common stem: "Payments"
    std::string organization;
    std::int64_t from = 0, to = 0;           // generations
    base::Digest old_root;                   // fingerprint of the certificate
    std::string algorithm;                   // of the new key
    base::Duration lifetime;                 // of the new root
    std::vector<std::string> intermediates;  // re-signed with the same key and name
    bool operator==(RotationPlan const&) const = default;
};

std::string document(RotationPlan const& plan);
RotationPlan rotation_plan_from_text(std::string_view text);

/// One object that the ceremony will sign: exactly these bytes.
struct CeremonyItem {
    std::string name;    // "root-g2", "g2-by-g1", "g1-by-g2", "issuing-1-by-g2", "crl-g1", "crl-g2"
    std::string kind;    // certificate | crl
    std::string signer;  // the authority that signs: "root-g1"
    base::Bytes tbs;
    base::Digest digest;  // SHA-256 of tbs
    bool operator==(CeremonyItem const&) const = default;
};

/// All that a root ceremony will sign. The SHA-256 of its text is the one digest that officers approve.
struct CeremonyManifest {
    base::Digest plan;
    std::vector<CeremonyItem> items;
    bool operator==(CeremonyManifest const&) const = default;
};

std::string document(CeremonyManifest const& manifest);
/// Throws Error(malformed), also when a digest is not that of its bytes (G26).
CeremonyManifest manifest_from_text(std::string_view text);

}  // namespace consortium::model
