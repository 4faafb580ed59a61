#pragma once

#include "core/model/epoch.h"

namespace consortium::model {

/// What an organization says of itself before any epoch knows it: founders put it into genesis, applicants
/// hand it in with `member submit`. Written by `init` as out/founder.json, schema "consortium.founder/1".
struct Founder {
    Member member;  // id, name, tier, control_group only; the key ids follow from `keys`
    std::vector<Officer> officers;
    std::vector<Key> keys;  // of the officers, "seat", "log" and "witness"

    Key const& key_of(std::string_view owner) const;  // throws malformed naming the missing one
};

base::Json to_json(Founder const& founder);
/// Throws Error(malformed) with detail "pointer": not exactly one seat, log and witness key; an officer whose
/// key is not listed as theirs; a key without an owner; an id or a key twice; an unknown role; no officer.
Founder founder_from_json(base::Json const& value, std::string pointer = "");

/// Adds the organization to an epoch that is being made: member, officers and keys, in force from `since`.
/// `votes` tells whether its seat takes part from that epoch on: "voting" for founders, "waiting" until
/// `ready`. Roles that the charter grants for a term have it from `joined_at`.
enum class Seat { voting, waiting };
void enroll(Epoch& epoch, Founder const& founder, Seat seat, base::Instant joined_at);

}  // namespace consortium::model
