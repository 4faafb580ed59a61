#pragma once

#include "core/flow/apply.h"
#include "core/flow/authority.h"

namespace consortium::flow {

/// The event that revokes a certificate, and the only one: the next list is made from these events.
inline constexpr std::string_view revoked_event = "certificate.revoked";

/// How long lists hold: a root's is signed by hand, an issuing authority's by a timer.
inline constexpr base::Duration root_crl_life{180 * 86'400};
inline constexpr base::Duration issuing_crl_life{7 * 86'400};

inline constexpr base::Duration delta_crl_life{86'400};

/// One of the lists that an authority signs: for all of its certificates or those of one shard, full or as a
/// delta. Object crl/<name>.
struct CrlScope {
    std::string name;                   // "issuing-1", "issuing-1-shard-3", either with "-delta"
    std::optional<std::int64_t> shard;  // none: every certificate
    std::string base;                   // of a delta: the name of the list that it completes
};
enum class CrlExtent { full, delta };
std::vector<CrlScope> crl_scopes(Authority const& authority, CrlExtent extent);

/// The list that an authority would sign next. Its number is one above the last of the same scope: a list and
/// its deltas are counted together (RFC 5280 5.2.3).
model::CrlContent next_crl(port::Store const& store, Authority const& authority, CrlScope const& scope,
                           base::Instant now, base::Duration life, port::Certifier const& certifier);
/// What the object of a revoked certificate says of its revocation.
model::Revocation revocation_of(model::Object const& certificate);
/// Every certificate of the authority that was revoked.
port::Certifier::Revocations revocations(port::Store const& store, std::string authority);
/// Keeps an authority's whole list, signed elsewhere, and writes object crl/<authority>. Returns its words.
base::Json record_crl(Authority const& authority, base::BytesView der, model::CrlFacts const& facts,
                      Services& services, port::Transaction& transaction);
/// Signs, checks and records the next list of an authority: the last one's entries and what the journal says
/// was revoked since, so that what it costs does not grow with all certificates. Returns its words.
base::Json sign_crl(Authority const& authority, CrlScope const& scope, base::Duration life,
                    Services& services, port::Transaction& transaction);
/// What people and programs are told of object crl/<list>: {"authority","list","number",…}.
base::Json crl_words(model::Object const& list);
/// The DER of the list of this name that was signed last, piece by piece as the store has it, so that a list
/// of any length takes no memory; none before the first. The store must outlive it.
std::optional<port::Pieces> crl_pieces(port::Store const& store, std::string_view list);
/// The same in one.
std::optional<base::Bytes> current_crl(port::Store const& store, std::string_view list);
/// Every list of this workspace's authorities.
std::vector<base::Bytes> held_crls(port::Store const& store);

/// `crl issue [AUTHORITY] [--delta --valid-for]`: of every intermediate whose certificates are in force where
/// none is named; every shard of it.
model::Plan plan_crl_issue(State const& state, model::Request const& request);
/// `crl verify [FILE]`: signature, number and time of a list, or of every list held here.
model::Outcome crl_verify(State const& state, port::Certifier const& certifier,
                          model::Request const& request);
model::Outcome crl_list(State const& state);
/// `crl export [LIST]`: PEM.
model::Outcome crl_export(State const& state, port::Certifier const& certifier,
                          model::Request const& request);

/// "crl.issue": detail {authority, list, life}.
extern Applier const crl_issue_applier;

}  // namespace consortium::flow
