#pragma once

#include "core/flow/apply.h"
#include "core/flow/authority.h"

namespace consortium::flow {

/// The authority of this workspace one of whose certificates has this serial.
std::optional<Authority> authority_of_serial(port::Store const& store, std::string_view serial);

/// `cert revoke SERIAL` of an intermediate or a link: all of its certificates are revoked on the lists of the
/// roots that signed them, and nothing more is issued under it. What must be typed is the caller's to say.
model::Plan plan_authority_revoke(State const& state, Authority const& authority,
                                  model::Request const& request);

/// What says that one certificate of an authority is revoked, as of one that was issued here: by it the
/// root's list and `cert verify` know. `revoked` is {at, reason, compromised}. It belongs into an event of
/// the kind revoked_event.
model::Object revoked_object(Authority const& authority, AuthorityCertificate const& certificate,
                             base::Json const& revoked, port::Certifier const& certifier);

/// "authority.revoke": detail {authority, reason, compromised}.
extern Applier const authority_revoke_applier;

}  // namespace consortium::flow
