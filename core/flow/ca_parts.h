#pragma once

#include "core/flow/authority.h"
#include "core/model/verdict.h"

/// What 'ca init' and 'ca add' have in common.
namespace consortium::flow {

inline constexpr base::Duration issuing_life{1825 * 86'400};
inline constexpr base::Duration shortest_issuing_life{86'400};
inline constexpr char const* unbound_member =
    "an intermediate for one member is bound to its names: give --permit";

/// "dns:acme.example", "ip:10.0.0.0/8", "email:acme.example", "uri:acme.example". Throws Error(usage).
model::AlternativeNames read_permitted(std::vector<std::string> const& texts);
/// How an authority's lists are parted: detail {shards, deltas, base_url}.
void check_parts(base::Json const& detail, model::Verdict& verdict);

/// What is called thus is none of an authority's lists, no root, and no other authority of this workspace.
void check_authority_name(State const& state, std::string const& name, model::Verdict& verdict);
/// That the charter has these profiles, and that they are for an intermediate to certify.
void check_purposes(State const& state, std::vector<std::string> const& profiles, model::Verdict& verdict);
/// Whether the key may become an authority's: it is used for nothing else, no certificate of this workspace
/// names it, and it was not revoked as compromised.
bool may_certify(port::Store const& store, base::Digest const& key, port::Certifier const& certifier);
/// One more than the number of intermediates that were made: by it the newest is known.
std::int64_t next_generation(std::vector<Authority> const& all);

/// What an authority's key is for: RFC 5280 4.2.1.3.
std::vector<std::string> authority_usage();

/// An authority that has no certificate yet: detail {stem, algorithm, base_url}, and of an intermediate
/// {ocsp_url, shards, deltas}.
Authority new_authority(base::Json const& detail, std::string role, std::string name);
model::CertificateContent authority_content(base::Bytes const& public_key, base::Instant begin,
                                            base::Instant end);
/// Certifies an intermediate, which certifies no further authority and ends with the root at the latest.
AuthorityCertificate certify_under(Authority const& root, model::CertificateContent content,
                                   Services& services, port::Transaction& transaction);
/// The first of each of an authority's lists.
void sign_first_lists(Authority const& authority, Services& services, port::Transaction& transaction);

}  // namespace consortium::flow
