#pragma once

#include "core/model/act.h"
#include "core/model/charter.h"
#include "core/model/role.h"

namespace consortium::model {

/// A public key, registered once, ever (PROTOCOL, Keys).
struct Key {
    base::Digest id;
    std::string algorithm;  // "ed25519", "p256", "p384", "ssh"
    base::Bytes spki;       // SPKI DER; for SSH keys the public-key blob
    std::string member;
    std::string owner;              // an officer's id, or "seat", "log", "witness"
    std::string status = "active";  // active | retired | removed (for cause)
    std::string cause;              // of a removal: "compromise", "expulsion"
    std::uint64_t since = 0;        // the epoch from which it holds
};

struct Officer {
    std::string id;  // a pseudonym, unique in the consortium
    std::string member;
    std::string person;              // counts once in an approval; pseudonymous
    std::vector<std::string> roles;  // governance security legal operator auditor automation
    base::Digest key;
    std::string status = "active";  // active | suspended | removed
    RoleEnds ends = {};             // of roles that were granted for a time

    /// The roles that the officer has at this instant.
    std::vector<std::string> roles_at(base::Instant when) const { return model::roles_at(roles, ends, when); }
};

struct Member {
    std::string id;
    std::string name;  // of the organization
    std::string tier;
    std::string control_group;      // organizations under one control count once in an approval
    std::string status = "active";  // active | suspended | left | expelled
    std::uint64_t joined = 0;       // epoch number
    base::Instant joined_at;        // for proration: when its admitting epoch's proposal closed
    std::optional<base::Instant> left_at;
    std::optional<base::Instant> suspended_until;  // of a suspension that ends by itself
    base::Digest seat, log, witness;               // key ids
    bool votes = false;                            // its seat is ready (PROTOCOL P4); founders from epoch 0

    /// Neither left nor expelled.
    bool belongs() const { return status == "active" || status == "suspended"; }
};

struct Network {
    std::string id;        // the name that plans and nodes use
    std::string kind;      // rehearsal | besu | quorum | clique | fabric | ccf
    std::string identity;  // genesis block hash; channel and its genesis hash; service identity hash
};

/// What became of a proposal.
struct Result {
    base::Digest proposal;
    std::string action;      // the kind, e.g. "member.admit"
    base::JsonValue detail;  // the action's canonical body, so that an epoch explains itself
    std::string outcome;     // passed | failed | void | withdrawn | continues | panel | lapsed
    std::vector<base::Digest> statements;
    std::vector<base::Digest> counted;
    std::vector<std::pair<base::Digest, std::string>> excluded;  // id, reason
    base::JsonValue tally;                                       // policy::to_json of the tally
    std::string reason;  // of "void", "lapsed", "continues", and of what a panel carried; else empty
};

/// A vote that went on after it closed first: an expedited one that did not pass then, or one whose quorum
/// was reached late.
struct Continuation {
    base::Digest proposal;
    std::int64_t stage = 1;  // how often it went on
    base::Instant closes;    // now
    bool operator==(Continuation const&) const = default;
};

/// What an emergency did, or what stands until it is lifted.
struct Measure {
    base::Digest proposal;
    std::string action, network;
    base::Digest digest;  // of the action: whatever passes with it by the ordinary vote ratifies it
    std::optional<base::Instant> ends;  // unless ratified before; none: it stands
    base::JsonValue before;  // what is put back when it ends: release.upgrade: the release; else null
};

/// When a vote on something closed, after which the charter lets the same be proposed again only later.
struct Cooling {
    std::string subject;  // a failed action's digest; of an emergency "action/network"
    base::Instant closed, until;
};

/// The agreed governance state (PROTOCOL P4). Lists are sorted by id.
struct Epoch {
    std::uint64_t number = 0;
    base::Digest previous;  // zero in epoch 0
    int protocol = 1;
    bool rehearsal = false;  // set in genesis, for ever
    base::Instant founded;   // genesis: when; makes the document unique together with its keys
    Charter charter;
    std::vector<Member> members;
    std::vector<Officer> officers;
    std::vector<Key> keys;
    std::vector<Network> networks;
    base::JsonValue endpoints;     // pins of the members' own nodes: {member: {node: {"url","pin"}}}, or null
    base::JsonValue trust_bundle;  // model/root.h; null before the first root
    base::JsonValue releases;  // enacted upgrades by network: {"payments":{"release":"…","digest":"…"}}
    std::vector<base::Digest> own_changes;
    std::vector<Result> results;
    // Left out of the document where they are empty.
    std::vector<Continuation> continuing;  // by proposal
    std::vector<Measure> measures;         // by proposal
    std::vector<Cooling> cooling;          // by subject

    Member const* member(std::string_view id) const;
    Officer const* officer(std::string_view id) const;
    Key const* key(base::Digest const& id) const;
    Continuation const* continuation(base::Digest const& proposal) const;
    /// Members whose seat takes part in agreement, sorted by id: active, ready, of a tier that may vote.
    std::vector<Member const*> voting() const;
};

/// n, f and q of PROTOCOL P4 over the voting members, q raised by the charter where it says so.
struct Sizes {
    int n = 0, f = 0, q = 0;
};
Sizes sizes(int n, int raised_quorum = 0);
Sizes sizes(Epoch const& epoch);

base::Json to_json(Epoch const& epoch);
/// Strict; lists must be sorted by id, each id once. Throws Error(malformed) with detail "pointer".
Epoch epoch_from_json(base::Json const& value);
/// The epoch's file: canonical JSON; its SHA-256 is the epoch's hash.
std::string document(Epoch const& epoch);
/// Reads an epoch's file: canonical, at most 16 MiB. Throws Error(malformed).
Epoch epoch_from_document(std::string_view text);
EpochReference reference(Epoch const& epoch);

/// What a glance at an epoch tells about one member and one of its officers.
struct EpochOutline {
    std::string consortium;           // the charter's name
    std::string member_status;        // as Member::status; empty: no such member
    std::string tier;                 // of the member
    std::vector<std::string> rights;  // of that tier
    std::vector<std::string> roles;   // of the officer while it is active; empty: none
    std::vector<std::string> members;
    std::map<std::string, std::vector<std::string>> electorates;  // tiers by the action that they decide
    std::map<std::string, std::vector<std::string>> gates;        // roles that check, by gate
    std::vector<std::string> root_approvers;                      // roles of the approval rule "root"
    struct RoleEnd {
        std::string officer, role;
        base::Instant end;
    };
    std::vector<RoleEnd> role_ends;  // of the member's officers
    struct Lapse {
        base::Digest proposal;
        std::string action, network;
        base::Instant end;
    };
    std::vector<Lapse> lapses;  // measures of emergencies that end unless they are ratified
};
/// Reads the outline out of the file of an epoch that was checked when it was accepted. Throws
/// Error(malformed).
EpochOutline outline(std::string_view document, std::string_view member, std::string_view officer = {});

}  // namespace consortium::model
