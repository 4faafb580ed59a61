#pragma once

#include "core/flow/authority.h"
#include "core/model/root.h"

namespace consortium::flow {

/// What `cert verify` may build a path from.
struct Trust {
    std::vector<base::Bytes> roots;  // trusted: those of the agreed bundle; before one is agreed, ours
    std::vector<base::Bytes> intermediates;  // merely known: ours and the bundle's, links included
};
Trust known_trust(State const& state);

/// Whether this certificate holds at `now`, by all that is known here, the revocation lists included.
model::ChainQuestion question_about(State const& state, base::Bytes certificate);

/// The bundle that this workspace made last (object bundle/trust); it binds nobody before an epoch carries
/// it.
std::optional<model::TrustBundle> held_bundle(port::Store const& store);
/// One above every version that is held or agreed.
std::int64_t next_version(port::Store const& store);
/// A bundle of the authorities of this workspace: the roots that are active, the links between them, and the
/// intermediates below them that are not revoked. `present` is the root whose chains servers show; where it
/// is none of these, the newest.
model::TrustBundle compose_bundle(std::vector<Authority> const& authorities, std::int64_t version,
                                  std::string const& present);
/// Keeps the bundle's file and writes object bundle/trust. Returns {"version","digest"}.
base::Json record_bundle(model::TrustBundle const& bundle, Services& services,
                         port::Transaction& transaction);
/// The same for a bundle of these, one version up, presented as the one before.
base::Json record_next_bundle(std::vector<Authority> const& authorities, Services& services,
                              port::Transaction& transaction);

}  // namespace consortium::flow
