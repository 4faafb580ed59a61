#pragma once

#include "core/base/secret.h"
#include "core/flow/services.h"
#include "core/model/founder.h"
#include "core/model/plan.h"

namespace consortium::flow {

/// What `init` is told about the organization and the officer whose workspace it makes.
struct NewWorkspace {
    std::string member;
    std::string name;           // of the organization; default: the member's id
    std::string tier;           // default "member"
    std::string control_group;  // default: the member's id
    std::string officer;
    std::string person;              // default: the officer's id
    std::vector<std::string> roles;  // default governance, security
    std::string algorithm;           // of the officer's key; default ed25519
    std::string exchange;            // default location for `exchange`; may be empty
    std::string mode;                // "rehearsal" or empty
};

NewWorkspace new_workspace(model::Request const& request);

/// Makes the officer's key (under the passphrase) and the seat, log and witness keys, which work unattended
/// and are kept unencrypted, readable by their owner only. Returns the organization's record.
model::Founder create_keys(NewWorkspace const& wanted, port::Keyring& keys, base::Secret const& passphrase);

/// The first line of a member's checkpoints, and the name of its log key: "consortium/<member>/<first eight
/// digits of the log key's id>".
std::string journal_origin(model::Member const& member);

/// The same for a log key that no epoch names yet.
std::string journal_origin(std::string const& member, base::Digest const& log_key);

/// What this journal is called: the first line of its signed head; empty while it has none.
std::string own_origin(port::Store const& store);

/// The log key of a journal of this origin: the one in the ring whose id begins as the origin ends, else the
/// one named "log". Throws Error(not_found).
port::KeyInfo log_key_of(port::Keyring const& keys, std::string const& origin);

/// The text of consortium.toml.
std::string settings_text(NewWorkspace const& wanted, std::string const& origin);

}  // namespace consortium::flow
