#pragma once

#include "core/base/json.h"
#include "core/model/epoch.h"
#include "core/model/verdict.h"

namespace consortium::model {

using base::Json;
using base::JsonValue;

/// How to reach one node. `read_url` is shared with members; `admin_url` and credentials never leave the
/// workspace.
struct Node {
    std::string id;
    std::string member;                              // its owner
    std::string network;                             // Network::id
    std::string kind;                                // rehearsal | besu | …
    std::string read_url;                            // "rehearsal:PATH#NODE", "https://…"
    std::string admin_url;                           // empty for other members' nodes
    std::string address;                             // the validator's identity on the ledger, if it has one
    std::map<std::string, std::string> credentials;  // authorities, certificate, key, bearer: paths
};

struct Health {
    bool ok = false;
    std::uint64_t block = 0;
    std::optional<std::int64_t> block_age;  // seconds
    int peers = 0;
    std::string version;
    std::vector<Rule> findings;  // each look, in words; a halted chain is never ok (G8)
};

struct Peer {
    std::string id, address;
    bool outbound = false;
};

struct Validator {
    std::string address;
    bool seated = true;                                      // in the set; else only voted on
    bool live = true;                                        // proposed or sealed lately
    std::vector<std::string> votes_to_add, votes_to_remove;  // by address, from headers
};

struct Finality {
    std::uint64_t block = 0;
    std::string hash;
    int seals = 0, quorum = 0;
    bool verified = false;  // seals recomputed here
};

/// A certificate that a node is to present from now on.
struct NewCertificate {
    std::string common_name;
    std::string new_issuer;  // who signs it, if not who signed the one before; else empty
};

/// What is to become true on a network.
struct NodeChange {
    std::string kind;     // validator.add | validator.remove | release.upgrade
    std::string subject;  // validator address, or node id for an upgrade
    JsonValue detail;     // release name and digest …
};

/// One call on one node; `call` is the driver's own.
struct NodeStep {
    std::string summary;
    JsonValue call;
};

struct Confirmation {
    enum class State { holds, waiting, contradicted };
    State state = State::waiting;
    std::vector<Rule> witnesses;  // who showed what
    int asked = 0, answered = 0;
};

Json to_json(Node const& node);
Node node_from_json(Json const& value);

}  // namespace consortium::model
