#pragma once

#include "core/base/json.h"
#include "core/model/outcome.h"
#include "core/port/tls_probe.h"

#include <optional>

namespace consortium::port {
class Certifier;
}

namespace consortium::flow {

/// Roots before and after a rotation, and the revocation lists that are held (DER); none: whether anything
/// was revoked is not asked.
struct TrustSets {
    std::vector<base::Bytes> old_roots, new_roots, crls;
};

struct TrustAnswer {
    bool holds = false;
    std::string sentence;  // why, or why not
};

/// What somebody concludes from a chain who trusts the old roots alone, the new ones alone, or both.
struct ChainTrust {
    TrustAnswer old_only, new_only, both;
};

/// Judges a chain as a server presented it, its own certificate first: nothing else is at hand to build a
/// path with. A set without roots holds nothing.
ChainTrust judge_chain(port::Certifier const& certifier, std::vector<base::Bytes> const& chain,
                       TrustSets const& sets, base::Instant now);

/// Whose clients a server takes, as it says itself when it asks for their certificates.
struct ClientTrust {
    std::size_t named = 0;                      // authorities, whoever they are
    bool old_named = false, new_named = false;  // a root of that set is one of them
};

/// One endpoint, and what was seen there from outside.
struct ProbedNode {
    std::string member, node, url, pin;  // as the epoch has them
    port::TlsShown shown;                // failure also "address": the url is none; "plain": it says no TLS
    std::optional<ChainTrust> trust;     // none: nothing was shown
    std::optional<ClientTrust> clients;  // none: it asks for no certificate, or names no authority
    std::optional<bool> pin_holds;       // none: nothing was shown, or no key is pinned
};

/// What an endpoint's pin says: SHA-256 of the server's public key (SPKI DER), in hexadecimal digits. None
/// without a certificate that can be read.
std::optional<base::Digest> presented_key(port::Certifier const& certifier, port::TlsShown const& shown);

/// Looks at every endpoint of an epoch (Epoch::endpoints: {member: {node: {"url","pin"}}}; null: none) at
/// once, each for as long as `deadline` at most; by member and node.
std::vector<ProbedNode> probe_nodes(port::TlsProbe& probe, port::Certifier const& certifier,
                                    base::JsonValue const& endpoints, TrustSets const& sets,
                                    base::Instant now, base::Duration deadline);

/// {"member","node","url","pin","pin_holds","shown","failure","words","protocol","cipher","asks_client",
/// "clients_of":{"named","old","new"}|null,"certificates":[SHA-256 …],"trust":{"old","new","both":{"holds",
/// "sentence"}}|null}
base::Json to_json(ProbedNode const& node);
/// Node by node: old only, new only, both.
model::Table trust_table(std::vector<ProbedNode> const& nodes);

/// Host and port of a url with one of the schemes https, wss, grpcs and tls. Throws Error(malformed) for what
/// is no url, Error(unsupported) for one that says no TLS.
port::TlsPlace tls_place(std::string_view url);

}  // namespace consortium::flow
