#pragma once

#include "core/base/json.h"

namespace consortium::model {

inline constexpr int protocol_number = 1;
inline constexpr std::string_view act_type = "application/vnd.consortium.act.v1+json";
inline constexpr std::size_t max_payload = 45'000;
inline constexpr std::size_t max_entry = 65'535;

struct EpochReference {
    std::uint64_t number = 0;
    base::Digest hash;
    bool operator==(EpochReference const&) const = default;
};

/// The content of a signed envelope (PROTOCOL P1). `officer` is empty in acts that the member's seat signs.
/// Field order in JSON is RFC 8785's; every field is always present.
struct Act {
    int protocol = protocol_number;
    std::string kind;  // "ballot", "commit", … see model/kind.h
    base::Digest genesis;
    EpochReference epoch;
    std::string member;
    std::string officer;
    base::Digest key;    // SHA-256 of the SPKI DER, or of the SSH public-key blob
    base::Instant time;  // the author's clock: decides nothing
    base::Instant expires;
    std::string nonce;  // 32 hexadecimal digits
    std::vector<base::Digest> refs;
    base::JsonValue body;
    std::optional<base::Digest> private_part;  // JSON "private": a salted commitment
};

base::Json to_json(Act const& act);
Act act_from_json(base::Json const& value);
/// The act whose canonical JSON text this is. Throws Error(malformed).
Act act_from_text(std::string_view payload);

/// A DSSE envelope with exactly one signature. `scheme` "raw" is the key's own algorithm over the PAE;
/// "sshsig" is an SSH signature (namespace "consortium") over the same bytes.
struct Envelope {
    std::string payload_type{act_type};
    std::string payload;  // the canonical JSON text of the act
    std::string scheme = "raw";
    std::string key_id;  // a hint only (PROTOCOL P2)
    base::Bytes signature;
};

/// The canonical JSON text of the envelope: what is stored, hashed into the journal and sent.
std::string to_text(Envelope const& envelope);
/// Throws Error(malformed): another type, not exactly one signature, over the size, not canonical.
Envelope envelope_from_text(std::string_view text, std::string_view payload_type = act_type);
/// DSSE v1: "DSSEv1" SP LEN(type) SP type SP LEN(body) SP body.
std::string pre_authentication(Envelope const& envelope);
/// Act id = SHA-256(PAE).
base::Digest act_id(Envelope const& envelope);

/// An act that this workspace accepted.
struct StoredAct {
    base::Digest id;
    std::uint64_t index = 0;  // of its journal entry
    base::Instant received;   // this workspace's clock
    Act act;
    std::string envelope;  // the verbatim text
};

/// A signed act as it came: the verbatim text of its envelope, and what is in it.
struct SignedAct {
    std::string text;
    Envelope envelope;
    base::Digest id;
    Act act;
    base::Digest leaf;  // leaf_hash(text)
};
/// Throws Error(malformed).
SignedAct signed_act_from_text(std::string text);

/// What an act is mostly about: an approval's digest, else its first reference, else zero. Indexed by stores.
base::Digest subject_of(Act const& act);

/// An act before it has an author: what flow and agreement ask a signer to make.
struct Draft {
    std::string kind;
    std::vector<base::Digest> refs;
    base::JsonValue body;
    bool by_seat = false;
};

}  // namespace consortium::model
