#pragma once

#include "core/model/act.h"

namespace consortium::model {

/// One thing that the projection of the journal knows: a node, a certificate, an operation … `data` is the
/// whole record; the other fields are indexed.
struct Object {
    std::string kind;
    std::string name;
    std::string state;
    std::string member;
    std::optional<base::Instant> due;  // expiry, closing, deadline: what `status` sorts by
    base::JsonValue data;
    std::uint64_t version = 0;  // index of the entry that wrote it, plus one
};

/// A committed internal event (intent, outcome, issuance, epoch seen to be final …). Its leaf shows kind,
/// time and a salted commitment only; the body is what it writes to the projection, and why.
struct Event {
    std::string kind;  // "operation.intent"
    base::Instant time;
    base::JsonValue body;        // free for the kind
    std::vector<Object> writes;  // replace (state "" : erase)
};

enum class EntryKind { act, event, checkpoint };

/// One journal record as stored: `leaf` is the hashed bytes; `body` what a leaf of an event commits to.
struct Entry {
    std::uint64_t index = 0;
    EntryKind kind = EntryKind::act;
    std::string leaf;  // the envelope; the event's public part; the peer's checkpoint in its wrapper
    std::string body;  // event: canonical JSON with the salt; else empty
    base::Instant received;
};

/// RFC 6962 section 2.1: SHA-256(00 ‖ leaf).
base::Digest leaf_hash(std::string_view leaf);

base::Json to_json(Object const& object);
Object object_from_json(base::Json const& value);

}  // namespace consortium::model
