#pragma once

#include "core/base/json.h"

#include <map>
#include <optional>
#include <span>

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
    std::string present;  // the root under which servers present their chains: "root-g1"
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

/// Who has which part in a rotation.
struct Part {
    std::string role;  // see parts()
    std::string officer;
    auto operator<=>(Part const&) const = default;
};
/// "administrator" (runs the ceremony), "custodian" (keeps a share of the new key), "witness" (attests what
/// is destroyed).
std::span<std::string_view const> parts();

/// The phases that a plan may date, in their order: "trust", "switch", "distrust", "destroy".
std::span<std::string_view const> dated_phases();

/// What a root rotation will do, before any key is made: its digest is what the members agree to.
struct RotationPlan {
    std::string name;  // the names' common stem: "Payments"
    std::string organization;
    std::int64_t from = 0, to = 0;           // generations
    base::Digest old_root;                   // fingerprint of the certificate
    std::string algorithm;                   // of the new key
    base::Duration lifetime;                 // of the new root
    std::vector<std::string> intermediates;  // re-signed with the same key and name
    std::vector<Part> roster = {};           // sorted
    std::int64_t threshold = 0;              // how many custodians restore the new key; 0: none is named
    std::map<std::string, base::Instant> dates = {};  // by phase: when it is to be done
    /// The old key is in others' hands: it vouches for nothing any more, so there are no links.
    struct Emergency {
        std::string reason;
        base::Instant since;  // from when what the old key signed is not to be believed
        bool operator==(Emergency const&) const = default;
    };
    std::optional<Emergency> emergency = {};
    bool operator==(RotationPlan const&) const = default;

    std::vector<std::string> officers(std::string_view role) const;
};

std::string document(RotationPlan const& plan);
RotationPlan rotation_plan_from_text(std::string_view text);

}  // namespace consortium::model
