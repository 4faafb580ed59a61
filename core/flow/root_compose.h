#pragma once

#include "core/flow/authority.h"
#include "core/flow/rotation.h"

namespace consortium::flow {

/// Everything that a stage will do, to the last byte: what officers approve. The new root's key must be
/// there. Throws Error(conflict) where the roots are not those of the plan any more.
model::CeremonyManifest compose_manifest(Rotation const& rotation, std::string const& stage,
                                         Services& services);

/// The new root before it has a certificate.
Authority new_root_authority(model::RotationPlan const& plan, Authority const& old_root);
std::string root_of(std::int64_t generation);                    // "root-g2"
std::string link_of(std::int64_t subject, std::int64_t issuer);  // "g2-by-g1"

/// Certificates of authorities that end when this stage is signed.
struct Ending {
    Authority authority;
    AuthorityCertificate certificate;
    model::Revocation revocation;
};
std::vector<Ending> endings(model::RotationPlan const& plan, std::string const& stage, base::Instant at,
                            Services& services);

}  // namespace consortium::flow
