#pragma once

#include "core/flow/root_approval.h"
#include "core/flow/share_case.h"

/// The shares of the roots' keys, as far as a rotation is concerned with them: who keeps those of the new key
/// is agreed with its plan, and those of the old key go with it.
namespace consortium::flow {

/// What members have agreed on for a key that a rotation of this workspace makes.
struct AgreedCustodians {
    std::string rotation;  // "g2"
    Custodians custodians;
    bool binding = false;  // until members trust the new root; later on custodians may change, as people do
};
/// None where no rotation makes a key of this name, or its plan names no custodian.
std::optional<AgreedCustodians> agreed_custodians(port::Store const& store, std::string const& key);

/// The shares of a rotation's new key.
struct NewRootShares {
    std::string key;                   // "ca-root-g2"
    Custodians agreed;                 // none where the plan names none
    std::optional<ShareCase> deal;     // the keeper's, in force
    std::vector<std::string> missing;  // of the agreed ones, who have not proven to keep a share
};
NewRootShares new_root_shares(State const& state, port::Verifier const& verifier, Rotation const& rotation);
/// Phase 1 ends with the shares: pending until every agreed custodian keeps one. An emergency waits for
/// nobody.
model::Verdict shares_verdict(State const& state, port::Verifier const& verifier, Rotation const& rotation);

/// The keeper's deals of the key that a rotation retires, the one that was in force last; "root-g1".
std::vector<ShareCase> old_root_shares(State const& state, port::Verifier const& verifier,
                                       Rotation const& rotation);

/// What `root show` says of both: {"shares", "old_shares"}, either null, and its lines for people.
struct SharesShown {
    base::JsonValue fresh, old;
    std::vector<std::pair<std::string, std::string>> rows;
    std::string next;  // for this officer; may be empty
};
SharesShown shares_shown(State const& state, port::Verifier const& verifier, Rotation const& rotation);

/// `root destroy`: what is here of the deals of the key is destroyed with it, and their custodians are named.
void add_end_of_shares(State const& state, port::Verifier const& verifier, Rotation const& rotation,
                       model::Plan& plan);

}  // namespace consortium::flow
