#pragma once

#include "core/flow/apply.h"
#include "core/flow/authority.h"

namespace consortium::flow {

/// How long lists hold: a root's is signed by hand, an issuing authority's by a timer.
inline constexpr base::Duration root_crl_life{180 * 86'400};
inline constexpr base::Duration issuing_crl_life{7 * 86'400};

/// The list that an authority would sign next: number one above the last.
model::CrlContent next_crl(port::Store const& store, Authority const& authority, base::Instant now,
                           base::Duration life, port::Certifier const& certifier);
/// What the object of a revoked certificate says of its revocation.
model::Revocation revocation_of(model::Object const& certificate);
/// Every certificate of the authority that was revoked.
port::Certifier::Revocations revocations(port::Store const& store, std::string authority);
/// Keeps the list as a file and writes object crl/<authority>. Returns {"authority","number",…}.
base::Json record_crl(std::string const& authority, base::BytesView der, model::CrlFacts const& facts,
                      Services& services, port::Transaction& transaction);
/// Signs, checks and records the next list of an authority.
base::Json sign_crl(Authority const& authority, base::Duration life, Services& services,
                    port::Transaction& transaction);
/// The DER of the list that an authority signed last; none before the first.
std::optional<base::Bytes> current_crl(port::Store const& store, std::string_view authority);
/// The list of each authority of this workspace.
std::vector<base::Bytes> held_crls(port::Store const& store);

/// `crl issue [AUTHORITY]`: of the newest issuing authority where none is named.
model::Plan plan_crl_issue(State const& state, model::Request const& request);
/// `crl verify [FILE]`: signature, number and time of a list, or of every list held here.
model::Outcome crl_verify(State const& state, port::Certifier const& certifier,
                          model::Request const& request);
model::Outcome crl_list(State const& state);
/// `crl export [AUTHORITY]`: PEM.
model::Outcome crl_export(State const& state, port::Certifier const& certifier,
                          model::Request const& request);

/// "crl.issue": detail {authority, life}.
extern Applier const crl_issue_applier;

}  // namespace consortium::flow
