#pragma once

#include "core/flow/authority.h"
#include "core/model/verdict.h"

/// What 'ca init' and 'ca add' have in common.
namespace consortium::flow {

inline constexpr base::Duration issuing_life{1825 * 86'400};
inline constexpr base::Duration shortest_issuing_life{86'400};

/// "dns:acme.example", "ip:10.0.0.0/8", "email:acme.example", "uri:acme.example". Throws Error(usage).
model::AlternativeNames read_permitted(std::vector<std::string> const& texts);
/// How an authority's lists are parted: detail {shards, deltas, base_url}.
void check_parts(base::Json const& detail, model::Verdict& verdict);

/// An authority that has no certificate yet: detail {stem, algorithm, base_url}, and of an intermediate
/// {ocsp_url, shards, deltas}.
Authority new_authority(base::Json const& detail, std::string role, std::string name);
model::CertificateContent authority_content(port::KeyInfo const& key, base::Instant begin, base::Instant end);
/// Certifies an intermediate, which certifies no further authority and ends with the root at the latest.
AuthorityCertificate certify_under(Authority const& root, model::CertificateContent content,
                                   Services& services, port::Transaction& transaction);
/// The first of each of an authority's lists.
void sign_first_lists(Authority const& authority, Services& services, port::Transaction& transaction);

}  // namespace consortium::flow
