#include "core/driver/guide.h"

#include <algorithm>
#include <fmt/format.h>

namespace consortium::driver {

using port::NodeWork;
using port::TrustChange;

namespace {

std::string const roots_pem = "consortium root export -o roots.pem";

// nginx tells clients the names in ssl_client_certificate, and not those in ssl_trusted_certificate (its
// ngx_http_ssl_module): the first is what can be seen from outside.
std::string proxy(TrustChange const& change) {
    std::vector<std::string> parts;
    if (change.adds || change.removes)
        parts.emplace_back("roots.pem as what clients are verified by (nginx: ssl_client_certificate)");
    if (change.presents) parts.emplace_back("the chain of 'consortium cert export SERIAL --chain'");
    return fmt::format("a proxy that ends TLS before it takes {}", fmt::join(parts, ", and "));
}

/// What any server asks for.
NodeWork follow_any(TrustChange const& change) {
    NodeWork out;
    if (change.adds || change.removes) {
        out.files.push_back(roots_pem);
        out.steps.emplace_back("put roots.pem where its software reads the authorities that it trusts");
    }
    if (change.presents) {
        out.files.emplace_back("consortium cert export SERIAL --chain");
        out.steps.emplace_back("put the chain where its software reads what it presents");
    }
    out.restart = "restart it, unless its software is known to read them again";
    out.stops = true;
    return out;
}

// Besu's --rpc-http-tls-truststore-file: besu-docs, pull request 1777. That it reads these files again
// without a restart is said nowhere.
NodeWork follow_besu(TrustChange const& change) {
    NodeWork out;
    if (change.adds || change.removes) {
        out.files.push_back(fmt::format("consortium root export --type besu --password-file FILE -o besu-{}",
                                        change.version));
        out.steps.emplace_back(
            "put truststore.p12 where --rpc-http-tls-truststore-file and --Xp2p-tls-truststore-file say, and "
            "crls.pem where --Xp2p-tls-crl-file says");
    }
    if (change.presents) {
        out.files.emplace_back(
            "consortium cert export SERIAL --form pkcs12 --password-file FILE -o KEYSTORE");
        out.steps.emplace_back(
            "put it where --rpc-http-tls-keystore-file says; where somebody lets the node "
            "in by a fingerprint (knownClients), add that of a new certificate first");
    }
    out.steps.push_back(proxy(change));
    out.restart = "restart Besu, which reads its stores only when it starts; a proxy reads them again";
    out.stops = true;
    return out;
}

// geth has no TLS of its own (go-ethereum, pull request 3506, closed); GoQuorum's security plugin has a
// certificate and a key, and no authorities for clients.
NodeWork follow_geth(TrustChange const& change) {
    NodeWork out;
    if (change.adds || change.removes) out.files.push_back(roots_pem);
    if (change.presents) {
        out.files.emplace_back("consortium cert export SERIAL --chain");
        out.steps.emplace_back("GoQuorum with its security plugin: put the chain where certFile says");
    }
    out.steps.push_back(proxy(change));
    out.restart = "have the proxy read them again";
    if (change.presents) {
        out.restart +=
            "; GoQuorum with its security plugin is restarted, by which its votes that have not "
            "passed are lost: 'consortium operation resume' casts them again";
        out.stops = true;
    }
    return out;
}

// As it was seen on running nodes: identities of a new root get 403 while NodeOUs pin a certificate; an
// update changes one consenter; a node whose certificate no longer matches still calls itself active.
NodeWork follow_fabric(TrustChange const& change) {
    NodeWork out;
    if (change.adds || change.removes) {
        out.files.push_back(fmt::format("consortium root export --type msp -o msp-{}", change.version));
        out.files.push_back(roots_pem);
    }
    if (change.adds)
        out.steps.emplace_back(
            "update this organization's MSP in each channel, signed by its administrators: the new root "
            "beside the old in cacerts and tlscacerts, and 'certificate' cleared in FabricNodeOUs");
    if (change.removes)
        out.steps.emplace_back(
            "first see that an administrator under the root that stays can sign; then that one takes the "
            "other out of the MSP's cacerts and tlscacerts in each channel, with the lists of msp/crls");
    if (change.adds || change.removes)
        out.steps.emplace_back(
            "put roots.pem where the node's own files say: peer.tls.clientRootCAs, "
            "General.TLS.ClientRootCAs, Admin.TLS.ClientRootCAs");
    if (change.presents) {
        out.files.emplace_back("consortium cert export SERIAL --chain");
        out.steps.emplace_back(
            "put the chain where peer.tls.cert or General.TLS.Certificate says: with the "
            "same key that is all; with a new key update the channel first, one "
            "consenter in each update");
    }
    out.restart =
        "restart the node, and go on when consensus_etcdraft_active_nodes is back at its full number: "
        "/healthz and 'active' stay as they were without a quorum";
    out.stops = true;
    return out;
}

// "CCF Raft does not support node restart as the unique identity of each node is tied to the node process
// launch" (CCF, architecture/consensus). Nodes present certificates of the service itself.
NodeWork follow_ccf(TrustChange const& change) {
    NodeWork out;
    if (change.adds || change.removes) {
        out.files.push_back(roots_pem);
        out.steps.emplace_back(
            "propose set_ca_cert_bundle with the certificates of roots.pem for each bundle that the service "
            "has of them, and set_member or set_user for each certificate of theirs that was issued anew");
    }
    out.steps.emplace_back(
        "what its nodes present is certified by the service's own identity, not by this "
        "root: leave it, and set_node_certificate_validity alone renews it");
    out.steps.push_back(proxy(change));
    out.restart = "never restart a node for this: it would not come back as the same one";
    return out;
}

NodeWork follow_rehearsal(TrustChange const&) {
    return {{}, {"nothing: a simulated node presents nothing and trusts nobody"}, "nothing", false};
}

std::string vote_out(model::Node const& node) {
    return fmt::format(
        "consortium proposal open validator.remove --set network={} --set address={} --set member={}",
        node.network, node.address.empty() ? "ADDRESS" : node.address, node.member);
}

/// Success replies prove nothing: a peer that was removed was back within a second, since its static list
/// dials again.
std::vector<std::string> keep_out_besu(model::Node const& node) {
    return {vote_out(node) + ", if it is a validator",
            "at every other node: perm_removeNodesFromAllowlist with its enode, and the same in "
            "permissions_config.toml, since each node checks only who is at the other end",
            "at every other node: take it out of static-nodes.json, then admin_removePeer; see with "
            "'consortium node peers' that it is gone"};
}

std::vector<std::string> keep_out_quorum(model::Node const& node) {
    return {vote_out(node) + ", if it is a validator",
            "raft: look up its id in raft_cluster, then raft_removePeer with that id and no other",
            "its organization's administrator: quorumPermission_updateNodeStatus, before the organization is "
            "suspended, by which a node stays connected",
            "at every other node: take it out of permissioned-nodes.json and static-nodes.json, then "
            "admin_removePeer; see with 'consortium node peers' that it is gone"};
}

std::vector<std::string> keep_out_clique(model::Node const&) {
    return {
        "clique_propose with its address and false at more than half of the signers; clique_discard at each "
        "of them when it is out",
        "at every other node: take it out of static-nodes.json, then admin_removePeer"};
}

std::vector<std::string> keep_out_fabric(model::Node const&) {
    return {
        "consortium root export --type msp -o msp-out",
        "its organization's administrators update the MSP in each channel with msp-out/crls; a list without "
        "the authority's key id locks out the whole organization, so take these as they are",
        "where the organization does nothing: the others take its consenters out, one in each update, then "
        "the organization itself; its access ends at once"};
}

std::vector<std::string> keep_out_ccf(model::Node const&) {
    return {"propose remove_node with its id; it is out when it shows as Retired",
            "once it is in /node/network/removable_nodes: DELETE /node/network/nodes/ID"};
}

std::vector<std::string> keep_out_rehearsal(model::Node const& node) {
    return {R"(set "running" to false in nodes/)" + node.id + ".json of the rehearsal network"};
}

std::vector<std::string> keep_out_any(model::Node const&) {
    return {
        "refuse its connections at every other node and at what stands before them, until it has followed"};
}

// QBFT and IBFT: quorum is two thirds, f = (n - 1) / 3. EIP-225: a signer signs one of floor(n/2) + 1 blocks,
// so as many must sign. Raft (Fabric, CCF): a majority.
int byzantine(int voters) {
    return (voters - 1) / 3;
}
int minority(int voters) {
    return (voters - 1) / 2;
}

struct Row {
    std::string_view kind;
    NodeWork (*follow)(TrustChange const&);
    std::vector<std::string> (*keep_out)(model::Node const&);
    int (*may_be_down)(int voters);
};
constexpr Row rows[]{
    {"besu", follow_besu, keep_out_besu, byzantine},
    {"quorum", follow_geth, keep_out_quorum, byzantine},
    {"clique", follow_geth, keep_out_clique, minority},
    {"fabric", follow_fabric, keep_out_fabric, minority},
    {"ccf", follow_ccf, keep_out_ccf, minority},
    {"rehearsal", follow_rehearsal, keep_out_rehearsal, byzantine},
};
constexpr Row any{"", follow_any, keep_out_any, nullptr};

Row const& row_of(std::string_view kind) {
    auto const* const found = std::ranges::find(rows, kind, &Row::kind);
    return found == std::end(rows) ? any : *found;
}

class Guide : public port::NodeGuide {
public:
    NodeWork follow(std::string_view kind, TrustChange const& change) const override {
        return row_of(kind).follow(change);
    }
    std::vector<std::string> keep_out(model::Node const& node) const override {
        return row_of(node.kind).keep_out(node);
    }
    std::optional<int> may_be_down(std::string_view kind, int voters) const override {
        auto* const count = row_of(kind).may_be_down;
        if (count == nullptr || voters < 1) return std::nullopt;
        return count(voters);
    }
};

}  // namespace

port::NodeGuide const& node_guide() {
    static Guide const guide;
    return guide;
}

}  // namespace consortium::driver
