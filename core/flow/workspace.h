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

/// The text of consortium.toml.
std::string settings_text(NewWorkspace const& wanted, std::string const& origin);

}  // namespace consortium::flow
