#pragma once

#include "core/model/act.h"
#include "core/model/role.h"

namespace consortium::model {

/// A public key on its way into an epoch.
struct NewKey {
    std::string algorithm;  // ed25519 | p256 | p384 | ssh
    base::Bytes spki;       // SPKI DER; ssh: the public-key blob

    base::Digest id() const { return base::sha256(spki); }
};

base::Json to_json(NewKey const& key);
/// Throws Error(malformed); also for a key that is_public_key() does not take.
NewKey new_key_from_json(base::Json const& value, std::string const& pointer);

/// An officer on the way into an epoch.
struct NewOfficer {
    std::string id;
    std::string person;
    std::vector<std::string> roles;
    NewKey key;
    RoleEnds ends = {};
};

base::Json to_json(NewOfficer const& officer);
NewOfficer new_officer_from_json(base::Json const& value, std::string const& pointer);
bool is_role(std::string_view role);

/// Body of an act of kind "own": a member changes its own officers, keys or endpoints without ballots. The
/// act refers to the member's previous own change, if there is one. `kind` says which fields are used:
///   officer.add     officer (whole)
///   officer.roles   subject (officer id), roles: all that they have from then on, ends
///   officer.rotate  subject (officer id), key, cause
///   officer.remove  subject (officer id), cause
///   key.replace     subject (seat, log or witness), key, cause
///   endpoint.pin    subject (node id), url, pin      (an empty url removes it)
/// `ends` is left out where no role ends. `cause` is empty for an orderly change, or "compromise".
struct OwnChange {
    std::string kind;
    std::string subject;
    std::optional<NewOfficer> officer;
    std::vector<std::string> roles;
    RoleEnds ends;
    std::optional<NewKey> key;
    std::string cause;
    std::string url, pin;
};

base::Json to_json(OwnChange const& change);
OwnChange own_change_from_json(base::Json const& value);

}  // namespace consortium::model
